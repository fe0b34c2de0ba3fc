/** Containers. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html */
import type { Properties } from '../../../sandbox/provider.ts';
import { refuse } from '../../../sandbox/aws/aws-errors.ts';
import { idOf } from '../../../sandbox/aws/identifiers.ts';
import { arn } from '../../../sandbox/aws/partitions.ts';
import { asList, requireRole } from '../../../sandbox/aws/references.ts';
import { canonical, isAbsent, nameOfArn, objects, text } from '../../../sandbox/aws/properties.ts';
import type { CallContext, TypeDefinition } from '../../../sandbox/aws/resource-type.ts';
import { placeOf } from '../../../sandbox/aws/store.ts';

const service = { folder: 'ecs', sdkId: 'ECS' };
const CLUSTER = 'aws:ecs/cluster:Cluster';
const TASK_DEFINITION = 'aws:ecs/taskDefinition:TaskDefinition';
const SERVICE = 'aws:ecs/service:Service';

const nameRule = {
  property: 'name',
  maxLength: 255,
  pattern: /^[a-zA-Z0-9_-]+$/,
  code: 'InvalidParameterException',
} as const;

const cluster: TypeDefinition = {
  token: CLUSTER,
  service,
  title: 'ECS Cluster',
  api: { create: 'CreateCluster', update: 'UpdateCluster', delete: 'DeleteCluster' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule,
  rules: [
    { path: 'settings[].name', oneOf: ['containerInsights'] },
    { path: 'settings[].value', oneOf: ['enabled', 'disabled', 'enhanced'] },
  ],
  replaceOn: ['name'],
  identity: { kind: 'derived', key: (inputs, scope) => arn(scope, 'ecs', `cluster/${text(inputs, 'name')}`) },
  outputs: (_inputs, id) => ({ arn: id }),
  refuseDelete: async ({ store, scope }, before) => {
    const services = await store.list(placeOf({ token: SERVICE }, scope));
    if (services.some((one) => clusterName(one.inputs) === text(before.inputs, 'name'))) {
      refuse('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.');
    }
  },
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size */
const FARGATE_MEMORY: Readonly<Record<string, readonly [least: number, most: number]>> = {
  '256': [512, 2048],
  '512': [1024, 4096],
  '1024': [2048, 8192],
  '2048': [4096, 16_384],
  '4096': [8192, 30_720],
  '8192': [16_384, 61_440],
  '16384': [32_768, 122_880],
};

const taskDefinition: TypeDefinition = {
  token: TASK_DEFINITION,
  service,
  title: 'ECS Task Definition',
  api: { create: 'RegisterTaskDefinition', update: 'TagResource', delete: 'DeregisterTaskDefinition' },
  nameRule: { ...nameRule, property: 'family', code: 'ClientException' },
  rules: [
    { path: 'containerDefinitions', json: true },
    { path: 'networkMode', oneOf: ['awsvpc', 'bridge', 'host', 'none'] },
  ],
  replaceOn: { allExcept: ['tags', 'tagsAll', 'skipDestroy', 'trackLatest'] },
  documents: ['containerDefinitions'],
  defaults: { enableFaultInjection: false, networkMode: 'bridge', skipDestroy: false, trackLatest: false },
  // Each registration is a new revision of one family: the id in the state is only the family.
  identity: { kind: 'derived', key: revisionKey, id: (inputs) => text(inputs, 'family') },
  outputs: async (inputs, _id, scope, store) => {
    const before = await revisionsOf({ store, scope }, text(inputs, 'family'));
    const revision = 1 + Math.max(0, ...before.map((one) => Number(one.outputs['revision'])));
    const family = arn(scope, 'ecs', `task-definition/${text(inputs, 'family')}`);
    return { arn: `${family}:${revision}`, arnWithoutRevision: family, revision };
  },
  refuseCreate: requireTask,
};

/** What makes a revision another one: every input that has no default. */
const REVISION = [
  'containerDefinitions',
  'cpu',
  'ephemeralStorage',
  'executionRoleArn',
  'ipcMode',
  'memory',
  'pidMode',
  'placementConstraints',
  'proxyConfiguration',
  'requiresCompatibilities',
  'runtimePlatform',
  'taskRoleArn',
  'volumes',
];

function revisionKey(inputs: Properties): string {
  return `${text(inputs, 'family')}/${idOf(20, ...REVISION.map((key) => canonical(inputs[key])))}`;
}

function revisionsOf({ store, scope }: Pick<CallContext, 'store' | 'scope'>, family: string) {
  return store.list(placeOf({ token: TASK_DEFINITION }, scope), `${family}/`);
}

async function requireTask(context: CallContext): Promise<void> {
  const { inputs } = context;
  const fail = (message: string): never => refuse('ClientException', message);
  const containers = JSON.parse(text(inputs, 'containerDefinitions')) as Properties[];
  if (!Array.isArray(containers) || containers.length === 0) fail('Container list cannot be empty.');
  if (!containers.every((one) => text(one, 'name') !== '' && text(one, 'image') !== '')) {
    fail('Container.name and Container.image should not be null or empty.');
  }
  if (!asList(inputs['requiresCompatibilities']).includes('FARGATE')) return;
  if (text(inputs, 'networkMode') !== 'awsvpc') fail('Fargate only supports network mode ‘awsvpc’.');
  const [least, most] = FARGATE_MEMORY[text(inputs, 'cpu')] ?? fail('Invalid CPU or memory value specified');
  const memory = Number(text(inputs, 'memory'));
  if (!(memory >= least && memory <= most)) fail('No Fargate configuration exists for given values.');
  if (isAbsent(inputs['executionRoleArn']) && containers.some((one) => objects(one, 'secrets').length > 0)) {
    fail('When you are specifying container secrets, you must also specify a value for executionRoleArn.');
  }
  for (const property of ['executionRoleArn', 'taskRoleArn']) {
    const role = text(inputs, property);
    if (role === '') continue;
    await requireRole(context, role, 'ecs-tasks.amazonaws.com', {
      code: 'ClientException',
      message: 'Role is not valid',
    });
  }
}

const clusterName = (inputs: Properties): string => nameOfArn(text(inputs, 'cluster') || 'default');

const ecsService: TypeDefinition = {
  token: SERVICE,
  service,
  title: 'ECS Service',
  api: { create: 'CreateService', update: 'UpdateService', delete: 'DeleteService' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule,
  rules: [
    { path: 'launchType', oneOf: ['EC2', 'FARGATE', 'EXTERNAL'] },
    { path: 'desiredCount', min: 0 },
  ],
  replaceOn: ['cluster', 'iamRole', 'launchType', 'name', 'schedulingStrategy'],
  defaults: {
    availabilityZoneRebalancing: 'ENABLED',
    deploymentMaximumPercent: 200,
    deploymentMinimumHealthyPercent: 100,
    enableEcsManagedTags: false,
    enableExecuteCommand: false,
    schedulingStrategy: 'REPLICA',
    waitForSteadyState: false,
  },
  identity: {
    kind: 'derived',
    key: (inputs, scope) => arn(scope, 'ecs', `service/${clusterName(inputs)}/${text(inputs, 'name')}`),
  },
  outputs: (_inputs, id) => ({ arn: id }),
  references: [
    {
      property: 'cluster',
      type: CLUSTER,
      key: (cluster, _inputs, scope) =>
        cluster.startsWith('arn:') ? cluster : arn(scope, 'ecs', `cluster/${cluster}`),
      code: 'ClusterNotFoundException',
      message: () => 'Cluster not found.',
    },
  ],
  duplicate: { code: 'InvalidParameterException', message: () => 'Creation of service was not idempotent.' },
  refuseCreate: requireParts,
  refuseUpdate: requireParts,
  seconds: { create: 3, update: 3, delete: 1 },
};

/** Refuses a service without its task definition, and one whose target group no listener sends anything to. */
async function requireParts({ inputs, store, scope }: CallContext): Promise<void> {
  const definition = text(inputs, 'taskDefinition');
  const [family = '', revision = ''] = nameOfTask(definition).split(':');
  const known = (await revisionsOf({ store, scope }, family)).some(
    (one) => revision === '' || String(one.outputs['revision']) === revision,
  );
  if (definition !== '' && !known) refuse('ClientException', 'TaskDefinition not found.');
  const listeners = await store.list(placeOf({ token: 'aws:lb/listener:Listener' }, scope));
  const used = new Set(
    listeners.flatMap((one) => objects(one.inputs, 'defaultActions').map((action) => text(action, 'targetGroupArn'))),
  );
  for (const balancer of objects(inputs, 'loadBalancers')) {
    const group = text(balancer, 'targetGroupArn');
    if (group !== '' && !used.has(group)) {
      refuse(
        'InvalidParameterException',
        `The target group with targetGroupArn ${group} does not have an associated load balancer.`,
      );
    }
  }
}

/** `arn:…:task-definition/family:3` → `family:3`. */
const nameOfTask = (definition: string): string => definition.slice(definition.lastIndexOf('/') + 1);

export const ecsTypes: readonly TypeDefinition[] = [cluster, taskDefinition, ecsService];
