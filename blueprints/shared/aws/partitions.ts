/** AWS partitions: which one a region is in, and the domain of its services. Pure. */

export interface Partition {
  /** As in ARNs: `aws-cn`. */
  name: string;
  /** Domain of the services' endpoints: `amazonaws.com.cn`. */
  dnsSuffix: string;
}

/**
 * Prefix of the region's name → partition, in this order; all others are in `aws`.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 * @see https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
 */
const PARTITIONS: readonly (readonly [prefix: string, partition: Partition])[] = [
  ['cn-', { name: 'aws-cn', dnsSuffix: 'amazonaws.com.cn' }],
  ['us-gov-', { name: 'aws-us-gov', dnsSuffix: 'amazonaws.com' }],
  ['us-iso-', { name: 'aws-iso', dnsSuffix: 'c2s.ic.gov' }],
  ['us-isob-', { name: 'aws-iso-b', dnsSuffix: 'sc2s.sgov.gov' }],
  ['eu-isoe-', { name: 'aws-iso-e', dnsSuffix: 'cloud.adc-e.uk' }],
  ['us-isof-', { name: 'aws-iso-f', dnsSuffix: 'csp.hci.ic.gov' }],
  ['eusc-', { name: 'aws-eusc', dnsSuffix: 'amazonaws.eu' }],
];
const AWS: Partition = { name: 'aws', dnsSuffix: 'amazonaws.com' };

/** Looks like a region of any partition; whether AWS has it is not checked. */
export const REGION_PATTERN = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/** @param region such as `eu-west-1`, known to AWS or not */
export function partitionOf(region: string): Partition {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? AWS;
}

/** Host of the AWS console, behind the service or region; default: that of `aws`. */
export function consoleHost(partition: string): string {
  return CONSOLES[partition] ?? CONSOLE;
}

const CONSOLE = 'console.aws.amazon.com';
const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};
