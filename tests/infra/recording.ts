/** Runs a part of the program against a recording of what it registers. */
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { LoadBalancer } from '../../infra/components/load-balancer.ts';
import type { Network } from '../../infra/components/network.ts';
import type { Registered, Run } from '../../blueprints/testing.ts';
import { ACCOUNT, REGION, run } from '../../blueprints/testing.ts';

export const PLACE: Place = { partition: 'aws', dnsSuffix: 'amazonaws.com', region: REGION, accountId: ACCOUNT };
/** What the components of awsx say of themselves, as far as the orchestrator's program asks. */
const AWSX: Record<string, Record<string, unknown>> = {
  'awsx:ec2:Vpc': {
    vpcId: 'vpc-1',
    privateSubnetIds: ['subnet-1', 'subnet-2'],
    publicSubnetIds: ['subnet-3', 'subnet-4'],
    routeTables: [{ id: 'rtb-1' }],
  },
  'awsx:ecs:FargateService': { service: { name: 'service-1' } },
  'awsx:ecr:Image': { imageUri: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/mlops-service@sha256:1` },
};

export const KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/key-1`;

/** @param make makes the part, and gives back what of it is of interest */
export async function record(make: () => Record<string, pulumi.Input<unknown>> | undefined): Promise<Run> {
  const getSubnet = ({ id = '' }) => ({ id, availabilityZoneId: 'use1-az1' });
  const made = await run(() => Promise.resolve(make() ?? {}), {}, {}, { getSubnet }, { states: AWSX });
  return { ...made, resources: made.resources.filter((one) => one.name !== 'place') };
}

/** Everything of AWS and awsx that was registered, as `type name`. */
export function listOf(resources: readonly Registered[]): string[] {
  return resources
    .filter(({ type }) => /^(aws|awsx|random):/.test(type))
    .map(({ type, name }) => `${type.split(':').slice(-1).join('')} ${name}`)
    .sort();
}

export const network = {
  vpcId: pulumi.output('vpc-1'),
  privateSubnetIds: pulumi.output(['subnet-1', 'subnet-2']),
  publicSubnetIds: pulumi.output(['subnet-3', 'subnet-4']),
  vpcLinkSubnetIds: pulumi.output(['subnet-1', 'subnet-2']),
  groups: {
    gateway: pulumi.output('sg-gateway'),
    balancer: pulumi.output('sg-balancer'),
    service: pulumi.output('sg-service'),
    database: pulumi.output('sg-database'),
  },
} as unknown as Network;

/** @param ready what a service waits for */
export function balancer(ready?: pulumi.Resource): LoadBalancer {
  return {
    listenerArn: pulumi.output('arn:aws:elasticloadbalancing:us-east-1:111111111111:listener/app/mlops/1/2'),
    targetGroupArn: pulumi.output('arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/mlops/3'),
    arnSuffix: pulumi.output('app/mlops/1'),
    targetGroupArnSuffix: pulumi.output('targetgroup/mlops/3'),
    ready,
  } as unknown as LoadBalancer;
}

/** Takes the mark of a secret off a recorded input. */
export function revealed(value: unknown): { secret: boolean; value: unknown } {
  const marked = value as Record<string, unknown> | null;
  return typeof marked === 'object' && marked?.['4dabf18193072939515e22adb298388d'] !== undefined
    ? { secret: true, value: marked.value }
    : { secret: false, value };
}
