/** The Pulumi component of an image builder: a zip in S3 → CodeBuild → an image in Amazon ECR. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { consoleHost } from '../shared/aws/partitions.ts';
import { notifyOnChange } from '../shared/aws/notification.ts';
import type { ImageBuilderArgs } from './args.ts';
import type { ArtifactBucket } from './artifacts.ts';
import { createArtifactBucket } from './artifacts.ts';
import { buildspec } from './buildspec.ts';
import { createBuildRole, createPipelineRole, createStartRole } from './roles.ts';

/** S3 takes 63 characters for a bucket: `<name>-artifacts-1234567`; IAM 64 for a role. */
export const NAME_LIMIT = 40;
const LOG_RETENTION_DAYS = 30;
/** Longer than any image of a model takes; a build that hangs costs money. In minutes. */
const BUILD_TIMEOUT = 60;

/**
 * Builds an image whenever its source or the request changes.
 *
 * ```ts
 * new ImageBuilder('v1', { place, assetsBucket, sourceKey: 'churn.zip', repositoryName: 'algorithms', imageTag: 'v1' }, { provider });
 * ```
 */
export class ImageBuilder extends pulumi.ComponentResource {
  readonly pipelineName: pulumi.Output<string>;
  /** Page of the pipeline in the AWS console. */
  readonly pipelineUrl: pulumi.Output<string>;
  readonly projectName: pulumi.Output<string>;
  readonly imageUri: string;
  /** ARNs of the roles that CodeBuild, CodePipeline and the rule for new zips take. */
  readonly buildRoleArn: pulumi.Output<string>;
  readonly pipelineRoleArn: pulumi.Output<string>;
  readonly startRoleArn: pulumi.Output<string>;

  /** @param name prefix of all names: lower case letters, digits and inner hyphens, at most {@link NAME_LIMIT} characters */
  constructor(name: string, args: ImageBuilderArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:image-builder:ImageBuilder', name, {}, options);
    const inside: pulumi.CustomResourceOptions = { parent: this };
    const { place } = args;
    const registry = `${place.accountId}.dkr.ecr.${place.region}.${place.dnsSuffix}`;
    this.imageUri = `${registry}/${args.repositoryName}:${args.imageTag}`;

    const artifacts = createArtifactBucket(name, inside);
    const project = createProject(
      name,
      args,
      { registry, imageUri: this.imageUri, artifacts: artifacts.bucket },
      inside,
    );
    const pipeline = createPipeline(name, { ...args, imageUri: this.imageUri }, artifacts, project, inside);
    this.startRoleArn = startOnNewSource(name, args, pipeline, inside);
    notifyOfBuilds(name, args, pipeline, inside);

    this.pipelineName = pipeline.name;
    this.pipelineUrl = pulumi.interpolate`https://${place.region}.${consoleHost(place.partition)}/codesuite/codepipeline/pipelines/${pipeline.name}/view`;
    this.projectName = project.name;
    this.buildRoleArn = project.serviceRole;
    this.pipelineRoleArn = pipeline.roleArn;
    this.registerOutputs({
      pipelineName: this.pipelineName,
      pipelineUrl: this.pipelineUrl,
      projectName: this.projectName,
      imageUri: this.imageUri,
      buildRoleArn: this.buildRoleArn,
      pipelineRoleArn: this.pipelineRoleArn,
      startRoleArn: this.startRoleArn,
    });
  }
}

function createProject(
  name: string,
  args: ImageBuilderArgs,
  target: { registry: string; imageUri: string; artifacts: aws.s3.Bucket },
  options: pulumi.CustomResourceOptions,
): aws.codebuild.Project {
  const { place, repositoryName } = args;
  const logGroup = new aws.cloudwatch.LogGroup(`${name}-build-log`, { retentionInDays: LOG_RETENTION_DAYS }, options);
  const repositoryArn = `arn:${place.partition}:ecr:${place.region}:${place.accountId}:repository/${repositoryName}`;
  const { role, policy } = createBuildRole(
    name,
    { ...args, repositoryArn, artifacts: target.artifacts, logGroup },
    options,
  );
  return new aws.codebuild.Project(
    `${name}-build`,
    {
      description: `Builds ${target.imageUri}`,
      serviceRole: role.arn,
      buildTimeout: BUILD_TIMEOUT,
      artifacts: { type: 'CODEPIPELINE' },
      source: { type: 'CODEPIPELINE', buildspec: buildspec() },
      environment: {
        type: 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_SMALL',
        image: 'aws/codebuild/standard:7.0',
        // Docker builds images in privileged containers only.
        privilegedMode: true,
        environmentVariables: [{ name: 'REGISTRY', value: target.registry }],
      },
      logsConfig: { cloudwatchLogs: { groupName: logGroup.name } },
    },
    { ...options, dependsOn: [policy] },
  );
}

function createPipeline(
  name: string,
  args: ImageBuilderArgs & { imageUri: string },
  artifacts: ArtifactBucket,
  project: aws.codebuild.Project,
  options: pulumi.CustomResourceOptions,
): aws.codepipeline.Pipeline {
  const { role, policy } = createPipelineRole(name, { ...args, artifacts: artifacts.bucket, project }, options);
  return new aws.codepipeline.Pipeline(
    `${name}-pipeline`,
    {
      roleArn: role.arn,
      pipelineType: 'V2',
      artifactStores: [{ type: 'S3', location: artifacts.bucket.bucket }],
      stages: [
        {
          name: 'Source',
          actions: [
            {
              name: 'S3Source',
              category: 'Source',
              owner: 'AWS',
              provider: 'S3',
              version: '1',
              outputArtifacts: ['source'],
              configuration: {
                S3Bucket: args.assetsBucket,
                S3ObjectKey: args.sourceKey,
                PollForSourceChanges: 'false',
              },
            },
          ],
        },
        {
          name: 'Build',
          actions: [
            {
              name: 'CodeBuild',
              category: 'Build',
              owner: 'AWS',
              provider: 'CodeBuild',
              version: '1',
              inputArtifacts: ['source'],
              namespace: 'Build',
              configuration: {
                ProjectName: project.name,
                // What is built is part of the pipeline, so that a change of it is a change of the pipeline.
                EnvironmentVariables: JSON.stringify([{ name: 'IMAGE_URI', value: args.imageUri }]),
              },
            },
          ],
        },
      ],
    },
    // A new CodePipeline runs at once, a changed one does not: so a changed request replaces it, which builds again.
    { ...options, dependsOn: [policy, ...artifacts.protection], replaceOnChanges: ['stages'] },
  );
}

/**
 * @returns ARN of the role that the rule takes
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/create-S3-source-events.html
 */
function startOnNewSource(
  name: string,
  args: ImageBuilderArgs,
  pipeline: aws.codepipeline.Pipeline,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { role, policy } = createStartRole(name, { ...args, pipeline }, options);
  const rule = new aws.cloudwatch.EventRule(
    `${name}-source`,
    {
      description: `A new ${args.sourceKey} builds ${name}`.slice(0, 512),
      eventPattern: JSON.stringify({
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [args.assetsBucket] }, object: { key: [args.sourceKey] } },
      }),
    },
    options,
  );
  new aws.cloudwatch.EventTarget(
    `${name}-source-start`,
    { rule: rule.name, targetId: 'pipeline', arn: pipeline.arn, roleArn: role.arn },
    { ...options, dependsOn: [policy] },
  );
  return role.arn;
}

function notifyOfBuilds(
  name: string,
  args: ImageBuilderArgs,
  pipeline: aws.codepipeline.Pipeline,
  options: pulumi.CustomResourceOptions,
): void {
  notifyOnChange(
    `${name}-pipeline`,
    {
      place: args.place,
      topicArn: args.notificationsTopicArn,
      source: 'aws.codepipeline',
      detailType: 'CodePipeline Pipeline Execution State Change',
      detail: pipeline.name.apply((pipelineName) => ({ pipeline: [pipelineName], state: ['SUCCEEDED', 'FAILED'] })),
      subject: { name: 'pipeline', status: 'state' },
      what: 'Image pipeline',
    },
    options,
  );
}
