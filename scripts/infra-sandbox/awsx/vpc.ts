/** `awsx:ec2:Vpc`: a network across several zones, its subnets and gateways. */
import type { Properties, Property } from '../../../sandbox/provider.ts';
import { ProviderError } from '../../../sandbox/provider.ts';
import type { Construction, Made } from './construction.ts';
import { list, numberOf, record, textOf } from './values.ts';

type SubnetKind = 'Public' | 'Private' | 'Isolated';

interface PlannedSubnet {
  kind: SubnetKind;
  /** `<name>-public-1`. */
  name: string;
  zone: Property;
  cidrBlock: string;
  tags: Properties;
}

interface MadeSubnet extends PlannedSubnet {
  subnet: Made;
  table: Made;
  association: Made;
}

const DEFAULT_CIDR = '10.0.0.0/16';
const DEFAULT_ZONES = 3;
const DEFAULT_MASKS: Readonly<Record<SubnetKind, number>> = { Private: 19, Public: 20, Isolated: 24 };
const ANYWHERE = '0.0.0.0/0';

export async function constructVpc(construction: Construction) {
  const { name, inputs, type } = construction.request;
  const component = await construction.component(type, name);
  const zones = list(inputs['availabilityZoneNames']).length
    ? list(inputs['availabilityZoneNames'])
    : list((await construction.invoke('aws:index/getAvailabilityZones:getAvailabilityZones', {}))['names']).slice(
        0,
        numberOf(inputs['numberOfAvailabilityZones']) ?? DEFAULT_ZONES,
      );
  const cidrBlock = textOf(inputs['cidrBlock']) || DEFAULT_CIDR;
  const vpc = await construction.child(
    'aws:ec2/vpc:Vpc',
    name,
    {
      cidrBlock,
      enableDnsHostnames: inputs['enableDnsHostnames'],
      enableDnsSupport: inputs['enableDnsSupport'],
      instanceTenancy: inputs['instanceTenancy'],
      tags: { Name: name, ...record(inputs['tags']) },
    },
    { parent: component },
  );
  const gateway = await construction.child(
    'aws:ec2/internetGateway:InternetGateway',
    name,
    { vpcId: vpc.id, tags: { Name: name, ...record(inputs['tags']) } },
    { parent: vpc, dependsOn: [vpc] },
  );
  const planned = planSubnets(name, cidrBlock, zones, inputs);
  const subnets = await Promise.all(planned.map((plan) => makeSubnet(construction, vpc, plan, inputs)));
  const ways = await makeWays(construction, gateway, subnets, inputs);

  const of = (kind: SubnetKind): MadeSubnet[] => subnets.filter((one) => one.kind === kind);
  const ids = (kind: SubnetKind) => ({
    value: of(kind).map(({ subnet }) => subnet.id),
    from: of(kind).map(({ subnet }) => subnet),
  });
  const references = (made: readonly Made[]) => ({ value: made.map(({ reference }) => reference), from: made });
  return construction.answer(component, {
    vpc: { value: vpc.reference, from: [vpc] },
    vpcId: { value: vpc.id, from: [vpc] },
    internetGateway: { value: gateway.reference, from: [gateway] },
    publicSubnetIds: ids('Public'),
    privateSubnetIds: ids('Private'),
    isolatedSubnetIds: ids('Isolated'),
    publicSubnets: references(of('Public').map(({ subnet }) => subnet)),
    privateSubnets: references(of('Private').map(({ subnet }) => subnet)),
    isolatedSubnets: references(of('Isolated').map(({ subnet }) => subnet)),
    subnets: references(subnets.map(({ subnet }) => subnet)),
    routeTables: references(subnets.map(({ table }) => table)),
    routeTableAssociations: references(subnets.map(({ association }) => association)),
    routes: references(ways.routes),
    natGateways: references(ways.natGateways),
    eips: references(ways.addresses),
    vpcEndpoints: references([]),
    subnetLayout: { value: [], from: [] },
  });
}

async function makeSubnet(
  construction: Construction,
  vpc: Made,
  plan: PlannedSubnet,
  inputs: Properties,
): Promise<MadeSubnet> {
  const tags = { Name: plan.name, ...record(inputs['tags']) };
  const subnet = await construction.child(
    'aws:ec2/subnet:Subnet',
    plan.name,
    {
      vpcId: vpc.id,
      availabilityZone: plan.zone,
      cidrBlock: plan.cidrBlock,
      mapPublicIpOnLaunch: plan.kind === 'Public',
      tags: { ...tags, SubnetType: plan.kind, ...plan.tags },
    },
    { parent: vpc, dependsOn: [vpc] },
  );
  const table = await construction.child(
    'aws:ec2/routeTable:RouteTable',
    plan.name,
    { vpcId: vpc.id, tags: { ...tags, SubnetType: plan.kind } },
    { parent: subnet, dependsOn: [vpc] },
  );
  const association = await construction.child(
    'aws:ec2/routeTableAssociation:RouteTableAssociation',
    plan.name,
    { routeTableId: table.id, subnetId: subnet.id },
    { parent: table, dependsOn: [table, subnet] },
  );
  return { ...plan, subnet, table, association };
}

/** Public subnets go out through the internet gateway, private ones through a NAT gateway, isolated ones not at all. */
async function makeWays(
  construction: Construction,
  gateway: Made,
  subnets: readonly MadeSubnet[],
  inputs: Properties,
): Promise<{ routes: Made[]; natGateways: Made[]; addresses: Made[] }> {
  const { name } = construction.request;
  const routes: Made[] = [];
  const addresses: Made[] = [];
  const natGateways: Made[] = [];
  const publicOnes = subnets.filter(({ kind }) => kind === 'Public');
  for (const { name: routeName, table } of publicOnes) {
    const way = { routeTableId: table.id, destinationCidrBlock: ANYWHERE, gatewayId: gateway.id };
    routes.push(
      await construction.child('aws:ec2/route:Route', routeName, way, { parent: table, dependsOn: [table, gateway] }),
    );
  }
  const privateOnes = subnets.filter(({ kind }) => kind === 'Private');
  const strategy = textOf(record(inputs['natGateways'])['strategy']) || 'OnePerAz';
  if (strategy === 'None') return { routes, natGateways, addresses };
  if (privateOnes.length > 0 && publicOnes.length === 0) {
    throw new ProviderError('NAT gateways need public subnets: none are specified');
  }
  for (const [index, { subnet }] of publicOnes.slice(0, strategy === 'Single' ? 1 : undefined).entries()) {
    const natName = `${name}-${index + 1}`;
    const tags = { Name: natName, ...record(inputs['tags']) };
    const address = await construction.child('aws:ec2/eip:Eip', natName, { domain: 'vpc', tags }, { parent: subnet });
    addresses.push(address);
    natGateways.push(
      await construction.child(
        'aws:ec2/natGateway:NatGateway',
        natName,
        { allocationId: address.id, subnetId: subnet.id, tags },
        { parent: subnet, dependsOn: [address, subnet, ...routes.slice(index, index + 1)] },
      ),
    );
  }
  for (const [index, { name: routeName, table }] of privateOnes.entries()) {
    const nat = natGateways[index % natGateways.length];
    if (!nat) continue;
    const way = { routeTableId: table.id, destinationCidrBlock: ANYWHERE, natGatewayId: nat.id };
    routes.push(
      await construction.child('aws:ec2/route:Route', routeName, way, { parent: table, dependsOn: [table, nat] }),
    );
  }
  return { routes, natGateways, addresses };
}

/** Zone by zone, from the largest subnet to the smallest, each aligned to its size. */
function planSubnets(name: string, vpcCidr: string, zones: readonly Property[], inputs: Properties): PlannedSubnet[] {
  const given = list(inputs['subnetSpecs']).map(record);
  const specs = (given.length > 0 ? given : ([{ type: 'Private' }, { type: 'Public' }] satisfies Properties[]))
    .map((spec) => {
      const kind = textOf(spec['type']) as SubnetKind;
      return { kind, spec, mask: numberOf(spec['cidrMask']) ?? DEFAULT_MASKS[kind] };
    })
    .sort((one, other) => one.mask - other.mask);
  const [base = '', vpcMask = '16'] = vpcCidr.split('/');
  const zoneMask = Number(vpcMask) + Math.ceil(Math.log2(Math.max(1, zones.length)));
  return zones.flatMap((zone, index) => {
    let next = addressOf(base) + index * sizeOf(zoneMask);
    return specs.map(({ kind, spec, mask }) => {
      if (mask < zoneMask) throw new ProviderError(`subnets of /${mask} do not fit into a zone's part of ${vpcCidr}`);
      const cidrBlock = `${dotted(next)}/${mask}`;
      next += sizeOf(mask);
      const label = textOf(spec['name']) || kind.toLowerCase();
      return { kind, name: `${name}-${label}-${index + 1}`, zone, cidrBlock, tags: record(spec['tags']) };
    });
  });
}

const sizeOf = (mask: number): number => 2 ** (32 - mask);
const addressOf = (dottedAddress: string): number =>
  dottedAddress.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
