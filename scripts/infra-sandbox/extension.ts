/** All of this folder as one extension of the sandbox AWS. */
import { regionOf } from '../../sandbox/aws/functions.ts';
import { scopeOf } from '../../sandbox/aws/partitions.ts';
import { text } from '../../sandbox/aws/properties.ts';
import type { SandboxExtension } from '../../sandbox/aws/sandbox-aws.ts';
import { placeOf } from '../../sandbox/aws/store.ts';
import { createAwsxProvider } from './awsx/awsx-provider.ts';
import { createRandomProvider } from './random/random-provider.ts';
import { ecsTypes } from './services/ecs.ts';
import { loadBalancingTypes } from './services/load-balancing.ts';
import { availabilityZones, existingSubnet, networkTypes } from './services/network.ts';
import { rdsTypes } from './services/rds.ts';

export const INFRA_EXTENSION: SandboxExtension = {
  types: [...ecsTypes, ...loadBalancingTypes, ...networkTypes, ...rdsTypes],
  functions: {
    'aws:index/getAvailabilityZones:getAvailabilityZones': (args, provider) =>
      availabilityZones(args, scopeOf(provider.accountId, regionOf(args, provider))),

    'aws:ec2/getSubnet:getSubnet': async (args, provider, store) => {
      const scope = scopeOf(provider.accountId, regionOf(args, provider));
      const made = await store.read(placeOf({ token: 'aws:ec2/subnet:Subnet' }, scope), text(args, 'id'));
      return existingSubnet(text(args, 'id'), made?.inputs, scope);
    },
  },
  // awsx makes its components of aws; programs on both use random for passwords.
  packages: { awsx: createAwsxProvider, random: createRandomProvider },
};
