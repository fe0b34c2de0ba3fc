/** What someone is woken up for. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { childOf } from './options.ts';
import type { Figure, WorkMetrics } from './work-metrics.ts';

export interface Watched {
  metrics: WorkMetrics;
  apiId: pulumi.Input<string>;
  queueName: pulumi.Input<string>;
  deadLetterQueueName: pulumi.Input<string>;
  databaseClusterId: pulumi.Input<string>;
  targetGroup: pulumi.Input<string>;
  loadBalancer: pulumi.Input<string>;
}

export interface AlarmsArgs extends Watched {
  topicArn: pulumi.Input<string>;
}

interface Alarm {
  /** In the e-mail: what is wrong, and what to do. */
  description: string;
  namespace: string;
  metricName: string;
  dimensions?: Record<string, pulumi.Input<string>>;
  statistic?: 'Maximum' | 'Sum' | 'Average';
  /** The alarm goes off above this. */
  threshold: number;
  /** Minutes in a row. */
  minutes: number;
  /** How missing data is treated. Default `notBreaching`. */
  missing?: 'breaching' | 'notBreaching';
}

const MINUTE = 60;

/** Creates the alarms; each notifies the topic when it goes off and when it is over. */
export class Alarms extends pulumi.ComponentResource {
  readonly names: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: AlarmsArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Alarms', name, {}, options);
    const alarms = { ...workAlarms(args.metrics), ...platformAlarms(args) };
    this.names = Object.fromEntries(
      Object.entries(alarms).map(([what, alarm]) => [
        what,
        createAlarm(`${name}-${what}`, alarm, args.topicArn, this).name,
      ]),
    );
    this.registerOutputs();
  }
}

function workAlarms(metrics: WorkMetrics): Record<string, Alarm> {
  const work = (figure: Figure) => ({ namespace: metrics.namespace, metricName: metrics.names[figure] });
  return {
    'failed-executions': {
      ...work('failed'),
      description: 'Executions failed. GET /pipelines shows which; GET /executions/{id} says why, and what to do.',
      threshold: 0,
      minutes: 1,
    },
    'stuck-executions': {
      ...work('stuck'),
      description: 'Executions are in progress and give no sign of life. The service log names them.',
      threshold: 0,
      minutes: 5,
    },
    'execution-queue-age': {
      ...work('oldestQueuedSeconds'),
      description:
        'An execution waits for a worker for more than 15 minutes. Are there enough of them (workerMaxTasks)?',
      threshold: 15 * MINUTE,
      minutes: 5,
    },
    'no-service': {
      ...work('queued'),
      description: 'No process of the service has reported for 5 minutes. See the events of the ECS services.',
      // Only missing data triggers it: so many executions never wait.
      threshold: 100_000,
      minutes: 5,
      missing: 'breaching',
    },
  };
}

function platformAlarms(args: Watched): Record<string, Alarm> {
  return {
    'event-queue-age': {
      description: 'Events of the assets bucket, registry or repository wait for more than 15 minutes.',
      namespace: 'AWS/SQS',
      metricName: 'ApproximateAgeOfOldestMessage',
      dimensions: { QueueName: args.queueName },
      threshold: 15 * MINUTE,
      minutes: 5,
    },
    'dead-letters': {
      description:
        'Events could not be handled and are in the dead-letter queue. Inspect them, then redrive or purge it.',
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: args.deadLetterQueueName },
      threshold: 0,
      minutes: 1,
    },
    'server-errors': {
      description: 'The API answers with 5xx. The access log and the service log have the requests.',
      namespace: 'AWS/ApiGateway',
      metricName: '5xx',
      dimensions: { ApiId: args.apiId },
      statistic: 'Sum',
      threshold: 5,
      minutes: 5,
    },
    'unhealthy-tasks': {
      description: 'A task that answers HTTP is not healthy for 10 minutes: see the events of the ECS service.',
      namespace: 'AWS/ApplicationELB',
      metricName: 'UnHealthyHostCount',
      dimensions: { TargetGroup: args.targetGroup, LoadBalancer: args.loadBalancer },
      threshold: 0,
      minutes: 10,
    },
    'database-cpu': {
      description: 'The database is busy above 80 % for 15 minutes.',
      namespace: 'AWS/RDS',
      metricName: 'CPUUtilization',
      dimensions: { DBClusterIdentifier: args.databaseClusterId },
      statistic: 'Average',
      threshold: 80,
      minutes: 15,
    },
    'database-capacity': {
      description: 'The database is at the end of its capacity: raise databaseMaxCapacity.',
      namespace: 'AWS/RDS',
      metricName: 'ACUUtilization',
      dimensions: { DBClusterIdentifier: args.databaseClusterId },
      statistic: 'Average',
      threshold: 90,
      minutes: 15,
    },
  };
}

function createAlarm(
  name: string,
  alarm: Alarm,
  topicArn: pulumi.Input<string>,
  parent: pulumi.Resource,
): aws.cloudwatch.MetricAlarm {
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: alarm.description,
      namespace: alarm.namespace,
      metricName: alarm.metricName,
      ...(alarm.dimensions ? { dimensions: alarm.dimensions } : {}),
      statistic: alarm.statistic ?? 'Maximum',
      comparisonOperator: 'GreaterThanThreshold',
      threshold: alarm.threshold,
      period: MINUTE,
      evaluationPeriods: alarm.minutes,
      treatMissingData: alarm.missing ?? 'notBreaching',
      alarmActions: [topicArn],
      okActions: [topicArn],
    },
    childOf(parent),
  );
}
