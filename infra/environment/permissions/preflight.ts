/** Permissions of the deployment role: read-only checks of what a request refers to, before anything is created. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, globalArn } from '../scope.ts';

export function readForPreflight(scope: Scope): Statement[] {
  const assets = globalArn(scope, 's3', scope.assetsBucket);
  return [
    // Whether a bucket exists, and anything below a prefix in it; this lists objects, but does not read them.
    {
      Sid: 'LookIntoBuckets',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: [...new Set([assets, ...scope.dataBucketArns])],
    },
    // S3 returns an object's size and date only to callers who may read it.
    { Sid: 'LookAtArtifacts', Effect: 'Allow', Action: 's3:GetObject', Resource: `${assets}/*` },
    {
      // Repositories of other accounts have their own policies.
      Sid: 'LookAtImages',
      Effect: 'Allow',
      Action: 'ecr:DescribeImages',
      Resource: arn(scope, 'ecr', 'repository/*', '*'),
    },
    {
      // So do their registries.
      Sid: 'LookAtModelPackages',
      Effect: 'Allow',
      Action: 'sagemaker:DescribeModelPackage',
      Resource: arn(scope, 'sagemaker', 'model-package/*', '*'),
    },
    { Sid: 'LookAtKeys', Effect: 'Allow', Action: 'kms:DescribeKey', Resource: [...scope.dataKeyArns] },
    {
      // CloudWatch describes composite alarms only with permission for all resources.
      // @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
      Sid: 'LookAtAlarms',
      Effect: 'Allow',
      Action: 'cloudwatch:DescribeAlarms',
      Resource: '*',
    },
    {
      // List actions do not support resources.
      Sid: 'LookAtQuotas',
      Effect: 'Allow',
      Action: ['servicequotas:ListAWSDefaultServiceQuotas', 'servicequotas:ListServiceQuotas'],
      Resource: '*',
    },
    ...(scope.offLimits.length > 0
      ? [{ Sid: 'OffLimits', Effect: 'Deny' as const, Action: '*', Resource: [...scope.offLimits] }]
      : []),
  ];
}
