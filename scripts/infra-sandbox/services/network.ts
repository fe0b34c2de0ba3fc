/** Networks: what Pulumi keeps under `aws:ec2` and `aws:vpc`. @see https://docs.aws.amazon.com/vpc/latest/userguide/ */
import { randomBytes } from 'node:crypto';
import type { Properties, Property } from '../../../sandbox/provider.ts';
import { refuse } from '../../../sandbox/aws/aws-errors.ts';
import { idOf } from '../../../sandbox/aws/identifiers.ts';
import type { Scope } from '../../../sandbox/aws/partitions.ts';
import { arn } from '../../../sandbox/aws/partitions.ts';
import { isAbsent, text } from '../../../sandbox/aws/properties.ts';
import type { CallContext, Reference, TypeDefinition } from '../../../sandbox/aws/resource-type.ts';
import { placeOf } from '../../../sandbox/aws/store.ts';

const service = { folder: 'ec2', sdkId: 'EC2' };
const VPC = 'aws:ec2/vpc:Vpc';
const SUBNET = 'aws:ec2/subnet:Subnet';
const ROUTE_TABLE = 'aws:ec2/routeTable:RouteTable';
const GROUP = 'aws:ec2/securityGroup:SecurityGroup';

/** `vpc-0a1b…`: a prefix and 17 hexadecimal digits. */
const ec2Id = (prefix: string): string => `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;

const exists = (property: string, type: string, code: string, what: string): Reference => ({
  property,
  type,
  code,
  message: (id) => `The ${what} ID '${id}' does not exist`,
});
const vpcExists = exists('vpcId', VPC, 'InvalidVpcID.NotFound', 'vpc');
const tableExists = exists('routeTableId', ROUTE_TABLE, 'InvalidRouteTableID.NotFound', 'routeTable');
const subnetExists = exists('subnetId', SUBNET, 'InvalidSubnetID.NotFound', 'subnet');

/** A type of EC2 whose id AWS assigns: `<prefix>-<17 hexadecimal digits>`, ARN `…:<kind>/<id>`. */
function ec2Type(
  prefix: string,
  kind: string,
  more: Pick<TypeDefinition, 'token' | 'title' | 'api' | 'replaceOn'> & Partial<TypeDefinition>,
): TypeDefinition {
  return {
    service,
    identity: { kind: 'assigned', newId: () => ec2Id(prefix), searchBy: ['vpcId', 'tagsAll'] },
    ...more,
    outputs: async (inputs, id, scope, store, world) => ({
      arn: arn(scope, 'ec2', `${kind}/${id}`),
      ownerId: scope.accountId,
      ...(await more.outputs?.(inputs, id, scope, store, world)),
    }),
  };
}

/** Refuses while something of another type names this one. */
const refuseWhileNamed =
  (token: string, property: string, what: string) =>
  async ({ store, scope }: CallContext, before: { id: string }): Promise<void> => {
    const users = (await store.list(placeOf({ token }, scope))).filter((each) => each.inputs[property] === before.id);
    if (users.length > 0) {
      refuse('DependencyViolation', `The ${what} '${before.id}' has dependencies and cannot be deleted.`);
    }
  };

/** @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const CIDR_BLOCK = [{ path: 'cidrBlock', pattern: /^\d+(\.\d+){3}\/(1[6-9]|2[0-8])$/ }];

const vpc = ec2Type('vpc', 'vpc', {
  token: VPC,
  title: 'EC2 VPC',
  api: { create: 'CreateVpc', update: 'ModifyVpcAttribute', delete: 'DeleteVpc' },
  rules: CIDR_BLOCK,
  replaceOn: ['cidrBlock', 'ipv4IpamPoolId', 'ipv4NetmaskLength'],
  defaults: {
    enableDnsHostnames: false,
    enableDnsSupport: true,
    enableNetworkAddressUsageMetrics: false,
    instanceTenancy: 'default',
  },
  identity: { kind: 'assigned', newId: () => ec2Id('vpc'), searchBy: ['cidrBlock', 'tagsAll'] },
  outputs: () => {
    const mainRouteTableId = ec2Id('rtb');
    return {
      defaultNetworkAclId: ec2Id('acl'),
      defaultRouteTableId: mainRouteTableId,
      defaultSecurityGroupId: ec2Id('sg'),
      dhcpOptionsId: ec2Id('dopt'),
      ipv6AssociationId: '',
      mainRouteTableId,
    };
  },
  refuseDelete: async (context, before) => {
    for (const token of [SUBNET, GROUP, INTERNET_GATEWAY])
      await refuseWhileNamed(token, 'vpcId', 'vpc')(context, before);
  },
  seconds: { create: 1, delete: 0.5 },
});

const INTERNET_GATEWAY = 'aws:ec2/internetGateway:InternetGateway';
const internetGateway = ec2Type('igw', 'internet-gateway', {
  token: INTERNET_GATEWAY,
  title: 'EC2 Internet Gateway',
  api: { create: 'CreateInternetGateway', update: 'AttachInternetGateway', delete: 'DeleteInternetGateway' },
  replaceOn: [],
  references: [vpcExists],
});

const subnet = ec2Type('subnet', 'subnet', {
  token: SUBNET,
  title: 'EC2 Subnet',
  api: { create: 'CreateSubnet', update: 'ModifySubnetAttribute', delete: 'DeleteSubnet' },
  rules: CIDR_BLOCK,
  replaceOn: ['availabilityZone', 'availabilityZoneId', 'cidrBlock', 'ipv6Native', 'outpostArn', 'vpcId'],
  defaults: {
    assignIpv6AddressOnCreation: false,
    enableDns64: false,
    enableResourceNameDnsARecordOnLaunch: false,
    enableResourceNameDnsAaaaRecordOnLaunch: false,
    ipv6Native: false,
    mapPublicIpOnLaunch: false,
    privateDnsHostnameTypeOnLaunch: 'ip-name',
  },
  identity: { kind: 'assigned', newId: () => ec2Id('subnet'), searchBy: ['vpcId', 'cidrBlock'] },
  outputs: () => ({ ipv6CidrBlockAssociationId: '' }),
  references: [vpcExists],
  refuseCreate: async ({ store, scope, inputs }) => {
    const others = await store.list(placeOf({ token: SUBNET }, scope));
    if (
      others.some((one) => one.inputs['vpcId'] === inputs['vpcId'] && one.inputs['cidrBlock'] === inputs['cidrBlock'])
    ) {
      refuse('InvalidSubnet.Conflict', `The CIDR '${text(inputs, 'cidrBlock')}' conflicts with another subnet`);
    }
  },
});

const routeTable = ec2Type('rtb', 'route-table', {
  token: ROUTE_TABLE,
  title: 'EC2 Route Table',
  api: { create: 'CreateRouteTable', update: 'CreateTags', delete: 'DeleteRouteTable' },
  replaceOn: ['vpcId'],
  defaults: { propagatingVgws: [], routes: [] },
  references: [vpcExists],
});

const routeTableAssociation: TypeDefinition = {
  token: 'aws:ec2/routeTableAssociation:RouteTableAssociation',
  service,
  title: 'EC2 Route Table Association',
  api: { create: 'AssociateRouteTable', update: 'ReplaceRouteTableAssociation', delete: 'DisassociateRouteTable' },
  replaceOn: ['gatewayId', 'subnetId'],
  identity: { kind: 'assigned', newId: () => ec2Id('rtbassoc'), searchBy: ['subnetId', 'gatewayId'] },
  references: [tableExists, subnetExists],
};

const DESTINATIONS = ['destinationCidrBlock', 'destinationIpv6CidrBlock', 'destinationPrefixListId'];

const route: TypeDefinition = {
  token: 'aws:ec2/route:Route',
  service,
  title: 'EC2 Route',
  api: { create: 'CreateRoute', update: 'ReplaceRoute', delete: 'DeleteRoute' },
  replaceOn: ['routeTableId', ...DESTINATIONS],
  identity: {
    kind: 'derived',
    key: (inputs) => {
      const destination = DESTINATIONS.map((key) => text(inputs, key)).find(Boolean) ?? '';
      return `r-${text(inputs, 'routeTableId')}${hashcode(destination)}`;
    },
  },
  outputs: () => ({ instanceId: '', instanceOwnerId: '', origin: 'CreateRoute', state: 'active' }),
  references: [
    tableExists,
    exists('gatewayId', INTERNET_GATEWAY, 'InvalidInternetGatewayID.NotFound', 'internetGateway'),
    exists('natGatewayId', 'aws:ec2/natGateway:NatGateway', 'NatGatewayNotFound', 'natGateway'),
  ],
  duplicate: {
    code: 'RouteAlreadyExists',
    message: () => 'The route identified by that destination already exists.',
  },
};

/** The number that the real provider puts behind the route table's id. */
const hashcode = (value: string): string => String(parseInt(idOf(12, value).replace(/\D/g, '') || '1', 10));

const eip: TypeDefinition = {
  token: 'aws:ec2/eip:Eip',
  service,
  title: 'EC2 EIP',
  api: { create: 'AllocateAddress', update: 'AssociateAddress', delete: 'ReleaseAddress' },
  rules: [{ path: 'domain', oneOf: ['vpc', 'standard'] }],
  replaceOn: ['domain', 'address', 'customerOwnedIpv4Pool', 'ipamPoolId', 'networkBorderGroup', 'publicIpv4Pool'],
  identity: { kind: 'assigned', newId: () => ec2Id('eipalloc'), searchBy: ['tagsAll'] },
  outputs: (_inputs, id, scope) => {
    const publicIp = `203.0.113.${1 + ((randomBytes(1)[0] ?? 0) % 254)}`;
    return {
      allocationId: id,
      arn: arn(scope, 'ec2', `elastic-ip/${id}`),
      associationId: '',
      carrierIp: '',
      customerOwnedIp: '',
      privateDns: '',
      privateIp: '',
      ptrRecord: '',
      publicDns: `ec2-${publicIp.replaceAll('.', '-')}.compute.${scope.dnsSuffix}`,
      publicIp,
    };
  },
};

const natGateway: TypeDefinition = {
  token: 'aws:ec2/natGateway:NatGateway',
  service,
  title: 'EC2 NAT Gateway',
  api: { create: 'CreateNatGateway', update: 'AssociateNatGatewayAddress', delete: 'DeleteNatGateway' },
  rules: [{ path: 'connectivityType', oneOf: ['public', 'private'] }],
  check: (inputs) =>
    text(inputs, 'connectivityType') !== 'private' && isAbsent(inputs['allocationId'])
      ? [{ property: 'allocationId', reason: '`allocation_id` is required when `connectivity_type` is public' }]
      : [],
  replaceOn: ['allocationId', 'connectivityType', 'privateIp', 'subnetId', 'vpcId', 'availabilityMode'],
  defaults: { connectivityType: 'public' },
  identity: { kind: 'assigned', newId: () => ec2Id('nat'), searchBy: ['subnetId', 'allocationId'] },
  outputs: async (inputs, _id, scope, store) => ({
    associationId: ec2Id('eipassoc'),
    autoProvisionZones: '',
    autoScalingIps: '',
    networkInterfaceId: ec2Id('eni'),
    publicIp: text((await store.read(placeOf(eip, scope), text(inputs, 'allocationId')))?.outputs ?? {}, 'publicIp'),
    regionalNatGatewayAddresses: [],
    regionalNatGatewayAutoMode: '',
    routeTableId: '',
  }),
  references: [subnetExists, exists('allocationId', eip.token, 'InvalidAllocationID.NotFound', 'allocation')],
  seconds: { create: 3, delete: 1 },
};

const vpcEndpoint = ec2Type('vpce', 'vpc-endpoint', {
  token: 'aws:ec2/vpcEndpoint:VpcEndpoint',
  title: 'EC2 VPC Endpoint',
  api: { create: 'CreateVpcEndpoint', update: 'ModifyVpcEndpoint', delete: 'DeleteVpcEndpoints' },
  rules: [
    {
      path: 'vpcEndpointType',
      oneOf: ['Gateway', 'Interface', 'GatewayLoadBalancer', 'Resource', 'ServiceNetwork'],
    },
    { path: 'policy', json: true },
  ],
  replaceOn: ['serviceName', 'serviceRegion', 'vpcEndpointType', 'vpcId'],
  documents: ['policy'],
  defaults: { privateDnsEnabled: false, vpcEndpointType: 'Gateway' },
  identity: { kind: 'assigned', newId: () => ec2Id('vpce'), searchBy: ['vpcId', 'serviceName'] },
  outputs: () => ({
    cidrBlocks: [],
    dnsEntries: [],
    networkInterfaceIds: [],
    prefixListId: ec2Id('pl').slice(0, 11),
    requesterManaged: false,
    state: 'available',
  }),
  references: [vpcExists],
});

const securityGroup = ec2Type('sg', 'security-group', {
  token: GROUP,
  title: 'EC2 Security Group',
  api: { create: 'CreateSecurityGroup', update: 'AuthorizeSecurityGroupIngress', delete: 'DeleteSecurityGroup' },
  autoName: { property: 'name', maxLength: 255, conflictsWith: ['namePrefix'] },
  nameRule: { property: 'name', maxLength: 255, pattern: /^(?!sg-)[\s\S]+$/, code: 'InvalidParameterValue' },
  replaceOn: ['description', 'name', 'namePrefix', 'vpcId'],
  defaults: { description: 'Managed by Pulumi', revokeRulesOnDelete: false, egress: [], ingress: [] },
  identity: { kind: 'assigned', newId: () => ec2Id('sg'), searchBy: ['vpcId', 'name'] },
  references: [vpcExists],
  refuseCreate: async ({ store, scope, inputs }) => {
    const others = await store.list(placeOf({ token: GROUP }, scope));
    if (others.some((one) => one.inputs['vpcId'] === inputs['vpcId'] && one.inputs['name'] === inputs['name'])) {
      refuse(
        'InvalidGroup.Duplicate',
        `The security group '${text(inputs, 'name')}' already exists for VPC '${text(inputs, 'vpcId')}'`,
      );
    }
  },
  refuseDelete: async ({ store, scope }, before) => {
    const rules = await Promise.all(RULES.map((token) => store.list(placeOf({ token }, scope))));
    if (rules.flat().some((rule) => rule.inputs['referencedSecurityGroupId'] === before.id)) {
      refuse('DependencyViolation', `resource ${before.id} has a dependent object`);
    }
  },
});

const RULES = [
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule',
];
const SOURCES = ['cidrIpv4', 'cidrIpv6', 'prefixListId', 'referencedSecurityGroupId'];

const securityGroupRule = (token: string, direction: 'Ingress' | 'Egress'): TypeDefinition => ({
  token,
  service,
  title: `VPC Security Group ${direction} Rule`,
  api: {
    create: `AuthorizeSecurityGroup${direction}`,
    update: 'ModifySecurityGroupRules',
    delete: `RevokeSecurityGroup${direction}`,
  },
  check: (inputs) =>
    SOURCES.filter((key) => !isAbsent(inputs[key])).length === 1
      ? []
      : [{ property: 'cidrIpv4', reason: `exactly one of ${SOURCES.join(', ')} must be set` }],
  replaceOn: ['securityGroupId'],
  identity: {
    kind: 'derived',
    key: (inputs) => `sgr-${idOf(17, direction, ...ruleOf(inputs))}`,
  },
  outputs: (_inputs, id, scope) => ({ arn: arn(scope, 'ec2', `security-group-rule/${id}`), securityGroupRuleId: id }),
  references: [
    exists('securityGroupId', GROUP, 'InvalidGroup.NotFound', 'security group'),
    exists('referencedSecurityGroupId', GROUP, 'InvalidGroup.NotFound', 'security group'),
  ],
  duplicate: {
    code: 'InvalidPermission.Duplicate',
    message: () => 'the specified rule already exists',
  },
});

function ruleOf(inputs: Properties): string[] {
  return ['securityGroupId', 'ipProtocol', 'fromPort', 'toPort', ...SOURCES].map((key) => String(inputs[key] ?? ''));
}

/** Names of the first zones of a region. */
const ZONE_LETTERS = ['a', 'b', 'c'] as const;

export function availabilityZones(args: Properties, scope: Scope): Properties {
  const { region } = scope;
  const names: Property[] = ZONE_LETTERS.map((letter) => `${region}${letter}`);
  const zoneIds: Property[] = ZONE_LETTERS.map((_, at) => zoneId(region, at));
  return { ...args, id: region, names, zoneIds, groupNames: [region], region };
}

/** `use1-az1`: region's parts by their initials, `ne` for `northeast`. @see https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html */
function zoneId(region: string, at: number): string {
  const [area = '', ...rest] = region.split('-');
  const initials = rest.map((part) =>
    part.replace(/^(north|south)?(\w)\w*$/, (_, first = '', other) => `${String(first).charAt(0)}${String(other)}`),
  );
  return `${area}${initials.join('')}-az${at + 1}`;
}

/** Subnets made outside the sandbox are known by their id alone: each is in a zone that follows from it. */
export function existingSubnet(id: string, made: Properties | undefined, { region }: Scope): Properties {
  const zone = typeof made?.['availabilityZone'] === 'string' ? made['availabilityZone'] : undefined;
  const letterOf = zone ? ZONE_LETTERS.findIndex((letter) => zone.endsWith(letter)) : id.charCodeAt(id.length - 1) % 3;
  const at = Math.max(letterOf, 0);
  return {
    ...made,
    id,
    availabilityZone: zone ?? `${region}${ZONE_LETTERS[at] ?? 'a'}`,
    availabilityZoneId: zoneId(region, at),
    region,
  };
}

export const networkTypes: readonly TypeDefinition[] = [
  vpc,
  internetGateway,
  subnet,
  routeTable,
  routeTableAssociation,
  route,
  eip,
  natGateway,
  vpcEndpoint,
  securityGroup,
  ...RULES.map((token) => securityGroupRule(token, token.includes('Ingress') ? 'Ingress' : 'Egress')),
];
