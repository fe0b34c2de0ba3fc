/** What the endpoint's containers and the inference function may do, and nothing beyond. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { parseEcrImage } from '../shared/container-image.ts';
import type { PolicyDocument, Statement } from '../shared/policies.ts';
import { policy, trustOf } from '../shared/policies.ts';
import type { RealtimeInferenceArgs } from './component.ts';

export interface RoleWithPolicy {
  role: aws.iam.Role;
  policy: aws.iam.RolePolicy;
}

/** The role of the model: read the image and the artifact, write captured data, logs and metrics. */
export function createExecutionRole(
  name: string,
  args: RealtimeInferenceArgs,
  options: pulumi.CustomResourceOptions,
): RoleWithPolicy {
  return createRole(
    `${name}-execution`,
    'sagemaker.amazonaws.com',
    `Model and endpoint of ${name}`,
    args,
    executionPolicy(name, args),
    options,
  );
}

/** The role of the inference function: invoke this endpoint, write its own log. */
export function createInferenceRole(
  name: string,
  args: RealtimeInferenceArgs,
  endpoint: aws.sagemaker.Endpoint,
  logGroup: aws.cloudwatch.LogGroup,
  options: pulumi.CustomResourceOptions,
): RoleWithPolicy {
  const document = pulumi.all([endpoint.arn, logGroup.arn]).apply(([endpointArn, logGroupArn]) =>
    policy(
      { Sid: 'InvokeEndpoint', Effect: 'Allow', Action: 'sagemaker:InvokeEndpoint', Resource: endpointArn },
      {
        Sid: 'WriteLog',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${logGroupArn}:*`,
      },
    ),
  );
  return createRole(
    `${name}-inference`,
    'lambda.amazonaws.com',
    `Inference function of ${name}`,
    args,
    document,
    options,
  );
}

function createRole(
  name: string,
  service: string,
  description: string,
  args: RealtimeInferenceArgs,
  document: pulumi.Input<PolicyDocument>,
  options: pulumi.CustomResourceOptions,
): RoleWithPolicy {
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description,
      assumeRolePolicy: JSON.stringify(trustOf(service, args.place.accountId)),
      ...(args.permissionsBoundaryArn ? { permissionsBoundary: args.permissionsBoundaryArn } : {}),
    },
    options,
  );
  const rolePolicy = new aws.iam.RolePolicy(
    `${name}-policy`,
    { role: role.name, policy: pulumi.output(document).apply((text) => JSON.stringify(text)) },
    options,
  );
  return { role, policy: rolePolicy };
}

/** Everything that a model container and SageMaker on its behalf need, resource by resource. */
export function executionPolicy(name: string, args: RealtimeInferenceArgs): PolicyDocument {
  const { place } = args;
  const arn = (service: string, resource: string) =>
    `arn:${place.partition}:${service}:${place.region}:${place.accountId}:${resource}`;
  const endpoint = args.endpointName ?? `${name}-endpoint-*`;
  return policy(
    ...readModel(args),
    {
      Sid: 'WriteCapturedData',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: `arn:${place.partition}:s3:::${args.dataCaptureLocation}/*`,
    },
    {
      Sid: 'WriteLogs',
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      Resource: [
        arn('logs', `log-group:/aws/sagemaker/Endpoints/${endpoint}`),
        arn('logs', `log-group:/aws/sagemaker/Endpoints/${endpoint}:log-stream:*`),
      ],
    },
    {
      // CloudWatch has no resources to name for metrics; the namespace is the bound.
      Sid: 'WriteMetrics',
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': ['/aws/sagemaker/Endpoints', 'AWS/SageMaker'] } },
    },
    args.kmsKeyArn
      ? {
          Sid: 'UseKey',
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
          Resource: args.kmsKeyArn,
        }
      : undefined,
    args.kmsKeyArn
      ? {
          // SageMaker attaches encrypted volumes through grants, and only AWS services may be given one.
          Sid: 'LetVolumesUseKey',
          Effect: 'Allow',
          Action: 'kms:CreateGrant',
          Resource: args.kmsKeyArn,
          Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
        }
      : undefined,
  );
}

function readModel(args: RealtimeInferenceArgs): Statement[] {
  const { place, model } = args;
  const bucket = `arn:${place.partition}:s3:::${args.assetsBucket}`;
  if ('modelPackageArn' in model) {
    return [
      {
        Sid: 'ReadModelPackage',
        Effect: 'Allow',
        Action: 'sagemaker:DescribeModelPackage',
        Resource: model.modelPackageArn,
      },
      // Which artifact and image the package names is not known here: any of the assets, any repository of this account.
      { Sid: 'ReadModelArtifacts', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/*` },
      { Sid: 'ListModelArtifacts', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
      ...pullImage(`arn:${place.partition}:ecr:${place.region}:${place.accountId}:repository/*`),
    ];
  }
  const key = model.modelDataUrl.slice(`s3://${args.assetsBucket}/`.length);
  const image = parseEcrImage(model.image);
  return [
    { Sid: 'ReadModelArtifact', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/${key}` },
    {
      Sid: 'ListModelArtifact',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucket,
      Condition: { StringEquals: { 's3:prefix': key } },
    },
    ...(image
      ? pullImage(`arn:${place.partition}:ecr:${image.region}:${image.accountId}:repository/${image.repository}`)
      : []),
  ];
}

function pullImage(repositoryArn: string): Statement[] {
  return [
    {
      Sid: 'PullImage',
      Effect: 'Allow',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: repositoryArn,
    },
    // A token is for the whole registry: ECR has no resource to name.
    { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
  ];
}
