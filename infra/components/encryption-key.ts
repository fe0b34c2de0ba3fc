/** The one customer managed key: secrets, state, database, notifications and logs of the orchestrator are encrypted with it. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import { childOf, keptOf } from './options.ts';

const DATA_KEYS = ['kms:GenerateDataKey', 'kms:GenerateDataKeyWithoutPlaintext'];
const USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', ...DATA_KEYS];

/**
 * In a key policy `*` is the key itself. The account's own statement leaves the rest to IAM, as AWS advises; AWS services may
 * use the key for this account's resources only.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
function keyPolicy(place: Place): string {
  const logs = `arn:${place.partition}:logs:${place.region}:${place.accountId}:log-group:*`;
  const topics = `arn:${place.partition}:sns:${place.region}:${place.accountId}:*`;
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'LeaveToIam',
        Effect: 'Allow',
        Principal: { AWS: `arn:${place.partition}:iam::${place.accountId}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
      {
        Sid: 'Logs',
        Effect: 'Allow',
        Principal: { Service: `logs.${place.region}.${place.dnsSuffix}` },
        Action: USE,
        Resource: '*',
        // CloudWatch Logs sends the log group as encryption context, and no source account.
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logs } },
      },
      {
        Sid: 'Alarms',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['kms:Decrypt', ...DATA_KEYS],
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceAccount': place.accountId } },
      },
      {
        // EventBridge sends neither aws:SourceAccount nor aws:SourceArn when it publishes to an encrypted topic: such a
        // condition would drop every event without a trace. The topic in the encryption context bounds the statement instead.
        // @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
        Sid: 'Events',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['kms:Decrypt', ...DATA_KEYS],
        Resource: '*',
        Condition: { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': topics } },
      },
    ],
  });
}

/** Kept when the stack is destroyed: snapshots, state and secrets that are kept cannot be read without it. */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: { place: Place }, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:EncryptionKey', name, {}, options);
    const key = new aws.kms.Key(
      name,
      {
        description: 'MLOps Workload Orchestrator: secrets, state, database, notifications, logs',
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: keyPolicy(args.place),
      },
      keptOf(this),
    );
    new aws.kms.Alias(name, { targetKeyId: key.keyId }, childOf(this));
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
