/** Availability Zones that API Gateway can reach: network.ts places subnets by them, gateway.ts its VPC link. */

/**
 * Zones in which API Gateway cannot create network interfaces for VPC links of HTTP APIs. By id: a name such as `us-east-1a`
 * means a different zone in each account.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html#http-api-vpc-link-availability
 */
const WITHOUT_VPC_LINKS: ReadonlySet<string> = new Set(['ape1-az1', 'cac1-az4', 'euw3-az2', 'use1-az3', 'usw1-az2']);

export interface Zone {
  /** `us-east-1a`, as the account calls it. */
  name: string;
  /** `use1-az4`, the same in all accounts. */
  id: string;
}

/** Whether a VPC link may have a subnet in the zone. */
export function reachesZone(zoneId: string): boolean {
  return !WITHOUT_VPC_LINKS.has(zoneId);
}

/**
 * The zones of a new VPC: those that a VPC link reaches first, otherwise in the order of their names, so that the choice is
 * the same in every deployment.
 * @throws Error if the region has fewer zones, or a VPC link can reach none of them
 */
export function chooseZones(available: readonly Zone[], count: number): Zone[] {
  const byName = available.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const chosen = [...byName.filter(({ id }) => reachesZone(id)), ...byName.filter(({ id }) => !reachesZone(id))].slice(
    0,
    count,
  );
  if (chosen.length < count || !chosen.some(({ id }) => reachesZone(id))) {
    const ids = byName.map(({ id }) => id).join(', ') || 'none';
    throw new Error(
      `The VPC needs ${count} Availability Zones, one of them with VPC links of API Gateway; the account has ${ids}. ` +
        'Deploy to another region (aws:region).',
    );
  }
  return chosen;
}

/**
 * The subnets that a VPC link is given, of all private ones.
 * @throws Error if it can reach none of them
 */
export function reachableSubnets(subnets: readonly { id: string; zoneId: string }[]): string[] {
  const reachable = subnets.filter(({ zoneId }) => reachesZone(zoneId)).map(({ id }) => id);
  if (reachable.length > 0) return reachable;
  const zones = subnets.map(({ id, zoneId }) => `${id} in ${zoneId}`).join(', ');
  throw new Error(
    `privateSubnetIds: API Gateway has no VPC links in the zones of these subnets (${zones}). Name a private subnet in another zone as well.`,
  );
}
