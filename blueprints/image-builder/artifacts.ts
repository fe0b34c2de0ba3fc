/** The bucket through which CodePipeline passes the source to the build. */
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';

/** Sources are needed for as long as a build runs; this leaves time to investigate a failed one. */
const EXPIRES_DAYS = 30;

export interface ArtifactBucket {
  bucket: aws.s3.Bucket;
  /** Whatever writes to the bucket depends on these, else it may write before the bucket is closed. */
  protection: pulumi.Resource[];
}

/** Creates a private, TLS-only bucket that is deleted with the stack even if it is not empty. */
export function createArtifactBucket(name: string, options: pulumi.CustomResourceOptions): ArtifactBucket {
  // Bucket names are unique in the whole of AWS: the random part of the generated one sees to that.
  const bucket = new aws.s3.Bucket(`${name}-artifacts`, { forceDestroy: true }, options);
  const access = new aws.s3.BucketPublicAccessBlock(
    `${name}-artifacts-access`,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    options,
  );
  const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-artifacts-encryption`,
    {
      bucket: bucket.bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    },
    options,
  );
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-artifacts-expiry`,
    {
      bucket: bucket.bucket,
      rules: [
        {
          id: 'expire',
          status: 'Enabled',
          filter: { prefix: '' },
          expiration: { days: EXPIRES_DAYS },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
    options,
  );
  const policy = new aws.s3.BucketPolicy(
    `${name}-artifacts-policy`,
    { bucket: bucket.bucket, policy: bucket.arn.apply((arn) => JSON.stringify(overTlsOnly(arn))) },
    // S3 answers OperationAborted where both change at the same time.
    { ...options, dependsOn: [access] },
  );
  return { bucket, protection: [access, encryption, policy] };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html */
function overTlsOnly(bucketArn: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'OverTlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [bucketArn, `${bucketArn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  };
}
