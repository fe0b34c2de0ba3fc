/** Which instance types SageMaker has for what: an endpoint's are others than a training job's. Pure. */
import table from './instance-types.json' with { type: 'json' };

/** What runs on an instance. */
export type InstanceUse = 'endpoint' | 'training' | 'transform' | 'processing';

const RUNS: Readonly<Record<InstanceUse, string>> = {
  endpoint: 'endpoints',
  training: 'training jobs',
  transform: 'batch transform jobs',
  processing: 'processing jobs',
};

/** Family → use → sizes. Generated from AWS' API model: `npm run instance-types`. */
const FAMILIES: Readonly<Record<string, Readonly<Partial<Record<InstanceUse, string>>> | undefined>> = table;

/**
 * Why SageMaker does not run something on an instance type, behind the name of the key. A family that the table lacks is newer than
 * the table: that is left to SageMaker.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html (InstanceType)
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html (InstanceType)
 */
export function instanceTypeFault(type: string, use: InstanceUse): string | undefined {
  const dot = type.lastIndexOf('.');
  const [family, size] = [type.slice(0, dot), type.slice(dot + 1)];
  const uses = FAMILIES[family];
  if (!uses) return undefined;
  const sizes = uses[use]?.split(' ') ?? [];
  if (sizes.includes(size)) return undefined;
  const others = (Object.keys(RUNS) as InstanceUse[]).filter((other) => uses[other]?.split(' ').includes(size));
  const elsewhere = others.length > 0 ? `, only for ${others.map((other) => RUNS[other]).join(' and ')}` : '';
  const instead =
    sizes.length > 0
      ? `use one of ${sizes.map((one) => `${family}.${one}`).join(', ')}, or another family`
      : 'use another family, such as ml.m5';
  return `is ${type}, which SageMaker does not have for ${RUNS[use]}${elsewhere}: ${instead}`;
}

/** In the guide's own examples of endpoints and transform jobs, for which SageMaker does not have it. */
export const GUIDE_INSTANCE_TYPE = 'ml.t3.2xlarge';

/**
 * Burstable instances do not scale automatically.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html
 */
export function isBurstable(instanceType: string): boolean {
  return /^ml\.t\d/.test(instanceType);
}

/** First generation of Inferentia. */
export function isInferentia1(instanceType: string): boolean {
  return instanceType.startsWith('ml.inf1.');
}
