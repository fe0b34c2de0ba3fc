/** Errors worded as those of the real provider: the service and call that failed, with AWS' error code. */
import { randomUUID } from 'node:crypto';
import { ProviderError } from '../provider.ts';

/** Codes that are in no API model: the AWS SDK for Go prints these as `api error CODE`, the others as their type. */
const UNMODELLED = new Set([
  'AccessDenied',
  'AccessControlListNotSupported',
  'BucketNotEmpty',
  'InvalidArgument',
  'InvalidBucketName',
  'InvalidParameter',
  'InvalidTargetBucketForLogging',
  'MalformedPolicy',
  'NoSuchBucket',
  'ValidationError',
  'ValidationException',
]);

/** A refusal by the (simulated) cloud, before it is put into the words of the provider. */
export class AwsRefusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = 'AwsRefusal';
    this.code = code;
    this.status = status;
  }
}

/** Ends a call the way AWS would. @throws AwsRefusal always */
export function refuse(code: string, message: string, status = 400): never {
  throw new AwsRefusal(code, message, status);
}

/** `operation error SageMaker: CreateEndpoint, https response error StatusCode: 400, RequestID: …, api error …`. */
export function operationError(sdkId: string, operation: string, refusal: AwsRefusal): string {
  const error = UNMODELLED.has(refusal.code) ? `api error ${refusal.code}` : refusal.code;
  return (
    `operation error ${sdkId}: ${operation}, https response error StatusCode: ${refusal.status}, ` +
    `RequestID: ${randomUUID()}, ${error}: ${refusal.message}`
  );
}

/** The whole message of a failed call on a resource: `creating SageMaker AI Endpoint (name): operation error …`. */
export function resourceError(
  verb: 'creating' | 'updating' | 'deleting' | 'reading',
  what: { title: string; name: string; sdkId: string; operation: string },
  refusal: AwsRefusal,
): ProviderError {
  const cause = operationError(what.sdkId, what.operation, refusal);
  return new ProviderError(`${verb} ${what.title} (${what.name}): ${cause}`, { cause: refusal });
}

/** The SDK names its errors by AWS's code. */
export async function namedByCode<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AwsRefusal) error.name = error.code;
    throw error;
  }
}
