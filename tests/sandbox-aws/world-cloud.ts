/** The part of the world that a service runs in: network, load balancer, containers, database. */
import type { Properties } from '../../sandbox/provider.ts';
import { trust } from './support.ts';
import { A, out } from './world.ts';
import type { World } from './world.ts';

const ec2 = (prefix: string): RegExp => new RegExp(`^${prefix}-[0-9a-f]{17}$`);
const ec2Arn = (kind: string): RegExp => new RegExp(`^arn:aws:ec2:eu-west-1:${A}:${kind}/`);

export interface Cloud {
  vpcId: string;
  subnetIds: string[];
  groupId: string;
}

/** A VPC with two subnets in two zones, ways out of it, and security groups. */
export async function network(world: World): Promise<Cloud> {
  const vpc = await world.make('aws:ec2/vpc:Vpc', { cidrBlock: '10.0.0.0/16' }, ec2('vpc'), { arn: ec2Arn('vpc') });
  const vpcId = vpc.id;
  const gateway = await world.make('aws:ec2/internetGateway:InternetGateway', { vpcId }, ec2('igw'), { ownerId: A });
  const subnet = (zone: string, cidrBlock: string) =>
    world.make('aws:ec2/subnet:Subnet', { vpcId, availabilityZone: `eu-west-1${zone}`, cidrBlock }, ec2('subnet'));
  const subnets = [await subnet('a', '10.0.0.0/20'), await subnet('b', '10.0.16.0/20')];
  const table = await world.make('aws:ec2/routeTable:RouteTable', { vpcId }, ec2('rtb'));
  const subnetId = subnets[0]?.id ?? '';
  const association = { routeTableId: table.id, subnetId };
  await world.make('aws:ec2/routeTableAssociation:RouteTableAssociation', association, ec2('rtbassoc'));
  const address = await world.make('aws:ec2/eip:Eip', { domain: 'vpc' }, ec2('eipalloc'), {
    publicIp: /^203\.0\.113\.\d+$/,
  });
  await world.make('aws:ec2/natGateway:NatGateway', { allocationId: address.id, subnetId }, ec2('nat'), {
    publicIp: out(address, 'publicIp'),
  });
  const way = { routeTableId: table.id, destinationCidrBlock: '0.0.0.0/0', gatewayId: gateway.id };
  await world.make('aws:ec2/route:Route', way, new RegExp(`^r-${table.id}\\d+$`), { state: 'active' });
  const s3 = { vpcId, serviceName: 'com.amazonaws.eu-west-1.s3' };
  await world.make('aws:ec2/vpcEndpoint:VpcEndpoint', s3, ec2('vpce'), { vpcEndpointType: 'Gateway' });
  const group = await world.make('aws:ec2/securityGroup:SecurityGroup', { vpcId, name: 'g' }, ec2('sg'), {
    arn: ec2Arn('security-group'),
    description: 'Managed by Pulumi',
  });
  for (const direction of ['Ingress', 'Egress']) {
    const rule = { securityGroupId: group.id, ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIpv4: '10.0.0.0/16' };
    const type = `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`;
    await world.make(type, rule, /^sgr-[a-z0-9]{17}$/, { arn: ec2Arn('security-group-rule') });
  }
  return { vpcId, subnetIds: subnets.map(({ id }) => id), groupId: group.id };
}

/** A service behind an internal load balancer, and the link that API Gateway reaches it through. */
export async function containers(world: World, { vpcId, subnetIds, groupId }: Cloud): Promise<void> {
  const balancing = `arn:aws:elasticloadbalancing:eu-west-1:${A}`;
  const balancer = await world.make(
    'aws:lb/loadBalancer:LoadBalancer',
    { name: 'lb', internal: true, subnets: subnetIds, securityGroups: [groupId] },
    new RegExp(`^${balancing}:loadbalancer/app/lb/[0-9a-f]{16}$`),
    { arnSuffix: /^app\/lb\//, dnsName: /^internal-lb-\d+\.eu-west-1\.elb\.amazonaws\.com$/, vpcId },
  );
  const group = await world.make(
    'aws:lb/targetGroup:TargetGroup',
    { name: 'tg', port: 80, protocol: 'HTTP', targetType: 'ip', vpcId },
    new RegExp(`^${balancing}:targetgroup/tg/[0-9a-f]{16}$`),
    { arnSuffix: /^targetgroup\/tg\// },
  );
  const forward = { type: 'forward', targetGroupArn: group.id };
  const listener = { loadBalancerArn: balancer.id, port: 80, defaultActions: [forward] };
  await world.make(
    'aws:lb/listener:Listener',
    listener,
    new RegExp(`^${balancing}:listener/app/lb/[0-9a-f]{16}/[0-9a-f]{16}$`),
  );
  const link = { name: 'l', securityGroupIds: [groupId], subnetIds };
  await world.make('aws:apigatewayv2/vpcLink:VpcLink', link, /^[a-z0-9]{6}$/, {
    arn: /^arn:aws:apigateway:eu-west-1::\/vpclinks\//,
  });

  const cluster = await world.make('aws:ecs/cluster:Cluster', { name: 'c' }, `arn:aws:ecs:eu-west-1:${A}:cluster/c`);
  const role = await world.make(
    'aws:iam/role:Role',
    { name: 'ecs', assumeRolePolicy: trust('ecs-tasks.amazonaws.com') },
    'ecs',
  );
  const task = await world.make('aws:ecs/taskDefinition:TaskDefinition', fargateTask(out(role, 'arn')), 'f', {
    arn: `arn:aws:ecs:eu-west-1:${A}:task-definition/f:1`,
    revision: /^1$/,
  });
  await world.make(
    'aws:ecs/service:Service',
    {
      name: 's',
      cluster: cluster.id,
      launchType: 'FARGATE',
      taskDefinition: out(task, 'arn'),
      loadBalancers: [{ targetGroupArn: group.id, containerName: 'c', containerPort: 80 }],
    },
    `arn:aws:ecs:eu-west-1:${A}:service/c/s`,
  );
}

/** Inputs of a task definition that Fargate takes. */
export function fargateTask(executionRoleArn: string, image = 'x:1'): Properties {
  return {
    family: 'f',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    executionRoleArn,
    containerDefinitions: JSON.stringify([{ name: 'c', image }]),
  };
}

/** An Aurora cluster with one instance. */
export async function database(world: World, { subnetIds }: Cloud): Promise<void> {
  const rds = `arn:aws:rds:eu-west-1:${A}`;
  await world.make('aws:rds/subnetGroup:SubnetGroup', { name: 'sn', subnetIds }, 'sn', { arn: `${rds}:subgrp:sn` });
  const parameters = { name: 'pg', family: 'aurora-postgresql17' };
  await world.make('aws:rds/clusterParameterGroup:ClusterParameterGroup', parameters, 'pg', {
    arn: `${rds}:cluster-pg:pg`,
  });
  const cluster = {
    clusterIdentifier: 'db',
    engine: 'aurora-postgresql',
    masterUsername: 'u',
    masterPassword: 'p',
    dbSubnetGroupName: 'sn',
    dbClusterParameterGroupName: 'pg',
    skipFinalSnapshot: true,
  };
  await world.make('aws:rds/cluster:Cluster', cluster, 'db', {
    arn: `${rds}:cluster:db`,
    endpoint: /^db\.cluster-[a-z0-9]{12}\.eu-west-1\.rds\.amazonaws\.com$/,
    readerEndpoint: /^db\.cluster-ro-/,
  });
  const instance = {
    identifierPrefix: 'db-a-',
    clusterIdentifier: 'db',
    engine: 'aurora-postgresql',
    instanceClass: 'db.serverless',
  };
  await world.make('aws:rds/clusterInstance:ClusterInstance', instance, /^db-a-\d{18}[0-9a-f]{8}$/, {
    writer: /^true$/,
  });
}
