/** The number of instances follows the load. @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { VARIANT } from './endpoint-config.ts';
import type { EndpointSettings } from './endpoint-settings.ts';

/** Nothing for an endpoint of a fixed size. The target and its policies are removed before the endpoint. */
export function createAutoscaling(
  name: string,
  { autoscaling, asynchronous }: EndpointSettings,
  endpoint: aws.sagemaker.Endpoint,
  options: pulumi.CustomResourceOptions,
): void {
  if (!autoscaling) return;
  const target = new aws.appautoscaling.Target(
    `${name}-scaling-target`,
    {
      serviceNamespace: 'sagemaker',
      resourceId: pulumi.interpolate`endpoint/${endpoint.name}/variant/${VARIANT}`,
      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
      minCapacity: autoscaling.minCapacity,
      maxCapacity: autoscaling.maxCapacity,
    },
    options,
  );
  const { scaleInCooldownSeconds: scaleInCooldown, scaleOutCooldownSeconds: scaleOutCooldown } = autoscaling;
  new aws.appautoscaling.Policy(
    `${name}-scaling-policy`,
    {
      policyType: 'TargetTrackingScaling',
      serviceNamespace: target.serviceNamespace,
      resourceId: target.resourceId,
      scalableDimension: target.scalableDimension,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: autoscaling.targetInvocationsPerInstance,
        ...(asynchronous ? backlog(endpoint) : INVOCATIONS),
        ...(scaleInCooldown === undefined ? {} : { scaleInCooldown }),
        ...(scaleOutCooldown === undefined ? {} : { scaleOutCooldown }),
      },
    },
    options,
  );
  if (autoscaling.minCapacity === 0) createWakeUp(name, target, endpoint, options);
}

/** In seconds: an instance takes minutes to start, and a second payload must not start another. */
const WAKE_UP_COOLDOWN = 300;

/**
 * Without instances there is no backlog per instance to track: an alarm on waiting payloads starts the first one.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html#async-inference-autoscale-scale-up
 */
function createWakeUp(
  name: string,
  target: aws.appautoscaling.Target,
  endpoint: aws.sagemaker.Endpoint,
  options: pulumi.CustomResourceOptions,
): void {
  const policy = new aws.appautoscaling.Policy(
    `${name}-wake-up-policy`,
    {
      policyType: 'StepScaling',
      serviceNamespace: target.serviceNamespace,
      resourceId: target.resourceId,
      scalableDimension: target.scalableDimension,
      stepScalingPolicyConfiguration: {
        adjustmentType: 'ChangeInCapacity',
        metricAggregationType: 'Average',
        cooldown: WAKE_UP_COOLDOWN,
        stepAdjustments: [{ metricIntervalLowerBound: '0', scalingAdjustment: 1 }],
      },
    },
    options,
  );
  new aws.cloudwatch.MetricAlarm(
    `${name}-wake-up`,
    {
      // As the deployment role may name it.
      name: pulumi.interpolate`${endpoint.name}-wake-up`,
      alarmDescription: `Payloads wait and ${name} has no instance: starts one`,
      namespace: 'AWS/SageMaker',
      metricName: 'HasBacklogWithoutCapacity',
      dimensions: { EndpointName: endpoint.name },
      statistic: 'Average',
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      threshold: 1,
      period: 60,
      evaluationPeriods: 1,
      treatMissingData: 'missing',
      alarmActions: [policy.arn],
    },
    options,
  );
}

type Metric = Pick<
  aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfiguration,
  'customizedMetricSpecification' | 'predefinedMetricSpecification'
>;

const INVOCATIONS: Metric = {
  predefinedMetricSpecification: { predefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
};

/**
 * Payloads wait in a queue, so their arrival says nothing of the load.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
 */
function backlog(endpoint: aws.sagemaker.Endpoint): Metric {
  return {
    customizedMetricSpecification: {
      namespace: 'AWS/SageMaker',
      metricName: 'ApproximateBacklogSizePerInstance',
      dimensions: [{ name: 'EndpointName', value: endpoint.name }],
      statistic: 'Average',
    },
  };
}
