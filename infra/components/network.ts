/** The network: a new VPC over two zones or an existing one, and its security groups. */
import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { Settings } from '../config.ts';
import { childOf, remoteChildOf } from './options.ts';
import type { Zone } from './vpc-link-zones.ts';
import { chooseZones, reachableSubnets } from './vpc-link-zones.ts';

/** Aurora and load balancers require two; a third costs more NAT or cross-zone traffic and helps little here. */
const ZONES = 2;
export const SERVICE_PORT = 8080;
export const DATABASE_PORT = 5432;
const HTTPS = 443;

/** With the zones that {@link findZones} chose. */
type NewVpc = Extract<Settings['network'], { kind: 'new' }> & { readonly zones: readonly Zone[] };

export interface NetworkArgs {
  place: Place;
  /** A new VPC, or an existing one. Switching replaces everything in it, including the database. */
  network: NewVpc | Extract<Settings['network'], { kind: 'existing' }>;
  /** Port of the internal load balancer. */
  balancerPort: number;
}

/**
 * A new VPC has public subnets (for the NAT gateway, and the load balancer of sign-in), private ones (load balancer, tasks, database) and a gateway
 * endpoint for S3, which costs nothing and keeps artifacts and state off the NAT gateway.
 *
 * Tasks need access to the internet: IAM, Organizations, git providers and Pulumi Cloud have no endpoints inside a VPC in most
 * regions, so interface endpoints would come on top of the NAT gateway, not in its place. Therefore one NAT gateway by default;
 * `OnePerAz` keeps the others connected when a zone is lost.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
  /** Of a new VPC: for the NAT gateway and a load balancer that browsers reach. None in an existing one. */
  readonly publicSubnetIds: pulumi.Output<string[]>;
  /** Those of the private subnets in which API Gateway can make a VPC link. */
  readonly vpcLinkSubnetIds: pulumi.Output<string[]>;
  readonly groups: Readonly<Record<Member, pulumi.Output<string>>>;

  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Network', name, {}, options);
    const { vpcId, privateSubnetIds, publicSubnetIds, vpcLinkSubnetIds } =
      args.network.kind === 'new' ? createVpc(name, args.place, args.network, this) : existing(args.network, this);
    this.vpcId = vpcId;
    this.privateSubnetIds = privateSubnetIds;
    this.publicSubnetIds = publicSubnetIds;
    this.vpcLinkSubnetIds = vpcLinkSubnetIds;
    this.groups = createGroups(name, vpcId, args.balancerPort, this);
    this.registerOutputs({ vpcId, privateSubnetIds });
  }
}

interface Subnets {
  vpcId: pulumi.Output<string>;
  privateSubnetIds: pulumi.Output<string[]>;
  publicSubnetIds: pulumi.Output<string[]>;
  vpcLinkSubnetIds: pulumi.Output<string[]>;
}

function existing(network: { vpcId: string; privateSubnetIds: readonly string[] }, parent: pulumi.Resource): Subnets {
  const subnets = network.privateSubnetIds.map((id) =>
    aws.ec2.getSubnetOutput({ id }, { parent }).apply(({ availabilityZoneId }) => ({ id, zoneId: availabilityZoneId })),
  );
  return {
    vpcId: pulumi.output(network.vpcId),
    privateSubnetIds: pulumi.output([...network.privateSubnetIds]),
    publicSubnetIds: pulumi.output<string[]>([]),
    vpcLinkSubnetIds: pulumi.all(subnets).apply(reachableSubnets),
  };
}

/**
 * The zones of a new VPC. Awaited by the program, because the subnets depend on their number and names.
 * @throws Error if the account has too few of them in the region
 */
export async function findZones(options: pulumi.InvokeOptions): Promise<Zone[]> {
  const { names, zoneIds } = await aws.getAvailabilityZones(
    {
      state: 'available',
      // Zones of the region itself, not Local Zones or those that an account has to opt in to.
      filters: [
        { name: 'opt-in-status', values: ['opt-in-not-required'] },
        { name: 'zone-type', values: ['availability-zone'] },
      ],
    },
    options,
  );
  return chooseZones(
    names.map((name, at) => ({ name, id: zoneIds[at] ?? '' })),
    ZONES,
  );
}

function createVpc(name: string, place: Place, network: NewVpc, parent: pulumi.Resource): Subnets {
  const [, mask = '16'] = network.cidr.split('/');
  const vpc = new awsx.ec2.Vpc(
    name,
    {
      cidrBlock: network.cidr,
      availabilityZoneNames: network.zones.map((zone) => zone.name),
      enableDnsHostnames: true,
      enableDnsSupport: true,
      natGateways: { strategy: network.natGateways },
      subnetStrategy: 'Auto',
      // Half of a zone's addresses for workloads, a small part of the rest for the NAT gateway.
      subnetSpecs: [
        { type: 'Private', cidrMask: Number(mask) + 2 },
        { type: 'Public', cidrMask: Number(mask) + 5 },
      ],
    },
    remoteChildOf(parent),
  );
  new aws.ec2.VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: vpc.vpcId,
      serviceName: `com.amazonaws.${place.region}.s3`,
      vpcEndpointType: 'Gateway',
      routeTableIds: vpc.routeTables.apply((tables) => pulumi.all(tables.map((table) => table.id))),
    },
    childOf(parent),
  );
  return {
    vpcId: vpc.vpcId,
    privateSubnetIds: vpc.privateSubnetIds,
    publicSubnetIds: vpc.publicSubnetIds,
    // One private subnet in each zone, in the order of the zones.
    vpcLinkSubnetIds: vpc.privateSubnetIds.apply((ids) =>
      reachableSubnets(ids.map((id, at) => ({ id, zoneId: network.zones[at]?.id ?? '' }))),
    ),
  };
}

const MEMBERS = {
  gateway: 'VPC link of API Gateway',
  balancer: 'the internal load balancer',
  service: 'tasks of the service',
  database: 'the database',
} as const;
type Member = keyof typeof MEMBERS;

/** Which member connects to which. Nothing else is allowed, except outgoing HTTPS from the tasks. */
function createGroups(
  name: string,
  vpcId: pulumi.Input<string>,
  balancerPort: number,
  parent: pulumi.Resource,
): Record<Member, pulumi.Output<string>> {
  const group = (member: Member): pulumi.Output<string> =>
    new aws.ec2.SecurityGroup(`${name}-${member}`, { vpcId, description: `MLOps: ${MEMBERS[member]}` }, childOf(parent))
      .id;
  const groups = {
    gateway: group('gateway'),
    balancer: group('balancer'),
    service: group('service'),
    database: group('database'),
  };
  const connect = (from: Member, to: Member, port: number): void => {
    const ports = { ipProtocol: 'tcp', fromPort: port, toPort: port };
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-${from}-to-${to}`,
      {
        ...ports,
        securityGroupId: groups[from],
        referencedSecurityGroupId: groups[to],
        description: `to ${MEMBERS[to]}`,
      },
      childOf(parent),
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-${to}-from-${from}`,
      {
        ...ports,
        securityGroupId: groups[to],
        referencedSecurityGroupId: groups[from],
        description: `from ${MEMBERS[from]}`,
      },
      childOf(parent),
    );
  };
  connect('gateway', 'balancer', balancerPort);
  connect('balancer', 'service', SERVICE_PORT);
  connect('service', 'database', DATABASE_PORT);
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-service-to-https`,
    {
      securityGroupId: groups.service,
      ipProtocol: 'tcp',
      fromPort: HTTPS,
      toPort: HTTPS,
      cidrIpv4: '0.0.0.0/0',
      description: 'to AWS, Pulumi Cloud and git providers',
    },
    childOf(parent),
  );
  return groups;
}
