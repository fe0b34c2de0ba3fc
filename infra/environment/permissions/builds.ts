/** Permissions of the deployment role: image builders, with the bucket for their source. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, globalArn } from '../scope.ts';

export function manageBuilds(scope: Scope): Statement[] {
  return [
    {
      Sid: 'ManageProjects',
      Effect: 'Allow',
      Action: [
        'codebuild:BatchGetProjects',
        'codebuild:CreateProject',
        'codebuild:DeleteProject',
        'codebuild:UpdateProject',
      ],
      Resource: arn(scope, 'codebuild', `project/${scope.prefix}-*`),
    },
    {
      Sid: 'ManagePipelines',
      Effect: 'Allow',
      Action: [
        'codepipeline:CreatePipeline',
        'codepipeline:DeletePipeline',
        'codepipeline:GetPipeline',
        'codepipeline:ListTagsForResource',
        'codepipeline:TagResource',
        'codepipeline:UntagResource',
        'codepipeline:UpdatePipeline',
      ],
      Resource: arn(scope, 'codepipeline', `${scope.prefix}-*`),
    },
    ...manageArtifacts(scope),
  ];
}

function manageArtifacts(scope: Scope): Statement[] {
  const bucket = globalArn(scope, 's3', `${scope.prefix}-*-artifacts-*`);
  return [
    {
      Sid: 'ManageArtifacts',
      Effect: 'Allow',
      Action: [
        's3:CreateBucket',
        's3:DeleteBucket',
        's3:DeleteBucketPolicy',
        's3:PutBucketPolicy',
        's3:PutBucketPublicAccessBlock',
        's3:PutBucketTagging',
        's3:PutEncryptionConfiguration',
        's3:PutLifecycleConfiguration',
        's3:TagResource',
        's3:UntagResource',
        // The provider reads every setting of a bucket, whether or not the program sets it.
        's3:GetAccelerateConfiguration',
        's3:GetBucketAcl',
        's3:GetBucketCORS',
        's3:GetBucketLocation',
        's3:GetBucketLogging',
        's3:GetBucketObjectLockConfiguration',
        's3:GetBucketPolicy',
        's3:GetBucketPublicAccessBlock',
        's3:GetBucketRequestPayment',
        's3:GetBucketTagging',
        's3:GetBucketVersioning',
        's3:GetBucketWebsite',
        's3:GetEncryptionConfiguration',
        's3:GetLifecycleConfiguration',
        's3:GetReplicationConfiguration',
        's3:ListTagsForResource',
        's3:ListBucket',
        's3:ListBucketVersions',
      ],
      Resource: bucket,
    },
    // The bucket is deleted with its content.
    {
      Sid: 'EmptyArtifacts',
      Effect: 'Allow',
      Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
      Resource: `${bucket}/*`,
    },
  ];
}
