/** The service's log, and the metrics derived from its `work` lines (automation/executions/backlog-metrics.ts). */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { childOf } from './options.ts';

/** Figure in the line → name of its metric. */
const METRICS = {
  queued: 'QueuedExecutions',
  oldestQueuedSeconds: 'OldestQueuedSeconds',
  inProgress: 'RunningExecutions',
  stuck: 'StuckExecutions',
  failed: 'FailedExecutions',
} as const;
export type Figure = keyof typeof METRICS;

export interface WorkMetricsArgs {
  keyArn: pulumi.Input<string>;
  retentionDays: number;
}

/**
 * Every process logs the same figures once a minute, so the maximum over a minute is the value. No figures at all means that
 * nothing is running.
 */
export class WorkMetrics extends pulumi.ComponentResource {
  readonly logGroupName: pulumi.Output<string>;
  readonly logGroupArn: pulumi.Output<string>;
  readonly namespace: string;
  readonly names: Readonly<Record<Figure, string>> = METRICS;

  constructor(name: string, args: WorkMetricsArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:WorkMetrics', name, {}, options);
    this.namespace = `MLOps/${pulumi.getStack()}`;
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-service`,
      { kmsKeyId: args.keyArn, retentionInDays: args.retentionDays },
      childOf(this),
    );
    for (const [figure, metric] of Object.entries(METRICS)) {
      new aws.cloudwatch.LogMetricFilter(
        `${name}-${figure}`,
        {
          logGroupName: logGroup.name,
          pattern: `{ $.work.${figure} >= 0 }`,
          metricTransformation: { namespace: this.namespace, name: metric, value: `$.work.${figure}` },
        },
        childOf(this),
      );
    }
    this.logGroupName = logGroup.name;
    this.logGroupArn = logGroup.arn;
    this.registerOutputs({ logGroupName: this.logGroupName });
  }
}
