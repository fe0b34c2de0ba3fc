/** ARNs, and the other names that follow from the partition of a region. */
import { REGION_PATTERN, partitionOf as partitionOfRegion } from '../../blueprints/shared/aws/partitions.ts';

/** Where a resource lives. `region` is the one that its ARN carries, also for global services. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly dnsSuffix: string;
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): { partition: string; dnsSuffix: string; reverseDnsPrefix: string } {
  const { name, dnsSuffix } = partitionOfRegion(region);
  return { partition: name, dnsSuffix, reverseDnsPrefix: dnsSuffix.split('.').toReversed().join('.') };
}

export function scopeOf(accountId: string, region: string): Scope {
  const { partition, dnsSuffix } = partitionOf(region);
  return { accountId, region, partition, dnsSuffix };
}

/** `arn:P:service:Rg:A:resource`. */
export function arn(scope: Scope, service: string, resource: string): string {
  return `arn:${scope.partition}:${service}:${scope.region}:${scope.accountId}:${resource}`;
}

/** An ARN without a region, as IAM has: `arn:P:service::A:resource`. */
export function globalArn(scope: Scope, service: string, resource: string): string {
  return `arn:${scope.partition}:${service}::${scope.accountId}:${resource}`;
}

/** Looks like a region. Whether AWS has it is not checked, as the real provider's `skipRegionValidation` default is true. */
export function isRegion(value: string): boolean {
  return REGION_PATTERN.test(value);
}
