/** The number of tasks of a service. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { TaskRange } from '../config.ts';
import { childOf } from './options.ts';
import type { WorkMetrics } from './work-metrics.ts';

const CPU_PERCENT = 60;
const SCALE_OUT_COOLDOWN_SECONDS = 60;
/** Work of a terminated worker restarts from the beginning of its step in another one: do not scale in for a short lull. */
const SCALE_IN_COOLDOWN_SECONDS = 900;

export interface ScalingArgs {
  clusterName: pulumi.Input<string>;
  serviceName: pulumi.Input<string>;
  range: TaskRange;
}

/** By CPU utilization. */
export function scaleByCpu(name: string, args: ScalingArgs, parent: pulumi.Resource): aws.appautoscaling.Target {
  const target = new aws.appautoscaling.Target(
    name,
    {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: pulumi.interpolate`service/${args.clusterName}/${args.serviceName}`,
      minCapacity: args.range.min,
      maxCapacity: args.range.max,
    },
    childOf(parent),
  );
  track(
    `${name}-cpu`,
    target,
    {
      targetValue: CPU_PERCENT,
      predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    },
    parent,
  );
  return target;
}

/**
 * By CPU, and by the work per task: queued and running executions divided by the number of running tasks.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
 */
export function scaleByQueue(
  name: string,
  args: ScalingArgs & {
    metrics: WorkMetrics;
    /** Executions that one task works on at once. */
    perTask: number;
  },
  parent: pulumi.Resource,
): void {
  const target = scaleByCpu(name, args, parent);
  const { namespace, names } = args.metrics;
  const work = (id: string, metricName: string) => ({
    id,
    metricStat: { metric: { namespace, metricName }, stat: 'Maximum' },
    returnData: false,
  });
  track(
    `${name}-queue`,
    target,
    {
      targetValue: args.perTask,
      customizedMetricSpecification: {
        metrics: [
          work('queued', names.queued),
          work('running', names.inProgress),
          {
            id: 'tasks',
            metricStat: {
              metric: {
                namespace: 'ECS/ContainerInsights',
                metricName: 'RunningTaskCount',
                dimensions: [
                  { name: 'ClusterName', value: args.clusterName },
                  { name: 'ServiceName', value: args.serviceName },
                ],
              },
              stat: 'Average',
            },
            returnData: false,
          },
          { id: 'load', expression: '(queued + running) / tasks', label: 'Executions per worker', returnData: true },
        ],
      },
    },
    parent,
  );
}

function track(
  name: string,
  target: aws.appautoscaling.Target,
  configuration: aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfiguration,
  parent: pulumi.Resource,
): void {
  new aws.appautoscaling.Policy(
    name,
    {
      policyType: 'TargetTrackingScaling',
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        scaleOutCooldown: SCALE_OUT_COOLDOWN_SECONDS,
        scaleInCooldown: SCALE_IN_COOLDOWN_SECONDS,
        ...configuration,
      },
    },
    childOf(parent),
  );
}
