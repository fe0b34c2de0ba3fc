/** The key of a request, whatever form it is given in → its ARN, which policies of roles need. */
import * as aws from '@pulumi/aws';
import type { Place } from './place.ts';

/**
 * A copy of the request whose `kms_key_arn`, if any, is the ARN of a key. An id is one of the deployment's account and region;
 * an alias is looked up, so the account may name the key of the day by an alias.
 * @throws the provider's error for an alias that does not exist
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 */
export async function withKeyArn<Request extends { kms_key_arn?: string }>(
  request: Request,
  place: Place,
  provider: aws.Provider,
): Promise<Request> {
  const { kms_key_arn: key } = request;
  if (!key || /:key\//.test(key)) return request;
  const arn = key.includes('alias/')
    ? (await aws.kms.getKey({ keyId: key }, { provider })).arn
    : `arn:${place.partition}:kms:${place.region}:${place.accountId}:key/${key}`;
  return { ...request, kms_key_arn: arn };
}
