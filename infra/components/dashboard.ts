/** One dashboard for the state of the orchestrator. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Watched } from './alarms.ts';
import type { Service } from './service.ts';

export interface DashboardArgs extends Watched {
  region: string;
  service: Service;
}

type Metric = (pulumi.Input<string> | { stat?: string; label?: string })[];
interface Graph {
  title: string;
  metrics: Metric[];
}

const COLUMNS = 24;
const WIDTH = 8;
const HEIGHT = 6;
const PERIOD_SECONDS = 60;

/** @returns its name: dashboards have no other address. */
export function createDashboard(
  name: string,
  args: DashboardArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const perRow = COLUMNS / WIDTH;
  const widgets = graphs(args).map(({ title, metrics }, index) => ({
    type: 'metric',
    x: (index % perRow) * WIDTH,
    y: Math.floor(index / perRow) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    properties: { title, metrics, region: args.region, period: PERIOD_SECONDS, view: 'timeSeries', stat: 'Maximum' },
  }));
  return new aws.cloudwatch.Dashboard(
    name,
    { dashboardName: `${name}-${pulumi.getStack()}`, dashboardBody: pulumi.jsonStringify({ widgets }) },
    options,
  ).dashboardName;
}

function graphs({
  metrics,
  apiId,
  queueName,
  deadLetterQueueName,
  databaseClusterId,
  service,
}: DashboardArgs): Graph[] {
  const { namespace, names } = metrics;
  const tasks = (serviceName: pulumi.Input<string>, metric: string, label: string): Metric => [
    'AWS/ECS',
    metric,
    'ClusterName',
    service.clusterName,
    'ServiceName',
    serviceName,
    { stat: 'Average', label },
  ];
  const api = (metric: string, stat: string): Metric => ['AWS/ApiGateway', metric, 'ApiId', apiId, { stat }];
  const database = (metric: string): Metric => [
    'AWS/RDS',
    metric,
    'DBClusterIdentifier',
    databaseClusterId,
    { stat: 'Average' },
  ];
  const queue = (name: pulumi.Input<string>, metric: string): Metric => ['AWS/SQS', metric, 'QueueName', name];
  return [
    {
      title: 'Executions',
      metrics: [
        [namespace, names.queued],
        [namespace, names.inProgress],
        [namespace, names.failed],
        [namespace, names.stuck],
      ],
    },
    { title: 'Oldest queued execution (s)', metrics: [[namespace, names.oldestQueuedSeconds]] },
    { title: 'Requests', metrics: [api('Count', 'Sum'), api('4xx', 'Sum'), api('5xx', 'Sum')] },
    { title: 'Latency (ms)', metrics: [api('Latency', 'p50'), api('Latency', 'p99')] },
    {
      title: 'Processors of the tasks (%)',
      metrics: [
        tasks(service.apiServiceName, 'CPUUtilization', 'api'),
        tasks(service.workerServiceName, 'CPUUtilization', 'workers'),
      ],
    },
    {
      title: 'Memory of the tasks (%)',
      metrics: [
        tasks(service.apiServiceName, 'MemoryUtilization', 'api'),
        tasks(service.workerServiceName, 'MemoryUtilization', 'workers'),
      ],
    },
    {
      title: 'Database',
      metrics: [database('ServerlessDatabaseCapacity'), database('CPUUtilization'), database('DatabaseConnections')],
    },
    {
      title: 'Events',
      metrics: [
        queue(queueName, 'ApproximateNumberOfMessagesVisible'),
        queue(queueName, 'ApproximateAgeOfOldestMessage'),
        queue(deadLetterQueueName, 'ApproximateNumberOfMessagesVisible'),
      ],
    },
  ];
}
