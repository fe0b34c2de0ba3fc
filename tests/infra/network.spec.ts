import assert from 'node:assert/strict';
import { LoadBalancer } from '../../infra/components/load-balancer.ts';
import { Network } from '../../infra/components/network.ts';
import type { Run } from '../../blueprints/testing.ts';
import { run } from '../../blueprints/testing.ts';
import type { Zone } from '../../infra/components/vpc-link-zones.ts';
import { chooseZones, reachableSubnets } from '../../infra/components/vpc-link-zones.ts';
import { PLACE, listOf, network, record } from './recording.ts';

const EXISTING = {
  kind: 'existing',
  vpcId: 'vpc-0123456789abcdef0',
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
} as const;

const ZONES: Zone[] = [
  { name: 'us-east-1a', id: 'use1-az4' },
  { name: 'us-east-1c', id: 'use1-az6' },
];

/** `from → to tcp/port` for each rule. */
function connections(made: Run): string[] {
  const label = (id: unknown) => String(id).replace(/^mlops-|-id$/g, '');
  return made.resources
    .filter(({ type }) => /SecurityGroup(In|E)gressRule$/.test(type))
    .map(({ type, inputs }) => {
      const [own, other] = [label(inputs.securityGroupId), label(inputs.referencedSecurityGroupId ?? inputs.cidrIpv4)];
      const way = type.endsWith('EgressRule') ? `${own} → ${other}` : `${own} ← ${other}`;
      return `${way} ${String(inputs.ipProtocol)}/${String(inputs.fromPort)}-${String(inputs.toPort)}`;
    })
    .sort();
}

describe('network', () => {
  let made: Run;
  before(async () => {
    made = await record(() => {
      new Network('mlops', { place: PLACE, network: EXISTING, balancerPort: 80 });
    });
  });

  it('lets each part talk to the next one, and the tasks out to HTTPS; nothing else', () => {
    assert.deepEqual(connections(made), [
      'balancer ← gateway tcp/80-80',
      'balancer → service tcp/8080-8080',
      'database ← service tcp/5432-5432',
      'gateway → balancer tcp/80-80',
      'service ← balancer tcp/8080-8080',
      'service → 0.0.0.0/0 tcp/443-443',
      'service → database tcp/5432-5432',
    ]);
    for (const { inputs } of made.resources.filter(({ type }) => type.endsWith(':SecurityGroup'))) {
      assert.equal(inputs.ingress, undefined);
      assert.equal(inputs.egress, undefined);
      assert.equal(inputs.vpcId, EXISTING.vpcId);
    }
  });

  it('makes nothing but security groups in an existing VPC', () => {
    assert.deepEqual(
      listOf(made.resources).filter((one) => !/SecurityGroup/.test(one)),
      [],
    );
  });

  it('of its own has two zones, one NAT gateway by default, and a free endpoint for S3', async () => {
    const own = await record(() => {
      new Network('mlops', {
        place: PLACE,
        network: { kind: 'new', cidr: '10.1.0.0/18', natGateways: 'Single', zones: ZONES },
        balancerPort: 443,
      });
    });
    assert.deepEqual(own.resources.find(({ type }) => type === 'awsx:ec2:Vpc')?.inputs, {
      cidrBlock: '10.1.0.0/18',
      availabilityZoneNames: ['us-east-1a', 'us-east-1c'],
      enableDnsHostnames: true,
      enableDnsSupport: true,
      natGateways: { strategy: 'Single' },
      subnetStrategy: 'Auto',
      subnetSpecs: [
        { type: 'Private', cidrMask: 20 },
        { type: 'Public', cidrMask: 23 },
      ],
    });
    const endpoint = own.find('VpcEndpoint').inputs;
    assert.equal(endpoint.serviceName, 'com.amazonaws.us-east-1.s3');
    assert.equal(endpoint.vpcEndpointType, 'Gateway');
  });
});

describe('Availability Zones', () => {
  const zone = (letter: string, id: string): Zone => ({ name: `us-east-1${letter}`, id });

  it('are chosen by id: first those in which API Gateway has VPC links, in the order of their names', () => {
    const available = [zone('c', 'use1-az2'), zone('a', 'use1-az3'), zone('b', 'use1-az4')];
    assert.deepEqual(
      chooseZones(available, 2).map(({ id }) => id),
      ['use1-az4', 'use1-az2'],
    );
  });

  it('include one without VPC links where there is no other, and the link leaves its subnet out', () => {
    const available = [zone('a', 'usw1-az2'), zone('b', 'usw1-az3')];
    const chosen = chooseZones(available, 2);
    assert.deepEqual(
      chosen.map(({ id }) => id),
      ['usw1-az3', 'usw1-az2'],
    );
    const subnets = chosen.map(({ id }, at) => ({ id: `subnet-${at}`, zoneId: id }));
    assert.deepEqual(reachableSubnets(subnets), ['subnet-0']);
  });

  it('that are too few, or all without VPC links, are refused with their ids', () => {
    assert.throws(() => chooseZones([zone('a', 'use1-az4')], 2), /needs 2 Availability Zones.*use1-az4.*aws:region/);
    assert.throws(() => chooseZones([zone('a', 'use1-az3'), zone('b', 'euw3-az2')], 2), /VPC links/);
    assert.throws(
      () => reachableSubnets([{ id: 'subnet-1', zoneId: 'use1-az3' }]),
      /^Error: privateSubnetIds: .*subnet-1 in use1-az3.*another zone/,
    );
  });

  it('of existing subnets are looked up, and the VPC link gets those that it can be in', async () => {
    const made = await run(
      () => {
        const own = new Network('mlops', { place: PLACE, network: EXISTING, balancerPort: 80 });
        return Promise.resolve({ link: own.vpcLinkSubnetIds, all: own.privateSubnetIds });
      },
      {},
      {},
      { getSubnet: ({ id = '' }) => ({ id, availabilityZoneId: id.endsWith('0') ? 'use1-az3' : 'use1-az1' }) },
    );
    assert.deepEqual(made.outputs, {
      link: [EXISTING.privateSubnetIds[1]],
      all: [...EXISTING.privateSubnetIds],
    });
  });
});

describe('load balancer', () => {
  const balancerOf = async (certificate: { arn: string; domain: string } | undefined) => {
    const made = await record(() => {
      new LoadBalancer('mlops', { network, certificate });
    });
    return made.resources.find(({ type }) => type === 'awsx:lb:ApplicationLoadBalancer')?.inputs;
  };

  it('is internal, with its own security group, and asks the tasks whether they are alive', async () => {
    assert.deepEqual(await balancerOf(undefined), {
      internal: true,
      subnetIds: ['subnet-1', 'subnet-2'],
      securityGroups: ['sg-balancer'],
      dropInvalidHeaderFields: true,
      listener: { port: 80, protocol: 'HTTP' },
      defaultTargetGroup: {
        port: 8080,
        protocol: 'HTTP',
        targetType: 'ip',
        vpcId: 'vpc-1',
        deregistrationDelay: 30,
        healthCheck: {
          path: '/healthz',
          matcher: '200',
          interval: 15,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
      },
    });
  });

  it('listens for TLS only where it has a certificate', async () => {
    const arn = 'arn:aws:acm:us-east-1:111111111111:certificate/1';
    assert.deepEqual((await balancerOf({ arn, domain: 'x.example.com' }))?.listener, {
      port: 443,
      protocol: 'HTTPS',
      certificateArn: arn,
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
  });
});
