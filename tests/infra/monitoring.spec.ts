import assert from 'node:assert/strict';
import * as pulumi from '@pulumi/pulumi';
import { Alarms } from '../../infra/components/alarms.ts';
import { createDashboard } from '../../infra/components/dashboard.ts';
import type { Service } from '../../infra/components/service.ts';
import { WorkMetrics } from '../../infra/components/work-metrics.ts';
import type { Run } from '../../blueprints/testing.ts';
import { KEY_ARN, record } from './recording.ts';

const TOPIC = 'arn:aws:sns:us-east-1:111111111111:mlops-notifications';

describe('monitoring', () => {
  let made: Run;

  before(async () => {
    made = await record(() => {
      const watched = {
        metrics: new WorkMetrics('mlops', { keyArn: KEY_ARN, retentionDays: 30 }),
        apiId: 'api-1',
        queueName: 'queue-1',
        deadLetterQueueName: 'dead-letters-1',
        databaseClusterId: 'cluster-1',
        targetGroup: 'targetgroup/mlops/3',
        loadBalancer: 'app/mlops/1',
      };
      new Alarms('mlops', { ...watched, topicArn: TOPIC });
      const service = {
        clusterName: pulumi.output('ecs-1'),
        apiServiceName: pulumi.output('api'),
        workerServiceName: pulumi.output('worker'),
      } as unknown as Service;
      createDashboard('mlops', { ...watched, region: 'us-east-1', service }, {});
    });
  });

  const alarms = () => made.resources.filter(({ type }) => type.endsWith(':MetricAlarm'));

  it('watches executions, events, the API and the database', () => {
    assert.deepEqual(
      alarms()
        .map(({ name, inputs }) => `${name}: ${String(inputs.namespace)} ${String(inputs.metricName)}`)
        .sort(),
      [
        'mlops-database-capacity: AWS/RDS ACUUtilization',
        'mlops-database-cpu: AWS/RDS CPUUtilization',
        'mlops-dead-letters: AWS/SQS ApproximateNumberOfMessagesVisible',
        'mlops-event-queue-age: AWS/SQS ApproximateAgeOfOldestMessage',
        'mlops-execution-queue-age: MLOps/stack OldestQueuedSeconds',
        'mlops-failed-executions: MLOps/stack FailedExecutions',
        'mlops-no-service: MLOps/stack QueuedExecutions',
        'mlops-server-errors: AWS/ApiGateway 5xx',
        'mlops-stuck-executions: MLOps/stack StuckExecutions',
        'mlops-unhealthy-tasks: AWS/ApplicationELB UnHealthyHostCount',
      ],
    );
  });

  it('tells the topic of each alarm, when it goes off and when it is over, with what to do', () => {
    for (const { inputs, name } of alarms()) {
      assert.deepEqual([inputs.alarmActions, inputs.okActions], [[TOPIC], [TOPIC]], name);
      assert.ok(String(inputs.alarmDescription).length > 30, name);
      assert.equal(inputs.comparisonOperator, 'GreaterThanThreshold');
    }
  });

  it('takes silence for a fault of the service alone', () => {
    const breaching = alarms().filter(({ inputs }) => inputs.treatMissingData === 'breaching');
    assert.deepEqual(
      breaching.map(({ name }) => name),
      ['mlops-no-service'],
    );
  });

  it('goes off at the first failed execution', () => {
    const { inputs } = made.find('MetricAlarm', 'mlops-failed-executions');
    assert.deepEqual(
      [inputs.threshold, inputs.period, inputs.evaluationPeriods, inputs.statistic],
      [0, 60, 1, 'Maximum'],
    );
  });

  it('draws every metric of the service, and no two graphs in one place', () => {
    const { dashboardBody, dashboardName } = made.find('Dashboard').inputs;
    assert.equal(dashboardName, 'mlops-stack');
    const { widgets } = JSON.parse(String(dashboardBody)) as {
      widgets: { x: number; y: number; width: number; properties: { metrics: unknown[][]; region: string } }[];
    };
    const places = widgets.map(({ x, y }) => `${x}/${y}`);
    assert.equal(new Set(places).size, widgets.length);
    assert.ok(widgets.every(({ x, width }) => x + width <= 24));
    const drawn = new Set(widgets.flatMap(({ properties }) => properties.metrics.map(([, metric]) => metric)));
    for (const metric of [
      'QueuedExecutions',
      'OldestQueuedSeconds',
      'RunningExecutions',
      'StuckExecutions',
      'FailedExecutions',
    ]) {
      assert.ok(drawn.has(metric), metric);
    }
    assert.ok(!String(dashboardBody).includes('[Output'));
  });
});
