/** How an update shifts traffic, and what rolls it back. @see https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html */
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { VARIANT } from './endpoint-config.ts';
import { alarmName } from './endpoint-name.ts';
import type { Deployment, EndpointSettings } from './endpoint-settings.ts';
import { DEFAULT_STEP_PERCENT, deploymentSeconds } from './traffic-shifting.ts';

/**
 * Nothing without a deployment. Another list of alarms replaces the endpoint, so the names of the component's own follow from
 * the endpoint's name alone.
 * @throws Error for alarms of the component and an endpoint without a name
 */
export function createGuardrails(
  name: string,
  { deployment }: EndpointSettings,
  endpointName: string | undefined,
  options: pulumi.CustomResourceOptions,
): aws.types.input.sagemaker.EndpointDeploymentConfig | undefined {
  if (!deployment) return undefined;
  // By reference: SageMaker looks the alarms up, so they are there before the endpoint.
  const alarms = deployment.alarms ?? createAlarms(name, nameOf(endpointName), options).map((alarm) => alarm.name);
  return {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: trafficRouting(deployment),
      terminationWaitInSeconds: deployment.terminationWaitSeconds,
      maximumExecutionTimeoutInSeconds: deploymentSeconds(deployment),
    },
    autoRollbackConfiguration: { alarms: alarms.map((one) => ({ alarmName: one })) },
  };
}

function nameOf(endpointName: string | undefined): string {
  if (endpointName !== undefined) return endpointName;
  throw new Error(
    'A deployment that uses the default alarms requires endpointName: the alarms are created before the endpoint.',
  );
}

type TrafficRouting =
  aws.types.input.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfiguration;

function trafficRouting({ strategy, stepPercent, waitSeconds }: Deployment): TrafficRouting {
  const step = { type: 'CAPACITY_PERCENT', value: stepPercent ?? DEFAULT_STEP_PERCENT };
  const waitIntervalInSeconds = waitSeconds;
  switch (strategy) {
    case 'canary':
      return { type: 'CANARY', canarySize: step, waitIntervalInSeconds };
    case 'linear':
      return { type: 'LINEAR', linearStepSize: step, waitIntervalInSeconds };
    case 'all_at_once':
      return { type: 'ALL_AT_ONCE', waitIntervalInSeconds };
  }
}

/**
 * A minute with more than 5 % of the calls failed, or with the slowest tenth of the answers over 14 s: half of what callers of
 * `POST /inference` have at most. A minute without calls tells nothing, so it is no reason to roll back.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
 */
const ALARMS = [
  {
    suffix: '5xx-errors',
    description: 'More than 5 % of the calls failed in a minute',
    measure: { metricName: 'Invocation5XXErrors', statistic: 'Average', threshold: 0.05 },
  },
  {
    suffix: 'model-latency',
    description: 'The slowest tenth of the answers took more than 14 s in a minute',
    // In microseconds.
    measure: { metricName: 'ModelLatency', extendedStatistic: 'p90', threshold: 14_000_000 },
  },
] as const;

function createAlarms(
  name: string,
  endpointName: string,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm[] {
  return ALARMS.map(
    ({ suffix, description, measure }) =>
      new aws.cloudwatch.MetricAlarm(
        `${name}-${suffix}`,
        {
          name: alarmName(endpointName, suffix),
          alarmDescription: `${description}: rolls an update of ${endpointName} back`,
          namespace: 'AWS/SageMaker',
          dimensions: { EndpointName: endpointName, VariantName: VARIANT },
          ...measure,
          comparisonOperator: 'GreaterThanThreshold',
          period: 60,
          evaluationPeriods: 1,
          treatMissingData: 'notBreaching',
        },
        // Deleted first, it would take the endpoint along. Only another name replaces it, so both can live.
        { ...options, deleteBeforeReplace: false },
      ),
  );
}
