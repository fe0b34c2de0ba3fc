/** Permissions of the deployment role: models, endpoints, their scaling, and the alarms that roll their updates back. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, globalArn, madeForPipeline, ofPipeline } from '../scope.ts';

/** The smoke request after a deployment. */
const TRY = 'sagemaker:InvokeEndpoint';
const TAGS = ['sagemaker:AddTags', 'sagemaker:DeleteTags', 'sagemaker:ListTags'];

/** Models have generated names. */
export function manageModels(scope: Scope): Statement[] {
  return [
    {
      Sid: 'ManageModels',
      Effect: 'Allow',
      Action: ['sagemaker:CreateModel', 'sagemaker:DeleteModel', 'sagemaker:DescribeModel', ...TAGS],
      Resource: arn(scope, 'sagemaker', `model/${scope.prefix}-*`),
    },
    {
      // A registry in another account has its own policy.
      Sid: 'UseModelPackages',
      Effect: 'Allow',
      Action: 'sagemaker:CreateModel',
      Resource: arn(scope, 'sagemaker', 'model-package/*', '*'),
    },
  ];
}

/** Endpoints may have names chosen by the caller; those are identified by the tag of their pipeline. */
export function manageEndpoints(scope: Scope): Statement[] {
  const own = arn(scope, 'sagemaker', `endpoint/${scope.prefix}-*`);
  const any = arn(scope, 'sagemaker', 'endpoint/*');
  const configs = arn(scope, 'sagemaker', `endpoint-config/${scope.prefix}-*`);
  const changes = [
    'sagemaker:DeleteEndpoint',
    'sagemaker:UpdateEndpoint',
    // The principal that registers an endpoint for scaling needs the permission to scale it.
    'sagemaker:UpdateEndpointWeightsAndCapacities',
  ];
  return [
    {
      Sid: 'ManageEndpointConfigs',
      Effect: 'Allow',
      Action: [
        'sagemaker:CreateEndpoint',
        'sagemaker:CreateEndpointConfig',
        'sagemaker:DeleteEndpointConfig',
        'sagemaker:DescribeEndpointConfig',
        'sagemaker:UpdateEndpoint',
        ...TAGS,
      ],
      Resource: configs,
    },
    {
      Sid: 'ManageEndpoints',
      Effect: 'Allow',
      Action: ['sagemaker:CreateEndpoint', ...changes, TRY, ...TAGS],
      Resource: own,
    },
    {
      Sid: 'LookAtEndpoints',
      Effect: 'Allow',
      Action: ['sagemaker:DescribeEndpoint', 'sagemaker:ListTags'],
      Resource: any,
    },
    {
      Sid: 'MakeNamedEndpoints',
      Effect: 'Allow',
      Action: 'sagemaker:CreateEndpoint',
      Resource: any,
      Condition: madeForPipeline(scope),
    },
    {
      Sid: 'TagNamedEndpoints',
      Effect: 'Allow',
      Action: 'sagemaker:AddTags',
      Resource: any,
      Condition: { StringEquals: { 'sagemaker:TaggingAction': 'CreateEndpoint' } },
    },
    {
      Sid: 'ManageNamedEndpoints',
      Effect: 'Allow',
      Action: [...changes, TRY, 'sagemaker:AddTags', 'sagemaker:DeleteTags'],
      Resource: any,
      Condition: ofPipeline(scope),
    },
    {
      // SageMaker encrypts volumes with KMS grants that it creates with the permissions of the caller of CreateEndpoint.
      Sid: 'LetVolumesUseKeys',
      Effect: 'Allow',
      Action: 'kms:CreateGrant',
      Resource: [...scope.dataKeyArns],
      Condition: {
        Bool: { 'kms:GrantIsForAWSResource': 'true' },
        StringEquals: { 'kms:ViaService': `sagemaker.${scope.place.region}.${scope.place.dnsSuffix}` },
      },
    },
  ];
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html */
export function scaleEndpoints(scope: Scope): Statement[] {
  const targets = arn(scope, 'application-autoscaling', 'scalable-target/*');
  const service = 'sagemaker.application-autoscaling.amazonaws.com';
  return [
    {
      Sid: 'ScaleEndpoints',
      Effect: 'Allow',
      Action: [
        'application-autoscaling:DeleteScalingPolicy',
        'application-autoscaling:DeregisterScalableTarget',
        'application-autoscaling:PutScalingPolicy',
        'application-autoscaling:RegisterScalableTarget',
      ],
      Resource: targets,
      Condition: { StringEquals: { 'application-autoscaling:service-namespace': 'sagemaker' } },
    },
    {
      Sid: 'TagScaling',
      Effect: 'Allow',
      Action: [
        'application-autoscaling:ListTagsForResource',
        'application-autoscaling:TagResource',
        'application-autoscaling:UntagResource',
      ],
      Resource: targets,
    },
    {
      // List actions do not support resources.
      Sid: 'FindScaling',
      Effect: 'Allow',
      Action: ['application-autoscaling:DescribeScalableTargets', 'application-autoscaling:DescribeScalingPolicies'],
      Resource: '*',
    },
    {
      // The first scaled endpoint of an account creates the service-linked role for scaling.
      Sid: 'LetAutoscalingWork',
      Effect: 'Allow',
      Action: 'iam:CreateServiceLinkedRole',
      Resource: globalArn(scope, 'iam', `role/aws-service-role/${service}/*`, scope.place.accountId),
      Condition: { StringEquals: { 'iam:AWSServiceName': service } },
    },
  ];
}

/**
 * Alarms of guarded deployments and of endpoints scaled to zero, named after the endpoint, and those of target tracking.
 * The permission to describe them is in preflight.ts.
 */
export function manageAlarms(scope: Scope): Statement[] {
  return [
    {
      Sid: 'ManageAlarms',
      Effect: 'Allow',
      Action: [
        'cloudwatch:DeleteAlarms',
        'cloudwatch:ListTagsForResource',
        'cloudwatch:PutMetricAlarm',
        'cloudwatch:TagResource',
        'cloudwatch:UntagResource',
      ],
      Resource: ['*-5xx-errors', '*-model-latency', '*-wake-up', 'TargetTracking-endpoint/*'].map((name) =>
        arn(scope, 'cloudwatch', `alarm:${name}`),
      ),
    },
  ];
}
