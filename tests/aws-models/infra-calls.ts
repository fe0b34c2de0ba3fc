/**
 * Resources of the orchestrator's own infrastructure → the AWS requests that the provider makes of them, where they go beyond
 * those of pipelines. `elsewhere` is what takes another call, or stays with the provider.
 */
import type { ProviderCall } from '../../sandbox/aws/api-requests.ts';
import { PROVIDER_CALLS } from '../../sandbox/aws/api-requests.ts';

type Inputs = Record<string, unknown>;

export interface InfraCall extends ProviderCall {
  /** Where other names are not enough: what the request is made of. */
  shaped?: (inputs: Inputs) => Inputs;
}

const bucketPart = (shape: string, more: Partial<InfraCall> = {}): InfraCall => ({
  service: 's3',
  shape,
  elsewhere: ['bucket'],
  ...more,
});
/** SQS takes a map of texts. */
const attributes = ({ name: _name, ...inputs }: Inputs, names: Readonly<Record<string, string>>): Inputs => ({
  Attributes: Object.fromEntries(
    Object.entries(inputs).flatMap(([key, value]) => {
      const known = names[key];
      return known === undefined ? [[key, String(value)]] : known === '' ? [] : [[known, String(value)]];
    }),
  ),
});
const rule: InfraCall = {
  service: 'ec2',
  shape: 'AuthorizeSecurityGroupIngressRequest',
  shaped: ({ securityGroupId, ipProtocol, fromPort, toPort, cidrIpv4, referencedSecurityGroupId, description }) => ({
    groupId: securityGroupId,
    ipPermissions: [
      {
        ipProtocol,
        fromPort,
        toPort,
        ...(cidrIpv4 ? { ipRanges: [{ cidrIp: cidrIpv4, description }] } : {}),
        ...(referencedSecurityGroupId
          ? { userIdGroupPairs: [{ groupId: referencedSecurityGroupId, description }] }
          : {}),
      },
    ],
  }),
};

export const INFRA_CALLS: Readonly<Record<string, InfraCall>> = {
  ...PROVIDER_CALLS,
  'aws:apigatewayv2/integration:Integration': {
    service: 'apigatewayv2',
    shape: 'CreateIntegrationRequest',
    renamed: { timeoutMilliseconds: 'TimeoutInMillis' },
  },
  'aws:apigatewayv2/route:Route': { service: 'apigatewayv2', shape: 'CreateRouteRequest' },
  'aws:apigatewayv2/stage:Stage': {
    service: 'apigatewayv2',
    shape: 'CreateStageRequest',
    renamed: { name: 'StageName' },
  },
  'aws:apigatewayv2/vpcLink:VpcLink': { service: 'apigatewayv2', shape: 'CreateVpcLinkRequest' },
  'aws:cloudwatch/dashboard:Dashboard': { service: 'cloudwatch', shape: 'PutDashboardInput' },
  'aws:cloudwatch/logGroup:LogGroup': {
    service: 'logs',
    shape: 'CreateLogGroupRequest',
    renamed: { name: 'logGroupName' },
    elsewhere: ['retentionInDays'],
  },
  'aws:cloudwatch/logMetricFilter:LogMetricFilter': {
    service: 'logs',
    shape: 'PutMetricFilterRequest',
    renamed: {
      name: 'filterName',
      pattern: 'filterPattern',
      metricTransformation: 'metricTransformations',
      'metricTransformation.name': 'metricName',
    },
    shaped: ({ metricTransformation, ...inputs }) => {
      const { name, namespace, value, ...others } = metricTransformation as Inputs;
      const transformation = { metricName: name, metricNamespace: namespace, metricValue: value, ...others };
      return { ...inputs, metricTransformations: [numbers(transformation, ['defaultValue'])] };
    },
  },
  'aws:cloudwatch/metricAlarm:MetricAlarm': {
    service: 'cloudwatch',
    shape: 'PutMetricAlarmInput',
    renamed: { name: 'AlarmName', metricQueries: 'Metrics' },
    shaped: ({ dimensions, metricQueries, ...inputs }) => ({
      ...inputs,
      ...(dimensions ? { dimensions: pairs(dimensions) } : {}),
      ...(metricQueries ? { metricQueries: (metricQueries as Inputs[]).map(metricQuery) } : {}),
    }),
  },
  'aws:ec2/securityGroup:SecurityGroup': { service: 'ec2', shape: 'CreateSecurityGroupRequest' },
  'aws:ec2/vpcEndpoint:VpcEndpoint': { service: 'ec2', shape: 'CreateVpcEndpointRequest' },
  'aws:ecr/lifecyclePolicy:LifecyclePolicy': {
    service: 'ecr',
    shape: 'PutLifecyclePolicyRequest',
    renamed: { repository: 'repositoryName', policy: 'lifecyclePolicyText' },
  },
  'aws:ecr/repository:Repository': {
    service: 'ecr',
    shape: 'CreateRepositoryRequest',
    renamed: { name: 'repositoryName' },
    elsewhere: ['forceDelete'],
    shaped: ({
      encryptionConfigurations: [encryptionConfiguration] = [],
      ...inputs
    }: {
      encryptionConfigurations?: unknown[];
    }) => ({
      ...inputs,
      ...(encryptionConfiguration ? { encryptionConfiguration } : {}),
    }),
  },
  'aws:ecr/repositoryPolicy:RepositoryPolicy': {
    service: 'ecr',
    shape: 'SetRepositoryPolicyRequest',
    renamed: { repository: 'repositoryName', policy: 'policyText' },
  },
  'aws:ecs/cluster:Cluster': { service: 'ecs', shape: 'CreateClusterRequest' },
  'aws:iam/policy:Policy': {
    service: 'iam',
    shape: 'CreatePolicyRequest',
    renamed: { name: 'PolicyName', policy: 'PolicyDocument' },
  },
  'aws:iam/rolePolicy:RolePolicy': {
    service: 'iam',
    shape: 'PutRolePolicyRequest',
    renamed: { name: 'PolicyName', role: 'RoleName', policy: 'PolicyDocument' },
  },
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': {
    service: 'iam',
    shape: 'AttachRolePolicyRequest',
    renamed: { role: 'RoleName' },
  },
  'aws:kms/alias:Alias': { service: 'kms', shape: 'CreateAliasRequest', renamed: { name: 'AliasName' } },
  'aws:kms/key:Key': {
    service: 'kms',
    shape: 'CreateKeyRequest',
    elsewhere: ['deletionWindowInDays', 'enableKeyRotation'],
  },
  'aws:lambda/permission:Permission': {
    service: 'lambda',
    shape: 'AddPermissionRequest',
    renamed: { function: 'FunctionName' },
  },
  'aws:rds/cluster:Cluster': {
    service: 'rds',
    shape: 'CreateDBClusterMessage',
    renamed: {
      clusterIdentifier: 'DBClusterIdentifier',
      enabledCloudwatchLogsExports: 'EnableCloudwatchLogsExports',
      masterPassword: 'MasterUserPassword',
    },
    elsewhere: ['clusterIdentifierPrefix', 'finalSnapshotIdentifier', 'skipFinalSnapshot'],
  },
  'aws:rds/clusterInstance:ClusterInstance': {
    service: 'rds',
    shape: 'CreateDBInstanceMessage',
    renamed: {
      clusterIdentifier: 'DBClusterIdentifier',
      instanceClass: 'DBInstanceClass',
      performanceInsightsEnabled: 'EnablePerformanceInsights',
    },
    elsewhere: ['identifierPrefix'],
  },
  'aws:rds/clusterParameterGroup:ClusterParameterGroup': {
    service: 'rds',
    shape: 'CreateDBClusterParameterGroupMessage',
    renamed: { family: 'DBParameterGroupFamily' },
    elsewhere: ['parameters'],
  },
  'aws:rds/subnetGroup:SubnetGroup': {
    service: 'rds',
    shape: 'CreateDBSubnetGroupMessage',
    renamed: { description: 'DBSubnetGroupDescription' },
  },
  'aws:s3/bucket:Bucket': { service: 's3', shape: 'CreateBucketRequest', elsewhere: ['forceDestroy'] },
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': bucketPart('BucketLifecycleConfiguration'),
  'aws:s3/bucketLogging:BucketLogging': bucketPart('LoggingEnabled'),
  'aws:s3/bucketNotification:BucketNotification': bucketPart('NotificationConfiguration', {
    // EventBridge is turned on by an empty object.
    shaped: ({ eventbridge, ...inputs }) => ({ ...inputs, ...(eventbridge ? { EventBridgeConfiguration: {} } : {}) }),
  }),
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': bucketPart('OwnershipControls', {
    shaped: ({ rule: only }) => ({ Rules: [only] }),
  }),
  'aws:s3/bucketPolicy:BucketPolicy': { service: 's3', shape: 'PutBucketPolicyRequest' },
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': bucketPart('PublicAccessBlockConfiguration'),
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': bucketPart(
    'ServerSideEncryptionConfiguration',
    { renamed: { kmsMasterKeyId: 'KMSMasterKeyID' } },
  ),
  'aws:s3/bucketVersioning:BucketVersioning': bucketPart('VersioningConfiguration', {
    shaped: ({ versioningConfiguration }) => versioningConfiguration as Inputs,
  }),
  'aws:sagemaker/modelPackageGroup:ModelPackageGroup': { service: 'sagemaker', shape: 'CreateModelPackageGroupInput' },
  'aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy': {
    service: 'sagemaker',
    shape: 'PutModelPackageGroupPolicyInput',
  },
  'aws:secretsmanager/secret:Secret': {
    service: 'secretsmanager',
    shape: 'CreateSecretRequest',
    elsewhere: ['recoveryWindowInDays'],
  },
  'aws:secretsmanager/secretVersion:SecretVersion': { service: 'secretsmanager', shape: 'PutSecretValueRequest' },
  'aws:sns/topic:Topic': {
    service: 'sns',
    shape: 'CreateTopicInput',
    shaped: (inputs) => attributes(inputs, { displayName: 'DisplayName', kmsMasterKeyId: 'KmsMasterKeyId' }),
  },
  'aws:sns/topicPolicy:TopicPolicy': {
    service: 'sns',
    shape: 'SetTopicAttributesInput',
    shaped: ({ arn, policy }) => ({ topicArn: arn, attributeName: 'Policy', attributeValue: policy }),
  },
  'aws:sns/topicSubscription:TopicSubscription': {
    service: 'sns',
    shape: 'SubscribeInput',
    renamed: { topic: 'TopicArn' },
  },
  'aws:sqs/queue:Queue': {
    service: 'sqs',
    shape: 'CreateQueueRequest',
    shaped: (inputs) =>
      attributes(inputs, {
        delaySeconds: 'DelaySeconds',
        kmsMasterKeyId: 'KmsMasterKeyId',
        messageRetentionSeconds: 'MessageRetentionPeriod',
        receiveWaitTimeSeconds: 'ReceiveMessageWaitTimeSeconds',
        redrivePolicy: 'RedrivePolicy',
        sqsManagedSseEnabled: 'SqsManagedSseEnabled',
        visibilityTimeoutSeconds: 'VisibilityTimeout',
      }),
  },
  'aws:sqs/queuePolicy:QueuePolicy': {
    service: 'sqs',
    shape: 'SetQueueAttributesRequest',
    shaped: ({ queueUrl, policy }) => ({ queueUrl, Attributes: { Policy: policy } }),
  },
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule': rule,
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': rule,
};

function pairs(map: unknown): Inputs[] {
  return Object.entries(map as Inputs).map(([Name, Value]) => ({ Name, Value }));
}

function metricQuery({ metric, ...query }: Inputs): Inputs {
  if (!metric) return query;
  const { dimensions, metricName, namespace, ...stat } = metric as Inputs;
  const of = { metricName, namespace, ...(dimensions ? { dimensions: pairs(dimensions) } : {}) };
  return { ...query, metricStat: { ...stat, metric: of } };
}

/** The provider takes some numbers as texts. */
function numbers(inputs: Inputs, keys: readonly string[]): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, keys.includes(key) ? Number(value) : value]),
  );
}

type Request = [service: string, shape: string, request: Inputs];

/** Components of awsx → the requests of the children that it makes of their arguments as they are. */
export const AWSX_CALLS: Readonly<Record<string, (inputs: Inputs) => Request[]>> = {
  'awsx:ecr:Image': () => [],
  'awsx:ec2:Vpc': ({ cidrBlock }) => [['ec2', 'CreateVpcRequest', { CidrBlock: cidrBlock }]],
  'awsx:ecs:FargateService': (inputs) => {
    const { taskDefinitionArgs, networkConfiguration, cluster, desiredCount, loadBalancers } = inputs;
    const { family, cpu, memory, container, volumes, ...task } = taskDefinitionArgs as Inputs;
    return [
      [
        'ecs',
        'RegisterTaskDefinitionRequest',
        {
          family,
          cpu,
          memory,
          volumes,
          networkMode: 'awsvpc',
          requiresCompatibilities: ['FARGATE'],
          containerDefinitions: [container],
          taskRoleArn: (task.taskRole as Inputs).roleArn,
          executionRoleArn: (task.executionRole as Inputs).roleArn,
          ephemeralStorage: { sizeInGiB: (task.ephemeralStorage as Inputs).sizeInGib },
        },
      ],
      [
        'ecs',
        'CreateServiceRequest',
        {
          serviceName: family,
          cluster,
          desiredCount,
          loadBalancers,
          propagateTags: inputs.propagateTags,
          enableECSManagedTags: inputs.enableEcsManagedTags,
          healthCheckGracePeriodSeconds: inputs.healthCheckGracePeriodSeconds,
          networkConfiguration: {
            awsvpcConfiguration: {
              ...(networkConfiguration as Inputs),
              assignPublicIp: (networkConfiguration as Inputs).assignPublicIp ? 'ENABLED' : 'DISABLED',
            },
          },
          deploymentConfiguration: {
            deploymentCircuitBreaker: inputs.deploymentCircuitBreaker,
            maximumPercent: inputs.deploymentMaximumPercent,
            minimumHealthyPercent: inputs.deploymentMinimumHealthyPercent,
          },
        },
      ],
    ];
  },
  'awsx:lb:ApplicationLoadBalancer': ({ internal, securityGroups, subnetIds, listener, defaultTargetGroup }) => {
    const { port, protocol, certificateArn, sslPolicy } = listener as Inputs;
    const { healthCheck, targetType, vpcId, ...group } = defaultTargetGroup as Inputs;
    const health = healthCheck as Inputs;
    return [
      [
        'elbv2',
        'CreateLoadBalancerInput',
        {
          Name: 'mlops',
          Scheme: internal ? 'internal' : 'internet-facing',
          SecurityGroups: securityGroups,
          Subnets: subnetIds,
        },
      ],
      [
        'elbv2',
        'CreateListenerInput',
        {
          LoadBalancerArn: 'arn',
          DefaultActions: [{ Type: 'forward', TargetGroupArn: 'arn' }],
          Port: port,
          Protocol: protocol,
          ...(certificateArn ? { Certificates: [{ CertificateArn: certificateArn }], SslPolicy: sslPolicy } : {}),
        },
      ],
      [
        'elbv2',
        'CreateTargetGroupInput',
        {
          Name: 'mlops',
          Port: group.port,
          Protocol: group.protocol,
          TargetType: targetType,
          VpcId: vpcId,
          HealthCheckPath: health.path,
          HealthCheckIntervalSeconds: health.interval,
          HealthCheckTimeoutSeconds: health.timeout,
          HealthyThresholdCount: health.healthyThreshold,
          UnhealthyThresholdCount: health.unhealthyThreshold,
          Matcher: { HttpCode: health.matcher },
        },
      ],
    ];
  },
};
