/** Rights of the deployment role: a look at what a request names, before anything is made. Reads only. */
import type { Statement } from '../../../blueprints/shared/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, globalArn } from '../scope.ts';

export function lookAhead(scope: Scope): Statement[] {
  const assets = globalArn(scope, 's3', scope.assetsBucket);
  return [
    { Sid: 'LookAtAssets', Effect: 'Allow', Action: ['s3:GetBucketLocation', 's3:ListBucket'], Resource: assets },
    // S3 tells of an object's size and date only those who may read it.
    { Sid: 'LookAtArtifacts', Effect: 'Allow', Action: 's3:GetObject', Resource: `${assets}/*` },
    {
      // Other accounts' repositories have a say of their own.
      Sid: 'LookAtImages',
      Effect: 'Allow',
      Action: ['ecr:DescribeImages', 'ecr:DescribeRepositories'],
      Resource: arn(scope, 'ecr', 'repository/*', '*'),
    },
    { Sid: 'LookAtKeys', Effect: 'Allow', Action: 'kms:DescribeKey', Resource: [...scope.dataKeyArns] },
    {
      Sid: 'LookAtQuotas',
      Effect: 'Allow',
      Action: 'servicequotas:GetServiceQuota',
      Resource: arn(scope, 'servicequotas', 'sagemaker/*'),
    },
  ];
}
