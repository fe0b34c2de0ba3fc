/** The standard for all our buckets: private, versioned, encrypted, TLS only, with access logs and expiring old versions. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { ResourceStatement } from '../environment/sharing.ts';
import { resourcePolicy } from '../environment/sharing.ts';
import { keptOf } from './options.ts';

export interface SecureBucketArgs {
  /** Bucket for its access logs, below a prefix with its name; none for the log bucket itself. */
  accessLogBucket?: pulumi.Input<string> | undefined;
  /** Key to encrypt with; default: S3's own. Readers in other accounts would need permissions for the key as well. */
  keyArn?: pulumi.Input<string> | undefined;
  /** Days after which objects expire; default: never. */
  expireAfterDays?: number | undefined;
  /** Further statements of its policy. A bucket has only one policy, so all others must be passed here. */
  statements?: ((bucket: string, arn: string) => readonly ResourceStatement[]) | undefined;
  /** Whether S3 sends events to EventBridge. Default false. */
  events?: boolean | undefined;
}

/** Old versions exist to undo a mistake, which should be noticed within this time. */
const NONCURRENT_DAYS = 90;
const ABANDONED_UPLOAD_DAYS = 7;

/** Kept, with its content, when the stack is destroyed. */
export class SecureBucket extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: SecureBucketArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:SecureBucket', name, {}, options);
    const { bucket, arn } = new aws.s3.Bucket(name, {}, keptOf(this));
    this.name = bucket;
    this.arn = arn;
    createSettings(name, bucket, args, this);
    createPolicy(name, { bucket, arn }, args.statements, this);
    if (args.events) new aws.s3.BucketNotification(name, { bucket, eventbridge: true }, keptOf(this));
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}

/** All kept with the bucket: without them it would be public, or grow without limit. */
function createSettings(
  name: string,
  bucket: pulumi.Output<string>,
  args: SecureBucketArgs,
  parent: pulumi.Resource,
): void {
  const kept = keptOf(parent);
  new aws.s3.BucketOwnershipControls(name, { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } }, kept);
  new aws.s3.BucketPublicAccessBlock(
    name,
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    kept,
  );
  const versioning = new aws.s3.BucketVersioning(
    name,
    { bucket, versioningConfiguration: { status: 'Enabled' } },
    kept,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    {
      bucket,
      rules: [
        args.keyArn
          ? {
              applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: args.keyArn },
              // One KMS call for many objects.
              bucketKeyEnabled: true,
            }
          : { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } },
      ],
    },
    kept,
  );
  new aws.s3.BucketLifecycleConfiguration(
    name,
    {
      bucket,
      rules: [
        {
          id: 'expire-old-objects',
          status: 'Enabled',
          filter: {},
          abortIncompleteMultipartUpload: { daysAfterInitiation: ABANDONED_UPLOAD_DAYS },
          noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
          ...(args.expireAfterDays ? { expiration: { days: args.expireAfterDays } } : {}),
        },
      ],
    },
    // S3 applies rules on old versions only once versioning is enabled.
    { ...kept, dependsOn: [versioning] },
  );
  if (args.accessLogBucket) {
    new aws.s3.BucketLogging(
      name,
      { bucket, targetBucket: args.accessLogBucket, targetPrefix: pulumi.interpolate`${bucket}/` },
      kept,
    );
  }
}

function createPolicy(
  name: string,
  { bucket, arn }: { bucket: pulumi.Output<string>; arn: pulumi.Output<string> },
  statements: SecureBucketArgs['statements'],
  parent: pulumi.Resource,
): void {
  const policy = pulumi
    .all([bucket, arn])
    .apply(([bucketName, bucketArn]) =>
      JSON.stringify(resourcePolicy(refuseWithoutTls(bucketArn), ...(statements?.(bucketName, bucketArn) ?? []))),
    );
  new aws.s3.BucketPolicy(name, { bucket, policy }, keptOf(parent));
}

function refuseWithoutTls(bucketArn: string): ResourceStatement {
  return {
    Sid: 'RefuseWithoutTls',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
}

/** Lets S3 deliver the access logs of this account's buckets. */
export function takeAccessLogs(bucketArn: string, accountId: string): ResourceStatement {
  return {
    Sid: 'TakeAccessLogs',
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: `${bucketArn}/*`,
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  };
}
