/** The network: a VPC over two zones, or an existing one, and who may talk to whom in it. */
import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { Settings } from '../config.ts';
import { childOf, remoteChildOf } from './options.ts';

/** Aurora and load balancers want two; a third costs more NAT or cross-zone traffic and helps little here. */
const ZONES = 2;
export const SERVICE_PORT = 8080;
export const DATABASE_PORT = 5432;
const HTTPS = 443;

export interface NetworkArgs {
  place: Place;
  /** A new VPC, or an existing one. Changing from one to the other replaces everything that is in it, the database too. */
  network: Settings['network'];
  /** Port of the internal load balancer. */
  balancerPort: number;
}

/**
 * A new VPC has public subnets (for the NAT gateway alone), private ones (load balancer, tasks, database) and a gateway
 * endpoint for S3, which costs nothing and keeps artifacts and state off the NAT gateway.
 *
 * Tasks need a way to the internet: IAM, Organizations, git providers and Pulumi Cloud have no endpoints inside a VPC in most
 * regions, so interface endpoints would come on top of the NAT gateway, not in its place. Hence one NAT gateway by default;
 * `OnePerAz` keeps a way out when a zone is lost.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
  readonly groups: Readonly<Record<Member, pulumi.Output<string>>>;

  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Network', name, {}, options);
    const { vpcId, privateSubnetIds } =
      args.network.kind === 'new' ? createVpc(name, args.place, args.network, this) : existing(args.network);
    this.vpcId = vpcId;
    this.privateSubnetIds = privateSubnetIds;
    this.groups = createGroups(name, vpcId, args.balancerPort, this);
    this.registerOutputs({ vpcId, privateSubnetIds });
  }
}

function existing(network: { vpcId: string; privateSubnetIds: readonly string[] }) {
  return { vpcId: pulumi.output(network.vpcId), privateSubnetIds: pulumi.output([...network.privateSubnetIds]) };
}

function createVpc(
  name: string,
  place: Place,
  network: { cidr: string; natGateways: 'Single' | 'OnePerAz' },
  parent: pulumi.Resource,
) {
  const [, mask = '16'] = network.cidr.split('/');
  const vpc = new awsx.ec2.Vpc(
    name,
    {
      cidrBlock: network.cidr,
      numberOfAvailabilityZones: ZONES,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      natGateways: { strategy: network.natGateways },
      subnetStrategy: 'Auto',
      // Half of a zone's part for what runs, a small piece of the rest for the NAT gateway.
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
  return { vpcId: vpc.vpcId, privateSubnetIds: vpc.privateSubnetIds };
}

const MEMBERS = {
  gateway: 'API Gateway, into the VPC',
  balancer: 'the internal load balancer',
  service: 'tasks of the service',
  database: 'the database',
} as const;
type Member = keyof typeof MEMBERS;

/** Who opens connections to whom. Nothing else is let through, but the tasks out to HTTPS. */
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
