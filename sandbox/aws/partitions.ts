/** Partitions of AWS: which one a region belongs to, and the names that follow from it. */

/** Where a resource lives. `region` is the one that its ARN carries, also for global services. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly dnsSuffix: string;
}

const PARTITIONS = [
  { prefix: 'cn-', partition: 'aws-cn', dnsSuffix: 'amazonaws.com.cn', reverseDnsPrefix: 'cn.com.amazonaws' },
  { prefix: 'us-gov-', partition: 'aws-us-gov', dnsSuffix: 'amazonaws.com', reverseDnsPrefix: 'com.amazonaws' },
  { prefix: '', partition: 'aws', dnsSuffix: 'amazonaws.com', reverseDnsPrefix: 'com.amazonaws' },
] as const;

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): { partition: string; dnsSuffix: string; reverseDnsPrefix: string } {
  const { partition, dnsSuffix, reverseDnsPrefix } =
    PARTITIONS.find((each) => region.startsWith(each.prefix)) ?? PARTITIONS[2];
  return { partition, dnsSuffix, reverseDnsPrefix };
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

const REGION = /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/;

/** Looks like a region. Whether AWS has it is not checked, as the real provider's `skipRegionValidation` default is true. */
export function isRegion(value: string): boolean {
  return REGION.test(value);
}
