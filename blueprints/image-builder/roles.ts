/** Permissions of the pipeline, of the build, and of the rule that starts them. */
import type * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../shared/aws/place.ts';
import type { Statement } from '../shared/aws/policies.ts';
import { literal, policy, trustOf } from '../shared/aws/policies.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import { createServiceRole } from '../shared/aws/roles.ts';
import { writeLog } from '../shared/aws/statements.ts';

interface RoleArgs {
  place: Place;
  permissionsBoundaryArn?: string | undefined;
}

/** The role of the build: its log, the zip that the pipeline hands over, and one repository to push to. */
export function createBuildRole(
  name: string,
  args: RoleArgs & { repositoryArn: string; artifacts: aws.s3.Bucket; logGroup: aws.cloudwatch.LogGroup },
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  return createServiceRole(
    `${name}-build`,
    {
      description: `Image builds of ${name}`,
      trust: trustOf('codebuild.amazonaws.com', args.place.accountId),
      policy: pulumi.all([args.artifacts.arn, args.logGroup.arn]).apply(([artifactsArn, logGroupArn]) =>
        policy(
          {
            Sid: 'ReadSource',
            Effect: 'Allow',
            Action: ['s3:GetObject', 's3:GetObjectVersion'],
            Resource: `${artifactsArn}/*`,
          },
          writeLog(logGroupArn),
          {
            Sid: 'PushImage',
            Effect: 'Allow',
            Action: [
              'ecr:BatchCheckLayerAvailability',
              'ecr:BatchGetImage',
              'ecr:CompleteLayerUpload',
              'ecr:GetDownloadUrlForLayer',
              'ecr:InitiateLayerUpload',
              'ecr:PutImage',
              'ecr:UploadLayerPart',
            ],
            Resource: args.repositoryArn,
          },
          // A token is for the whole registry: ECR has no resource to name.
          { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
        ),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}

/** The role of the pipeline: read one key of the assets bucket, keep artifacts, start one project. */
export function createPipelineRole(
  name: string,
  args: RoleArgs & {
    assetsBucket: string;
    sourceKey: string;
    artifacts: aws.s3.Bucket;
    project: aws.codebuild.Project;
  },
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  const assets = `arn:${args.place.partition}:s3:::${args.assetsBucket}`;
  return createServiceRole(
    `${name}-pipeline`,
    {
      description: `Image pipeline of ${name}`,
      trust: trustOf('codepipeline.amazonaws.com', args.place.accountId),
      policy: pulumi.all([args.artifacts.arn, args.project.arn]).apply(([artifactsArn, projectArn]) =>
        policy(
          {
            Sid: 'ReadSource',
            Effect: 'Allow',
            Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetObjectVersionTagging'],
            Resource: `${assets}/${literal(args.sourceKey)}`,
          },
          {
            Sid: 'LookAtSourceBucket',
            Effect: 'Allow',
            Action: ['s3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'],
            Resource: assets,
          },
          ...keepArtifacts(artifactsArn),
          {
            Sid: 'Build',
            Effect: 'Allow',
            Action: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild'],
            Resource: projectArn,
          },
        ),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html */
function keepArtifacts(bucketArn: string): Statement[] {
  return [
    {
      Sid: 'LookAtArtifactBucket',
      Effect: 'Allow',
      Action: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning'],
      Resource: bucketArn,
    },
    {
      Sid: 'KeepArtifacts',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
      Resource: `${bucketArn}/*`,
    },
  ];
}

/** The role of the rule: start this pipeline. */
export function createStartRole(
  name: string,
  args: RoleArgs & { pipeline: aws.codepipeline.Pipeline },
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  return createServiceRole(
    `${name}-start`,
    {
      description: `Starts the image pipeline of ${name}`,
      trust: trustOf('events.amazonaws.com'),
      policy: args.pipeline.arn.apply((arn) =>
        policy({ Sid: 'Start', Effect: 'Allow', Action: 'codepipeline:StartPipelineExecution', Resource: arn }),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}
