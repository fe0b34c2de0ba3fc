/** The number of instances follows the load. @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling.html */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { VARIANT } from './endpoint-config.ts';
import type { EndpointSettings } from './endpoint-settings.ts';

/** Nothing for an endpoint of a fixed size. Whoever deletes the endpoint takes both away first. */
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
