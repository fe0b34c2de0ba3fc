/** CloudWatch Logs, EventBridge, alarms and dashboards: what Pulumi keeps under `aws:cloudwatch`. */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { arn, globalArn } from '../partitions.ts';
import { isAbsent, objects, text } from '../properties.ts';
import type { TypeDefinition } from '../resource-type.ts';
import { placeOf } from '../store.ts';

const logs = { folder: 'cloudwatch', sdkId: 'CloudWatch Logs' };
const events = { folder: 'cloudwatch', sdkId: 'EventBridge' };
const metrics = { folder: 'cloudwatch', sdkId: 'CloudWatch' };

const byName = { kind: 'derived', key: (inputs: Properties) => text(inputs, 'name') } as const;

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const logGroup: TypeDefinition = {
  token: 'aws:cloudwatch/logGroup:LogGroup',
  service: logs,
  title: 'CloudWatch Logs Log Group',
  api: { create: 'CreateLogGroup', update: 'PutRetentionPolicy', delete: 'DeleteLogGroup' },
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: { property: 'name', maxLength: 512, pattern: /^[.\-_/#A-Za-z0-9]+$/, code: 'InvalidParameterException' },
  rules: [
    { path: 'retentionInDays', oneOf: RETENTION_DAYS },
    { path: 'kmsKeyId', pattern: /^arn:/ },
    { path: 'logGroupClass', oneOf: ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'] },
  ],
  replaceOn: ['name', 'namePrefix', 'logGroupClass'],
  defaults: { retentionInDays: 0, skipDestroy: false, logGroupClass: 'STANDARD' },
  identity: byName,
  outputs: (_inputs, id, scope) => ({ arn: arn(scope, 'logs', `log-group:${id}`) }),
  duplicate: {
    code: 'ResourceAlreadyExistsException',
    message: () => 'The specified log group already exists',
  },
  refuseDelete: async (_context, before) => {
    if (before.inputs['deletionProtectionEnabled'] === true) {
      refuse('ValidationException', 'Log group has deletion protection enabled.');
    }
  },
  keepOnDelete: (inputs) => inputs['skipDestroy'] === true,
};

const metricFilter: TypeDefinition = {
  token: 'aws:cloudwatch/logMetricFilter:LogMetricFilter',
  service: logs,
  title: 'CloudWatch Logs Metric Filter',
  api: { create: 'PutMetricFilter', update: 'PutMetricFilter', delete: 'DeleteMetricFilter' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: { property: 'name', maxLength: 512, pattern: /^[^:*]+$/, code: 'InvalidParameterException' },
  rules: [
    { path: 'pattern', maxLength: 1024 },
    { path: 'metricTransformation.name', maxLength: 255, pattern: /^[^:*$]+$/ },
    { path: 'metricTransformation.namespace', maxLength: 255, pattern: /^[^:*$]+$/ },
  ],
  replaceOn: ['logGroupName', 'name'],
  defaults: { applyOnTransformedLogs: false },
  identity: {
    kind: 'derived',
    key: (inputs) => `${text(inputs, 'logGroupName')}:${text(inputs, 'name')}`,
    id: (inputs) => text(inputs, 'name'),
  },
  references: [
    {
      property: 'logGroupName',
      type: logGroup.token,
      code: 'ResourceNotFoundException',
      message: () => 'The specified log group does not exist.',
    },
  ],
};

const busOf = (inputs: Properties): string => text(inputs, 'eventBusName') || 'default';
const onBus = (inputs: Properties, separator: string): string =>
  busOf(inputs) === 'default' ? '' : `${busOf(inputs)}${separator}`;

const RULE = 'aws:cloudwatch/eventRule:EventRule';
const TARGET = 'aws:cloudwatch/eventTarget:EventTarget';

const eventRule: TypeDefinition = {
  token: RULE,
  service: events,
  title: 'EventBridge Rule',
  api: { create: 'PutRule', update: 'PutRule', delete: 'DeleteRule' },
  autoName: { property: 'name', maxLength: 64, conflictsWith: ['namePrefix'] },
  nameRule: { property: 'name', maxLength: 64, pattern: /^[.\-_A-Za-z0-9]+$/ },
  rules: [
    { path: 'eventPattern', maxLength: 4096, json: true },
    { path: 'scheduleExpression', maxLength: 256 },
    { path: 'state', oneOf: ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] },
  ],
  check: (inputs) =>
    isAbsent(inputs['eventPattern']) && isAbsent(inputs['scheduleExpression'])
      ? [{ property: 'eventPattern', reason: 'one of `event_pattern,schedule_expression` must be specified' }]
      : [],
  replaceOn: ['name', 'namePrefix', 'eventBusName'],
  documents: ['eventPattern'],
  defaults: { eventBusName: 'default', state: 'ENABLED', forceDestroy: false },
  identity: { kind: 'derived', key: (inputs) => `${onBus(inputs, '/')}${text(inputs, 'name')}` },
  outputs: (inputs, _id, scope) => ({
    arn: arn(scope, 'events', `rule/${onBus(inputs, '/')}${text(inputs, 'name')}`),
  }),
  refuseCreate: async ({ inputs }) => {
    if (!isAbsent(inputs['scheduleExpression']) && busOf(inputs) !== 'default') {
      refuse('ValidationException', 'ScheduleExpression is supported only on the default event bus.');
    }
  },
  refuseDelete: async ({ store, scope }, before) => {
    const prefix = `${onBus(before.inputs, '/')}${text(before.inputs, 'name')}/`;
    const targets = await store.list(placeOf({ token: TARGET }, scope), prefix);
    if (targets.length > 0) refuse('ValidationException', "Rule can't be deleted since it has targets.");
  },
};

const TARGETS_LIMIT = 5;

const eventTarget: TypeDefinition = {
  token: TARGET,
  service: events,
  title: 'EventBridge Target',
  api: { create: 'PutTargets', update: 'PutTargets', delete: 'RemoveTargets' },
  autoName: { property: 'targetId', maxLength: 255 },
  nameRule: { property: 'targetId', maxLength: 64, pattern: /^[.\-_A-Za-z0-9]+$/ },
  rules: [
    { path: 'arn', pattern: /^arn:/ },
    { path: 'input', maxLength: 8192 },
  ],
  check: (inputs) =>
    ['input', 'inputPath', 'inputTransformer'].filter((key) => !isAbsent(inputs[key])).length > 1
      ? [{ property: 'input', reason: 'only one of `input,input_path,input_transformer` can be specified' }]
      : [],
  replaceOn: ['rule', 'targetId', 'eventBusName'],
  defaults: { eventBusName: 'default', forceDestroy: false },
  identity: {
    kind: 'derived',
    key: (inputs) => `${onBus(inputs, '/')}${text(inputs, 'rule')}/${text(inputs, 'targetId')}`,
    id: (inputs) => `${onBus(inputs, '-')}${text(inputs, 'rule')}-${text(inputs, 'targetId')}`,
  },
  references: [
    {
      property: 'rule',
      type: RULE,
      key: (rule, inputs) => `${onBus(inputs, '/')}${rule}`,
      code: 'ResourceNotFoundException',
      message: (rule) => `Rule ${rule} does not exist on EventBus default.`,
    },
  ],
  refuseCreate: async ({ store, scope, inputs }) => {
    const prefix = `${onBus(inputs, '/')}${text(inputs, 'rule')}/`;
    const others = await store.list(placeOf({ token: TARGET }, scope), prefix);
    if (others.filter((each) => each.key !== `${prefix}${text(inputs, 'targetId')}`).length >= TARGETS_LIMIT) {
      refuse('LimitExceededException', `A rule can have at most ${TARGETS_LIMIT} targets.`);
    }
  },
};

const metricAlarm: TypeDefinition = {
  token: 'aws:cloudwatch/metricAlarm:MetricAlarm',
  service: metrics,
  title: 'CloudWatch Metric Alarm',
  api: { create: 'PutMetricAlarm', update: 'PutMetricAlarm', delete: 'DeleteAlarms' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: { property: 'name', maxLength: 255, pattern: /^[\s\S]+$/ },
  rules: [
    { path: 'evaluationPeriods', min: 1 },
    { path: 'treatMissingData', oneOf: ['breaching', 'notBreaching', 'ignore', 'missing'] },
  ],
  replaceOn: ['name'],
  defaults: { actionsEnabled: true, treatMissingData: 'missing' },
  identity: byName,
  outputs: (_inputs, id, scope) => ({ arn: arn(scope, 'cloudwatch', `alarm:${id}`) }),
  refuseCreate: async ({ inputs }) => requireMeasure(inputs),
  refuseUpdate: async ({ inputs }) => requireMeasure(inputs),
};

function requireMeasure(inputs: Properties): void {
  const queries = objects(inputs, 'metricQueries');
  if (queries.length === 0 && isAbsent(inputs['metricName'])) {
    refuse('ValidationError', 'An alarm needs a metric name or metric queries.');
  }
  if (queries.length > 0 && queries.filter((query) => query['returnData'] === true).length !== 1) {
    refuse('ValidationError', 'Exactly one element of the metrics list should return data.');
  }
  const period = inputs['period'];
  if (typeof period === 'number' && period !== 10 && period !== 20 && period !== 30 && period % 60 !== 0) {
    refuse('ValidationError', 'Period must be 10, 20, 30 or a multiple of 60.');
  }
}

const dashboard: TypeDefinition = {
  token: 'aws:cloudwatch/dashboard:Dashboard',
  service: metrics,
  title: 'CloudWatch Dashboard',
  api: { create: 'PutDashboard', update: 'PutDashboard', delete: 'DeleteDashboards' },
  rules: [{ path: 'dashboardBody', json: true }],
  nameRule: {
    property: 'dashboardName',
    maxLength: 255,
    pattern: /^[A-Za-z0-9_-]+$/,
    code: 'InvalidParameterInput',
  },
  replaceOn: ['dashboardName'],
  documents: ['dashboardBody'],
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'dashboardName') },
  outputs: (_inputs, id, scope) => ({ dashboardArn: globalArn(scope, 'cloudwatch', `dashboard/${id}`) }),
};

export const cloudwatchTypes: readonly TypeDefinition[] = [
  logGroup,
  metricFilter,
  eventRule,
  eventTarget,
  metricAlarm,
  dashboard,
];
