/** Elastic Load Balancing. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html */
import { randomBytes } from 'node:crypto';
import type { Property } from '../../../sandbox/provider.ts';
import { refuse } from '../../../sandbox/aws/aws-errors.ts';
import { arn } from '../../../sandbox/aws/partitions.ts';
import { objects, text } from '../../../sandbox/aws/properties.ts';
import type { CallContext, TypeDefinition } from '../../../sandbox/aws/resource-type.ts';
import { placeOf } from '../../../sandbox/aws/store.ts';

const service = { folder: 'lb', sdkId: 'Elastic Load Balancing v2' };
const BALANCER = 'aws:lb/loadBalancer:LoadBalancer';
const TARGET_GROUP = 'aws:lb/targetGroup:TargetGroup';
const LISTENER = 'aws:lb/listener:Listener';

const hexId = (): string => randomBytes(8).toString('hex');

/** @see https://docs.aws.amazon.com/general/latest/gr/elb.html */
const HOSTED_ZONES: Readonly<Record<string, string>> = {
  'eu-central-1': 'Z215JYRZR1TBD5',
  'eu-west-1': 'Z32O12XQLNTSW2',
  'us-east-1': 'Z35SXDOTRQ7X7K',
  'us-east-2': 'Z3AADJGX6KTTL2',
  'us-west-2': 'Z1H1FL5HABSF5',
};

const loadBalancer: TypeDefinition = {
  token: BALANCER,
  service,
  title: 'ELBv2 Load Balancer',
  api: { create: 'CreateLoadBalancer', update: 'ModifyLoadBalancerAttributes', delete: 'DeleteLoadBalancer' },
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: {
    property: 'name',
    maxLength: 32,
    pattern: /^(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
    code: 'ValidationError',
  },
  rules: [{ path: 'loadBalancerType', oneOf: ['application', 'network', 'gateway'] }],
  replaceOn: ['internal', 'loadBalancerType', 'name', 'namePrefix'],
  defaults: {
    enableDeletionProtection: false,
    idleTimeout: 60,
    internal: false,
    ipAddressType: 'ipv4',
    loadBalancerType: 'application',
  },
  identity: {
    kind: 'assigned',
    newId: (scope, inputs) =>
      arn(
        scope,
        'elasticloadbalancing',
        `loadbalancer/${kindOf(text(inputs, 'loadBalancerType'))}/${text(inputs, 'name')}/${hexId()}`,
      ),
    searchBy: ['name'],
  },
  outputs: async (inputs, id, scope, store) => {
    const [first] = listOf(inputs['subnets']);
    const subnet = await store.read(placeOf({ token: 'aws:ec2/subnet:Subnet' }, scope), String(first ?? ''));
    const prefix = inputs['internal'] === true ? 'internal-' : '';
    return {
      arn: id,
      arnSuffix: id.slice(id.indexOf(':loadbalancer/') + ':loadbalancer/'.length),
      dnsName: `${prefix}${text(inputs, 'name')}-${parseInt(hexId().slice(0, 8), 16)}.${scope.region}.elb.${scope.dnsSuffix}`,
      vpcId: text(subnet?.inputs ?? {}, 'vpcId'),
      zoneId: HOSTED_ZONES[scope.region] ?? '',
    };
  },
  refuseCreate: async (context) => {
    const { inputs, store, scope } = context;
    const others = await store.list(placeOf({ token: BALANCER }, scope));
    if (others.some((other) => other.inputs['name'] === inputs['name'])) {
      refuse('DuplicateLoadBalancerName', 'A load balancer with the same name exists, but with different settings');
    }
    if (text(inputs, 'loadBalancerType') !== 'network' && (await zonesOf(context)).size < 2) {
      refuse('ValidationError', 'At least two subnets in two different Availability Zones must be specified');
    }
  },
  refuseDelete: async (_context, before) => {
    if (before.inputs['enableDeletionProtection'] === true) {
      refuse(
        'OperationNotPermitted',
        `Load balancer '${before.id}' cannot be deleted because deletion protection is enabled`,
      );
    }
  },
  seconds: { create: 3, delete: 0.5 },
};

const kindOf = (type: string): string => ({ network: 'net', gateway: 'gwy' })[type] ?? 'app';
const listOf = (value: Property | undefined): Property[] => (Array.isArray(value) ? value : []);

/** A subnet that the sandbox does not have counts as one in a separate zone. */
async function zonesOf({ inputs, store, scope }: CallContext): Promise<Set<string>> {
  const ids = [
    ...listOf(inputs['subnets']).map(String),
    ...objects(inputs, 'subnetMappings').map((mapping) => text(mapping, 'subnetId')),
  ];
  const place = placeOf({ token: 'aws:ec2/subnet:Subnet' }, scope);
  const found = await Promise.all(
    ids.map(async (id) => (await store.read(place, id))?.inputs['availabilityZone'] ?? id),
  );
  return new Set(found.map(String));
}

const targetGroup: TypeDefinition = {
  token: TARGET_GROUP,
  service,
  title: 'ELBv2 Target Group',
  api: { create: 'CreateTargetGroup', update: 'ModifyTargetGroup', delete: 'DeleteTargetGroup' },
  autoName: { property: 'name', maxLength: 32, conflictsWith: ['namePrefix'] },
  nameRule: {
    property: 'name',
    maxLength: 32,
    pattern: /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/,
    code: 'ValidationError',
  },
  rules: [
    { path: 'port', min: 1, max: 65_535 },
    { path: 'targetType', oneOf: ['instance', 'ip', 'lambda', 'alb'] },
    { path: 'deregistrationDelay', min: 0, max: 3600 },
  ],
  replaceOn: ['ipAddressType', 'name', 'namePrefix', 'port', 'protocol', 'protocolVersion', 'targetType', 'vpcId'],
  defaults: {
    deregistrationDelay: 300,
    ipAddressType: 'ipv4',
    loadBalancingAlgorithmType: 'round_robin',
    protocolVersion: 'HTTP1',
    slowStart: 0,
    targetType: 'instance',
  },
  identity: {
    kind: 'assigned',
    newId: (scope, inputs) => arn(scope, 'elasticloadbalancing', `targetgroup/${text(inputs, 'name')}/${hexId()}`),
    searchBy: ['name'],
  },
  outputs: (_inputs, id) => ({
    arn: id,
    arnSuffix: id.slice(id.indexOf(':targetgroup/') + 1),
    loadBalancerArns: [],
  }),
  refuseCreate: async ({ inputs, store, scope }) => {
    const others = await store.list(placeOf({ token: TARGET_GROUP }, scope));
    if (others.some((other) => other.inputs['name'] === inputs['name'])) {
      refuse('DuplicateTargetGroupName', 'A target group with the same name exists, but with different settings');
    }
  },
  refuseDelete: async ({ store, scope }, before) => {
    const listeners = await store.list(placeOf({ token: LISTENER }, scope));
    const uses = listeners.some((one) =>
      objects(one.inputs, 'defaultActions').some((action) => action['targetGroupArn'] === before.id),
    );
    if (uses) refuse('ResourceInUse', `Target group '${before.id}' is currently in use by a listener or a rule`);
  },
};

const listener: TypeDefinition = {
  token: LISTENER,
  service,
  title: 'ELBv2 Listener',
  api: { create: 'CreateListener', update: 'ModifyListener', delete: 'DeleteListener' },
  rules: [
    { path: 'port', min: 1, max: 65_535 },
    { path: 'protocol', oneOf: ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE'] },
  ],
  check: (inputs) =>
    text(inputs, 'protocol') === 'HTTPS' && text(inputs, 'certificateArn') === ''
      ? [{ property: 'certificateArn', reason: 'an HTTPS listener needs a certificate' }]
      : [],
  replaceOn: ['loadBalancerArn'],
  defaults: { protocol: 'HTTP' },
  identity: {
    kind: 'assigned',
    newId: (_scope, inputs) => `${text(inputs, 'loadBalancerArn').replace(':loadbalancer/', ':listener/')}/${hexId()}`,
    searchBy: ['loadBalancerArn', 'port'],
  },
  outputs: (_inputs, id) => ({ arn: id }),
  references: [
    {
      property: 'loadBalancerArn',
      type: BALANCER,
      code: 'LoadBalancerNotFound',
      message: (id) => `Load balancer '${id}' not found`,
    },
  ],
  refuseCreate: async ({ inputs, store, scope }) => {
    const others = await store.list(placeOf({ token: LISTENER }, scope));
    const taken = (one: { inputs: typeof inputs }) =>
      one.inputs['loadBalancerArn'] === inputs['loadBalancerArn'] && one.inputs['port'] === inputs['port'];
    if (others.some(taken))
      refuse('DuplicateListener', 'A listener already exists on this port for this load balancer');
    for (const action of objects(inputs, 'defaultActions')) {
      const group = text(action, 'targetGroupArn');
      if (group !== '' && !(await store.read(placeOf({ token: TARGET_GROUP }, scope), group))) {
        refuse('TargetGroupNotFound', `Target group '${group}' not found`);
      }
    }
  },
};

export const loadBalancingTypes: readonly TypeDefinition[] = [loadBalancer, targetGroup, listener];
