/**
 * What the AWS provider asks of AWS over the life of a resource: to make, read, change, tag and delete it. Written down here
 * a second time, in addition to the permissions, so that each is checked against the other.
 */
import type { Registered } from '../../blueprints/testing.ts';
import { ACCOUNT, RANDOM, REGION } from '../../blueprints/testing.ts';
import { BOUNDARY } from './programs.ts';
import type { Call } from './simulator.ts';

const PIPELINE = 'mlops-pipeline-my-model-name-postfix';
const REQUEST_TAG = { 'aws:RequestTag/mlops:pipeline-id': PIPELINE };
const RESOURCE_TAG = { 'aws:ResourceTag/mlops:pipeline-id': PIPELINE };
const BOUND = { 'iam:PermissionsBoundary': BOUNDARY };

const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const text = (value: unknown): string => String(value);

function nameOf({ name, inputs }: Registered): string {
  return typeof inputs.name === 'string' ? inputs.name : `${name}-${RANDOM}`;
}

/** Several actions on one resource. */
function on(resource: string, service: string, actions: string, context: Record<string, string> = {}): Call[] {
  return actions.split(' ').map((action): Call => [`${service}:${action}`, resource, context]);
}

const TAGS = 'AddTags DeleteTags ListTags';

function named(kind: string, operation: string, update: string, one: Registered): Call[] {
  const resource = arn('sagemaker', `${kind}/${nameOf(one)}`);
  return [
    ...on(resource, 'sagemaker', `Create${operation}`, REQUEST_TAG),
    ...on(resource, 'sagemaker', 'AddTags', { ...REQUEST_TAG, 'sagemaker:TaggingAction': `Create${operation}` }),
    ...on(resource, 'sagemaker', `Describe${operation} ListTags`),
    ...on(resource, 'sagemaker', `AddTags DeleteTags Delete${operation} ${update}`.trim(), RESOURCE_TAG),
  ];
}

function gateway(path: string, verbs: string, context?: Record<string, string>): Call[] {
  return on(arn('apigateway', path, ''), 'apigateway', verbs, context);
}

const scalable = (actions: string) =>
  on(arn('application-autoscaling', 'scalable-target/1a2b3c'), 'application-autoscaling', actions, {
    'application-autoscaling:service-namespace': 'sagemaker',
    'application-autoscaling:scalable-dimension': 'sagemaker:variant:DesiredInstanceCount',
  });

const artifacts = (one: Registered, actions: string) =>
  on(`arn:aws:s3:::${text(one.inputs.bucket ?? `${one.name}-${RANDOM}`)}`, 's3', actions);

const CLOUD_CONTROL: Record<string, readonly [kind: string, operation: string]> = {
  'AWS::SageMaker::ModelQualityJobDefinition': ['model-quality-job-definition', 'ModelQualityJobDefinition'],
  'AWS::SageMaker::ModelBiasJobDefinition': ['model-bias-job-definition', 'ModelBiasJobDefinition'],
  'AWS::SageMaker::ModelExplainabilityJobDefinition': [
    'model-explainability-job-definition',
    'ModelExplainabilityJobDefinition',
  ],
};

/** Type of resource → its calls. The permissions of a type that is missing here have not been considered. */
export const CALLS: Record<string, (one: Registered) => Call[]> = {
  'aws:iam/role:Role': (one) => {
    const role = `arn:aws:iam::${ACCOUNT}:role/${nameOf(one)}`;
    const { Statement } = JSON.parse(text(one.inputs.assumeRolePolicy)) as {
      Statement: { Principal: { Service: string } }[];
    };
    return [
      ...on(role, 'iam', 'CreateRole PutRolePermissionsBoundary', BOUND),
      ...on(role, 'iam', 'GetRole ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole'),
      ...on(role, 'iam', 'UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole DeleteRole'),
      ...Statement.flatMap(({ Principal }) =>
        on(role, 'iam', 'PassRole', { 'iam:PassedToService': Principal.Service }),
      ),
    ];
  },
  'aws:iam/rolePolicy:RolePolicy': ({ inputs }) => {
    const role = `arn:aws:iam::${ACCOUNT}:role/${text(inputs.role)}`;
    return [...on(role, 'iam', 'PutRolePolicy', BOUND), ...on(role, 'iam', 'GetRolePolicy DeleteRolePolicy')];
  },
  'aws:sagemaker/model:Model': (one) => [
    ...on(arn('sagemaker', `model/${nameOf(one)}`), 'sagemaker', `CreateModel DescribeModel DeleteModel ${TAGS}`),
    ...on(
      arn('sagemaker', 'model-package/my-group/1', '999999999999'),
      'sagemaker',
      'CreateModel DescribeModelPackage',
    ),
  ],
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration': (one) =>
    on(
      arn('sagemaker', `endpoint-config/${nameOf(one)}`),
      'sagemaker',
      `CreateEndpointConfig DescribeEndpointConfig DeleteEndpointConfig CreateEndpoint UpdateEndpoint ${TAGS}`,
    ),
  'aws:sagemaker/endpoint:Endpoint': (one) => [
    ...named('endpoint', 'Endpoint', 'UpdateEndpoint', one),
    [
      'kms:CreateGrant',
      arn('kms', 'key/1234'),
      { 'kms:GrantIsForAWSResource': 'true', 'kms:ViaService': `sagemaker.${REGION}.amazonaws.com` },
    ],
  ],
  'aws:lambda/function:Function': (one) =>
    on(
      arn('lambda', `function:${nameOf(one)}`),
      'lambda',
      'CreateFunction GetFunction GetFunctionConfiguration GetFunctionCodeSigningConfig ListVersionsByFunction ListTags ' +
        'UpdateFunctionCode UpdateFunctionConfiguration TagResource UntagResource DeleteFunction',
    ),
  'aws:lambda/invocation:Invocation': ({ inputs }) =>
    on(arn('lambda', `function:${text(inputs.functionName)}`), 'lambda', 'InvokeFunction'),
  'aws:lambda/permission:Permission': ({ inputs }) => {
    const fn = arn('lambda', `function:${text(inputs.function)}`);
    return [
      ...on(fn, 'lambda', 'AddPermission', { 'lambda:Principal': text(inputs.principal) }),
      ...on(fn, 'lambda', 'GetPolicy RemovePermission'),
    ];
  },
  'aws:cloudwatch/logGroup:LogGroup': (one) => [
    ...on(
      arn('logs', `log-group:${nameOf(one)}`),
      'logs',
      'CreateLogGroup PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource TagResource UntagResource DeleteLogGroup',
    ),
    ['logs:DescribeLogGroups', '*'],
  ],
  'aws:apigatewayv2/api:Api': (one) => [
    ...gateway('/apis', 'POST', { 'apigateway:Request/ApiName': nameOf(one) }),
    ...gateway('/apis', 'GET'),
    ...gateway('/apis/a1b2c3', 'GET'),
    ...gateway('/apis/a1b2c3', 'PATCH DELETE', { 'apigateway:Resource/ApiName': nameOf(one) }),
    ...gateway('/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fa1b2c3', 'GET POST PUT DELETE'),
  ],
  'aws:apigatewayv2/integration:Integration': () => [
    ...gateway('/apis/a1b2c3/integrations', 'POST GET'),
    ...gateway('/apis/a1b2c3/integrations/x1', 'GET PATCH DELETE'),
  ],
  'aws:apigatewayv2/route:Route': ({ inputs }) => [
    ...gateway('/apis/a1b2c3/routes', 'POST', {
      'apigateway:Request/RouteAuthorizationType': text(inputs.authorizationType),
    }),
    ...gateway('/apis/a1b2c3/routes', 'GET'),
    ...gateway('/apis/a1b2c3/routes/x1', 'GET PATCH DELETE'),
  ],
  'aws:apigatewayv2/stage:Stage': () => [
    ...gateway('/apis/a1b2c3/stages', 'POST'),
    ...gateway('/apis/a1b2c3/stages/prod', 'GET PATCH DELETE'),
    ...on(
      '*',
      'logs',
      'CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries PutResourcePolicy DescribeResourcePolicies',
    ),
  ],
  'aws:appautoscaling/target:Target': () => {
    const service = 'sagemaker.application-autoscaling.amazonaws.com';
    const role = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${service}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`;
    return [
      ...scalable('RegisterScalableTarget DeregisterScalableTarget TagResource UntagResource ListTagsForResource'),
      ['application-autoscaling:DescribeScalableTargets', '*'],
      ['iam:CreateServiceLinkedRole', role, { 'iam:AWSServiceName': service }],
      ['sagemaker:UpdateEndpointWeightsAndCapacities', arn('sagemaker', 'endpoint/my-endpoint'), RESOURCE_TAG],
    ];
  },
  'aws:appautoscaling/policy:Policy': () => [
    ...scalable('PutScalingPolicy DeleteScalingPolicy'),
    ['application-autoscaling:DescribeScalingPolicies', '*'],
    ...on(
      arn('cloudwatch', 'alarm:TargetTracking-endpoint/my-endpoint/variant/AllTraffic-AlarmHigh-1234'),
      'cloudwatch',
      'PutMetricAlarm DescribeAlarms DeleteAlarms',
    ),
  ],
  'aws:cloudwatch/metricAlarm:MetricAlarm': (one) =>
    on(
      arn('cloudwatch', `alarm:${nameOf(one)}`),
      'cloudwatch',
      'PutMetricAlarm DescribeAlarms DeleteAlarms ListTagsForResource TagResource UntagResource',
    ),
  'aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition': (one) =>
    named('data-quality-job-definition', 'DataQualityJobDefinition', '', one),
  'aws:sagemaker/monitoringSchedule:MonitoringSchedule': (one) =>
    named('monitoring-schedule', 'MonitoringSchedule', 'UpdateMonitoringSchedule StopMonitoringSchedule', one),
  'aws:cloudcontrol/resource:Resource': (one) => {
    const [kind = '', operation = ''] = CLOUD_CONTROL[text(one.inputs.typeName)] ?? [];
    const { JobDefinitionName } = JSON.parse(text(one.inputs.desiredState)) as { JobDefinitionName: string };
    return [
      ...on(
        '*',
        'cloudformation',
        'DescribeType CreateResource GetResource UpdateResource DeleteResource GetResourceRequestStatus CancelResourceRequest',
      ),
      ...named(kind, operation, '', { ...one, inputs: { name: JobDefinitionName } }),
    ];
  },
  'aws:cloudwatch/eventRule:EventRule': (one) =>
    on(
      arn('events', `rule/${nameOf(one)}`),
      'events',
      'PutRule DescribeRule EnableRule DisableRule ListTagsForResource TagResource UntagResource DeleteRule',
    ),
  'aws:cloudwatch/eventTarget:EventTarget': ({ inputs }) =>
    on(arn('events', `rule/${text(inputs.rule)}`), 'events', 'PutTargets ListTargetsByRule RemoveTargets'),
  'aws:s3/bucket:Bucket': (one) => [
    ...artifacts(
      one,
      'CreateBucket DeleteBucket ListBucket ListBucketVersions PutBucketTagging TagResource UntagResource ListTagsForResource ' +
        'GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging ' +
        'GetBucketObjectLockConfiguration GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite ' +
        'GetReplicationConfiguration',
    ),
    ...on(`arn:aws:s3:::${one.name}-${RANDOM}/any/object`, 's3', 'DeleteObject DeleteObjectVersion'),
  ],
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': (one) =>
    artifacts(one, 'PutBucketPublicAccessBlock GetBucketPublicAccessBlock'),
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': (one) =>
    artifacts(one, 'PutEncryptionConfiguration GetEncryptionConfiguration'),
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': (one) =>
    artifacts(one, 'PutLifecycleConfiguration GetLifecycleConfiguration'),
  'aws:s3/bucketPolicy:BucketPolicy': (one) => artifacts(one, 'PutBucketPolicy GetBucketPolicy DeleteBucketPolicy'),
  'aws:codebuild/project:Project': (one) =>
    on(
      arn('codebuild', `project/${nameOf(one)}`),
      'codebuild',
      'CreateProject BatchGetProjects UpdateProject DeleteProject',
    ),
  'aws:codepipeline/pipeline:Pipeline': (one) =>
    on(
      arn('codepipeline', nameOf(one)),
      'codepipeline',
      'CreatePipeline GetPipeline UpdatePipeline DeletePipeline ListTagsForResource TagResource UntagResource',
    ),
};
