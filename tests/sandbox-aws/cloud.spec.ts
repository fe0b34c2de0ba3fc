import assert from 'node:assert/strict';
import { Account, failure, trust } from './support.ts';
import { containers, database, fargateTask, network } from './world-cloud.ts';
import { World } from './world.ts';

const CLUSTER = 'aws:ecs/cluster:Cluster';
const SERVICE = 'aws:ecs/service:Service';
const TASK = 'aws:ecs/taskDefinition:TaskDefinition';

describe('sandbox AWS: network, load balancer, containers and database', () => {
  let account: Account;
  let world: World;
  beforeEach(async () => {
    account = await Account.open({}, { region: 'eu-west-1' });
    world = new World(account);
  });
  afterEach(() => account.remove());

  const refused = async (call: Promise<unknown>): Promise<string> => (await failure(call)).message;
  const made = (type: string, index = 0) =>
    world.made.filter((one) => one.type.endsWith(`:${type}`))[index] ?? assert.fail(`no ${type}`);
  const executionRole = async () =>
    (await account.create('aws:iam/role:Role', 'x', { assumeRolePolicy: trust('ecs-tasks.amazonaws.com') })).properties[
      'arn'
    ] as string;

  it('a VPC stays while anything is in it, and a group while a rule names it', async () => {
    await network(world);
    assert.match(await refused(account.delete(made('Vpc'))), /DependencyViolation/);
    const group = made('SecurityGroup');
    const other = await account.create('aws:ec2/securityGroup:SecurityGroup', 'other', {
      vpcId: made('Vpc').id,
      name: 'h',
    });
    const rule = await account.create('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'r', {
      securityGroupId: other.id,
      referencedSecurityGroupId: group.id,
      ipProtocol: '-1',
    });
    assert.match(await refused(account.delete(group)), /DependencyViolation/);
    await account.delete(rule);
    await account.delete(group);
  });

  it('security groups of one name, overlapping subnets and rules without a source are refused', async () => {
    const { vpcId } = await network(world);
    const twin = account.create('aws:ec2/securityGroup:SecurityGroup', 'twin', { vpcId, name: 'g' });
    assert.match(await refused(twin), /InvalidGroup\.Duplicate/);
    const subnet = account.create('aws:ec2/subnet:Subnet', 'twin', { vpcId, cidrBlock: '10.0.0.0/20' });
    assert.match(await refused(subnet), /InvalidSubnet\.Conflict/);
    const { failures } = await account.check('aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule', 'r', {
      securityGroupId: 'sg-1',
      ipProtocol: '-1',
    });
    assert.equal(failures.length, 1);
  });

  it('a load balancer wants two zones, and a target group goes after its listener', async () => {
    const cloud = await network(world);
    const narrow = account.create('aws:lb/loadBalancer:LoadBalancer', 'narrow', {
      subnets: cloud.subnetIds.slice(0, 1),
    });
    assert.match(await refused(narrow), /two different Availability Zones/);
    const { failures } = await account.check('aws:lb/targetGroup:TargetGroup', 'a-name-of-25-characters--', {});
    assert.match(failures[0]?.reason ?? '', /longer than maximum length 32/);
    await containers(world, cloud);
    assert.match(await refused(account.delete(made('TargetGroup'))), /ResourceInUse/);
  });

  it('a service wants its cluster, its task definition, and a listener before its target group', async () => {
    const cloud = await network(world);
    const cluster = await account.create(CLUSTER, 'c');
    const task = await account.create(TASK, 't', fargateTask(await executionRole()));
    const given = { cluster: cluster.id, taskDefinition: task.properties['arn'] ?? '' };
    const group = await account.create('aws:lb/targetGroup:TargetGroup', 'tg', {
      port: 80,
      protocol: 'HTTP',
      targetType: 'ip',
      vpcId: cloud.vpcId,
    });
    const balanced = { ...given, loadBalancers: [{ targetGroupArn: group.id }] };
    assert.match(await refused(account.create(SERVICE, 's', balanced)), /does not have an associated load balancer/);
    const strange = account.create(SERVICE, 's', { ...given, taskDefinition: `${String(given.taskDefinition)}0` });
    assert.match(await refused(strange), /TaskDefinition not found/);
    assert.match(
      await refused(account.create(SERVICE, 's', { ...given, cluster: 'none' })),
      /ClusterNotFoundException/,
    );
    await account.create(SERVICE, 's', given);
    assert.match(await refused(account.delete(cluster)), /ClusterContainsServicesException/);
  });

  it('each changed task definition is a revision of its own, and the old one can go', async () => {
    const role = await executionRole();
    const first = await account.create(TASK, 't', fargateTask(role));
    const changed = { containerDefinitions: JSON.stringify([{ name: 'c', image: 'x:2' }]) };
    assert.deepEqual((await account.diff(first, changed)).replaces, ['containerDefinitions']);
    const second = await account.create(TASK, 't', { ...fargateTask(role), ...changed });
    assert.equal(second.properties['revision'], 2);
    await account.delete(first);
    assert.equal((await account.read(second)).properties['revision'], 2);
    assert.equal((await account.read(first)).id, '');
  });

  it('Fargate takes its own sizes and networks only', async () => {
    const role = await executionRole();
    const task = (changes: Record<string, string>) =>
      refused(account.create(TASK, 't', { ...fargateTask(role), ...changes }));
    assert.match(await task({ memory: '8192' }), /No Fargate configuration exists/);
    assert.match(await task({ networkMode: 'bridge' }), /only supports network mode/);
    assert.match(await task({ executionRoleArn: 'arn:aws:iam::111111111111:role/none' }), /Role is not valid/);
  });

  it('scaling wants the service', async () => {
    const target = account.create('aws:appautoscaling/target:Target', 't', {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: 'service/c/none',
      minCapacity: 1,
      maxCapacity: 2,
    });
    assert.match(await refused(target), /ECS service doesn't exist/);
  });

  it('a database goes only unprotected, with a decision on its snapshot, and after its instances', async () => {
    await database(world, await network(world));
    const cluster = made('Cluster');
    assert.match(await refused(account.delete(cluster)), /InvalidDBClusterStateFault/);
    await account.delete(made('ClusterInstance'));
    const { properties } = await account.update(cluster, { deletionProtection: true });
    const guarded = { ...cluster, inputs: { ...cluster.inputs, deletionProtection: true }, properties };
    assert.match(await refused(account.delete(guarded)), /disable deletion protection/);
    await account.update(guarded, { deletionProtection: false, skipFinalSnapshot: false });
    assert.match(await refused(account.delete(cluster)), /final_snapshot_identifier is required/);
  });

  it('a database wants subnets in two zones, and a password', async () => {
    const { subnetIds } = await network(world);
    const narrow = account.create('aws:rds/subnetGroup:SubnetGroup', 'sn', { subnetIds: subnetIds.slice(0, 1) });
    assert.match(await refused(narrow), /DBSubnetGroupDoesNotCoverEnoughAZs/);
    const open = account.create('aws:rds/cluster:Cluster', 'db', { engine: 'aurora-postgresql', masterUsername: 'u' });
    assert.match(await refused(open), /InvalidParameterCombination/);
  });

  it('names a cluster itself where only a prefix, or nothing, is given', async () => {
    const cluster = (inputs: Record<string, string>) =>
      account.create('aws:rds/cluster:Cluster', 'db', {
        engine: 'aurora-postgresql',
        masterUsername: 'u',
        masterPassword: 'p',
        ...inputs,
      });
    assert.match((await cluster({ clusterIdentifierPrefix: 'mlops-' })).id, /^mlops-\d{18}[0-9a-f]{8}$/);
    assert.match((await cluster({})).id, /^tf-\d{18}[0-9a-f]{8}$/);
  });
});
