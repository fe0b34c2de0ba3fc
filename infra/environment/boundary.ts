/** The permissions boundary of every pipeline's role: the most it may do, whatever its own policy allows. */
import type { PolicyDocument, Statement } from '../../blueprints/shared/aws/policies.ts';
import { policy } from '../../blueprints/shared/aws/policies.ts';
import type { Scope } from './scope.ts';
import { arn, globalArn, pipelineRoles } from './scope.ts';

/** Characters that IAM accepts in a managed policy, whitespace not counted. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const POLICY_LIMIT = 6_144;

/**
 * Wider than any single role: a role names its own objects, keys and jobs, the boundary only their kinds. It excludes what
 * blueprints never need: no IAM except passing a pipeline's role to SageMaker, no assuming of other roles, no changes to
 * buckets, keys or functions.
 */
export function boundary(scope: Scope): PolicyDocument {
  return policy(
    ...useData(scope),
    ...pullImages(scope),
    ...writeLogsAndMetrics(scope),
    ...useModels(scope),
    ...makeJobs(scope),
    ...(scope.placements.includes('orchestrator') ? buildImages(scope) : []),
    scope.offLimits.length > 0
      ? { Sid: 'OffLimits', Effect: 'Deny', Action: '*', Resource: [...scope.offLimits] }
      : undefined,
  );
}

function useData(scope: Scope): Statement[] {
  const buckets = [...new Set([...scope.dataBucketArns, globalArn(scope, 's3', scope.assetsBucket)])];
  return [
    { Sid: 'ListData', Effect: 'Allow', Action: 's3:ListBucket', Resource: buckets },
    {
      Sid: 'UseData',
      Effect: 'Allow',
      Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      Resource: buckets.map((bucket) => `${bucket}/*`),
    },
    {
      Sid: 'UseKeys',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
      Resource: [...scope.dataKeyArns],
    },
    {
      Sid: 'LetVolumesUseKeys',
      Effect: 'Allow',
      Action: 'kms:CreateGrant',
      Resource: [...scope.dataKeyArns],
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    // Asynchronous endpoints publish their results to topics.
    { Sid: 'TellTopics', Effect: 'Allow', Action: 'sns:Publish', Resource: arn(scope, 'sns', '*', '*') },
  ];
}

function pullImages(scope: Scope): Statement[] {
  return [
    {
      // SageMaker's own images are in AWS accounts, a model's image in the account that trained it.
      Sid: 'PullImages',
      Effect: 'Allow',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: globalArn(scope, 'ecr', 'repository/*').replace(':ecr::', ':ecr:*:*'),
    },
    // A token is for the whole registry; the action does not support resources.
    { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
  ];
}

function writeLogsAndMetrics(scope: Scope): Statement[] {
  return [
    {
      Sid: 'WriteLogs',
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      Resource: [arn(scope, 'logs', 'log-group:/aws/sagemaker/*'), arn(scope, 'logs', `log-group:${scope.prefix}-*`)],
    },
    {
      // CloudWatch does not support resources for metrics; the namespaces are the limit.
      Sid: 'WriteMetrics',
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: {
        StringLike: {
          // Pages of the SageMaker guide differ in the namespaces of monitors: with a slash before `aws` and without, `Endpoint` and `Endpoints`.
          'cloudwatch:namespace': ['/aws/sagemaker/*', 'AWS/SageMaker', 'aws/sagemaker/Endpoint*'],
        },
      },
    },
    {
      // Of containers, with CONTAINER_METRIC_NAMESPACES, which each role names: any but those of AWS' services.
      Sid: 'WriteOwnMetrics',
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringNotLike: { 'cloudwatch:namespace': 'AWS/*' } },
    },
    {
      Sid: 'LookAtAlarms',
      Effect: 'Allow',
      Action: 'cloudwatch:DescribeAlarms',
      Resource: arn(scope, 'cloudwatch', 'alarm:*'),
    },
  ];
}

function useModels(scope: Scope): Statement[] {
  const sagemaker = (...kinds: string[]) => kinds.map((kind) => arn(scope, 'sagemaker', `${kind}`));
  return [
    {
      Sid: 'UseEndpoints',
      Effect: 'Allow',
      Action: [
        'sagemaker:DescribeEndpoint',
        'sagemaker:DescribeEndpointConfig',
        'sagemaker:DescribeModel',
        'sagemaker:InvokeEndpoint',
        'sagemaker:InvokeEndpointAsync',
      ],
      Resource: sagemaker('endpoint/*', 'endpoint-config/*', 'model/*'),
    },
    {
      Sid: 'ReadModelPackages',
      Effect: 'Allow',
      Action: 'sagemaker:DescribeModelPackage',
      Resource: arn(scope, 'sagemaker', 'model-package/*', '*'),
    },
    {
      // Clarify invokes the model through a temporary endpoint, which it creates and deletes.
      Sid: 'AskShadowEndpoints',
      Effect: 'Allow',
      Action: [
        'sagemaker:AddTags',
        'sagemaker:CreateEndpoint',
        'sagemaker:CreateEndpointConfig',
        'sagemaker:DeleteEndpoint',
        'sagemaker:DeleteEndpointConfig',
      ],
      Resource: sagemaker('endpoint/sm-clarify-*', 'endpoint-config/sm-clarify-config*'),
    },
    {
      Sid: 'ServeModels',
      Effect: 'Allow',
      Action: 'sagemaker:CreateEndpointConfig',
      Resource: sagemaker('model/*'),
    },
  ];
}

/** Kind in ARNs → operation. */
const JOBS = {
  environments: { 'processing-job': 'ProcessingJob', 'transform-job': 'TransformJob' },
  orchestrator: {
    'automl-job': 'AutoMLJobV2',
    'hyper-parameter-tuning-job': 'HyperParameterTuningJob',
    'training-job': 'TrainingJob',
  },
} as const;

function makeJobs(scope: Scope): Statement[] {
  const jobs = Object.assign({}, ...scope.placements.map((placement) => JOBS[placement])) as Record<string, string>;
  return [
    {
      Sid: 'MakeJobs',
      Effect: 'Allow',
      Action: [
        'sagemaker:AddTags',
        'sagemaker:ListTags',
        ...Object.values(jobs).flatMap((operation) => [
          `sagemaker:Create${operation}`,
          `sagemaker:Describe${operation}`,
        ]),
      ],
      Resource: Object.keys(jobs).map((kind) => arn(scope, 'sagemaker', `${kind}/*`)),
    },
    {
      Sid: 'HandRolesToJobs',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: pipelineRoles(scope),
      Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    },
  ];
}

function buildImages(scope: Scope): Statement[] {
  const artifacts = globalArn(scope, 's3', `${scope.prefix}-*-artifacts-*`);
  const assets = globalArn(scope, 's3', scope.assetsBucket);
  return [
    {
      Sid: 'PushImages',
      Effect: 'Allow',
      Action: ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'],
      Resource: arn(scope, 'ecr', 'repository/*'),
    },
    {
      Sid: 'LookAtBuckets',
      Effect: 'Allow',
      Action: ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning'],
      Resource: [artifacts, assets],
    },
    {
      Sid: 'HandOverSources',
      Effect: 'Allow',
      Action: [
        's3:GetObject',
        's3:GetObjectTagging',
        's3:GetObjectVersion',
        's3:GetObjectVersionTagging',
        's3:PutObject',
      ],
      Resource: [`${artifacts}/*`, `${assets}/*`],
    },
    {
      Sid: 'Build',
      Effect: 'Allow',
      Action: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild'],
      Resource: arn(scope, 'codebuild', `project/${scope.prefix}-*`),
    },
    {
      Sid: 'StartBuilds',
      Effect: 'Allow',
      Action: 'codepipeline:StartPipelineExecution',
      Resource: arn(scope, 'codepipeline', `${scope.prefix}-*`),
    },
  ];
}
