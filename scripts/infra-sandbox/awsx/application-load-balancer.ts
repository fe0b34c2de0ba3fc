/** `awsx:lb:ApplicationLoadBalancer`: a balancer, its default target group, and listeners that forward to it. */
import type { Properties, Property } from '../../../sandbox/provider.ts';
import { ProviderError } from '../../../sandbox/provider.ts';
import type { Construction, Made } from './construction.ts';
import { idOf, list, record } from './values.ts';

/** Inputs that go to the load balancer as they are. */
const PASSED_ON = [
  'accessLogs',
  'clientKeepAlive',
  'connectionLogs',
  'customerOwnedIpv4Pool',
  'desyncMitigationMode',
  'dropInvalidHeaderFields',
  'enableDeletionProtection',
  'enableHttp2',
  'idleTimeout',
  'internal',
  'ipAddressType',
  'name',
  'namePrefix',
  'preserveHostHeader',
  'subnetMappings',
  'tags',
  'xffHeaderProcessingMode',
];

export async function constructLoadBalancer(construction: Construction) {
  const { name, inputs, type } = construction.request;
  refuseBoth(inputs, 'subnets', 'subnetIds', 'subnetMappings');
  refuseBoth(inputs, 'listener', 'listeners');
  refuseBoth(inputs, 'defaultTargetGroup', 'defaultTargetGroupPort');
  const component = await construction.component(type, name);
  const group = await securityGroup(construction, component);
  const subnets = inputs['subnetIds'] ?? (inputs['subnets'] && list(inputs['subnets']).map(idOf));
  const balancer = await construction.child(
    'aws:lb/loadBalancer:LoadBalancer',
    name,
    {
      ...Object.fromEntries(PASSED_ON.map((key) => [key, inputs[key]])),
      loadBalancerType: 'application',
      securityGroups: group ? [group.id] : inputs['securityGroups'],
      subnets,
    },
    { parent: component, dependsOn: group ? [group] : [] },
  );
  const vpcId = balancer.outputs['vpcId'];
  const target = record(inputs['defaultTargetGroup']);
  const port = target['port'] ?? inputs['defaultTargetGroupPort'] ?? 80;
  const targetGroup = await construction.child(
    'aws:lb/targetGroup:TargetGroup',
    name,
    { vpcId, protocol: port === 443 ? 'HTTPS' : 'HTTP', targetType: 'ip', ...target, port },
    { parent: component, dependsOn: [balancer] },
  );
  const listeners = await makeListeners(construction, component, balancer, targetGroup, { port });
  return construction.answer(component, {
    loadBalancer: { value: balancer.reference, from: [balancer] },
    defaultTargetGroup: { value: targetGroup.reference, from: [targetGroup] },
    listeners: { value: listeners.map(({ reference }) => reference), from: listeners },
    defaultSecurityGroup: { value: group?.reference, from: group ? [group] : [] },
    vpcId: { value: vpcId, from: [balancer] },
  });
}

/** Open to the world on all ports, unless the program specifies security groups. */
async function securityGroup(construction: Construction, parent: Made): Promise<Made | undefined> {
  const { name, inputs } = construction.request;
  if (inputs['securityGroups'] !== undefined || inputs['defaultSecurityGroup'] !== undefined) return undefined;
  const anything = { fromPort: 0, toPort: 0, protocol: '-1', cidrBlocks: ['0.0.0.0/0'], ipv6CidrBlocks: ['::/0'] };
  return construction.child(
    'aws:ec2/securityGroup:SecurityGroup',
    name,
    { ingress: [{ ...anything, toPort: 65_535, protocol: 'tcp' }], egress: [{ ...anything, toPort: 65_535 }] },
    { parent },
  );
}

async function makeListeners(
  construction: Construction,
  parent: Made,
  balancer: Made,
  targetGroup: Made,
  fallback: Properties,
): Promise<Made[]> {
  const { name, inputs } = construction.request;
  const wanted: Property[] = inputs['listener'] === undefined ? list(inputs['listeners']) : [inputs['listener']];
  const listeners = wanted.length > 0 ? wanted.map(record) : [fallback];
  return Promise.all(
    listeners.map((listener, index) =>
      construction.child(
        'aws:lb/listener:Listener',
        `${name}-${index}`,
        {
          protocol: listener['certificateArn'] === undefined ? 'HTTP' : 'HTTPS',
          defaultActions: [{ type: 'forward', targetGroupArn: targetGroup.outputs['arn'] ?? targetGroup.id }],
          ...listener,
          loadBalancerArn: balancer.outputs['arn'] ?? balancer.id,
        },
        { parent, dependsOn: [balancer, targetGroup] },
      ),
    ),
  );
}

function refuseBoth(inputs: Properties, ...keys: string[]): void {
  const given = keys.filter((key) => inputs[key] !== undefined);
  if (given.length > 1)
    throw new ProviderError(`Only one of [${keys.map((key) => `"${key}"`).join(', ')}] can be specified`);
}
