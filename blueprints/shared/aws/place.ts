import * as aws from '@pulumi/aws';
import type { BlueprintContext, ContainerAccess } from '../../blueprint.ts';

/** Account, region and partition of a stack, for ARNs: known before any resource is created. */
export interface Place {
  partition: string;
  dnsSuffix: string;
  region: string;
  accountId: string;
  /** What containers there may touch in addition, by the installation's settings; default: nothing. */
  containers?: ContainerAccess;
}

/** Asks the provider, so that the account is the one that the resources really go to. */
export async function findPlace({
  provider,
  region,
  containers,
}: Pick<BlueprintContext, 'provider' | 'region' | 'containers'>): Promise<Place> {
  const [{ partition, dnsSuffix }, { accountId }] = await Promise.all([
    aws.getPartition({}, { provider }),
    aws.getCallerIdentity({}, { provider }),
  ]);
  return { partition, dnsSuffix, region, accountId, ...(containers ? { containers } : {}) };
}
