/** Resources in a valid request that are in another region or partition than the deployment: SageMaker works within one. */
import type { Blueprint, PipelineRequest } from '../blueprint.ts';
import { STAGES } from '../blueprint.ts';
import type { Fault } from '../faults.ts';
import type { Need } from '../needs.ts';
import { parseEcrImage } from '../shared/aws/ecr-image.ts';
import { partitionOf } from '../shared/aws/partitions.ts';
import { isPerStage } from '../shared/schema/stages.ts';
import { valueForPeople } from './faults.ts';
import { stageValues } from './stage-values.ts';

/** Where an environment's stacks are deployed. */
export interface DeploymentPlace {
  region: string;
  /** Bucket of the guide's "assets" keys. */
  assetsBucket: string;
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html (S3Uri) */
const URI_LIMIT = 1_024;

/** @param places environment → where it is; environments that are not there are not checked */
export function placeFaults(
  blueprint: Blueprint,
  request: PipelineRequest,
  places: Readonly<Partial<Record<string, DeploymentPlace>>>,
  multiAccount: boolean,
): Fault[] {
  const environments = multiAccount && blueprint.placement === 'environments' ? STAGES : ['main'];
  const faults = environments.flatMap((environment) => {
    const place = places[environment];
    if (!place) return [];
    const values = stageValues(blueprint, request, environment);
    const needs = blueprint.needs?.(values, { ...place, allowUnapprovedModelPackages: true }) ?? [];
    const where =
      environment === 'main' ? `the deployment is in ${place.region}` : `${environment} is in ${place.region}`;
    return needs.flatMap((need) => {
      const message = faultOf(need, place, where);
      return message === undefined ? [] : [faultAt(need, message, blueprint, request, environment)];
    });
  });
  // What is alike in several environments is said once, for the first of them.
  return [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.rule}`, fault])).values()];
}

function faultOf(need: Need, place: DeploymentPlace, where: string): string | undefined {
  switch (need.kind) {
    case 'image': {
      const image = parseEcrImage(need.uri);
      if (!image || image.region === place.region) return undefined;
      const registry = `${image.accountId}.dkr.ecr.${place.region}.${partitionOf(place.region).dnsSuffix}`;
      return `is an image in ${image.region}, but ${where}, and SageMaker pulls images only from its own region: push the image to ${registry}, or replicate it there`;
    }
    case 'kms-key':
      return arnFault(need.arn, 'a key', place, where, 'use a key in that region');
    case 'model-package':
      return arnFault(need.arn, 'a model package', place, where, 'register the model there');
    case 'topic':
      return arnFault(need.arn, 'a topic', place, where, 'use a topic in that region');
    case 'object': {
      const { length } = `s3://${need.bucket}/${need.key}`;
      return length > URI_LIMIT
        ? `is too long: with the bucket the URI has ${length} characters, but SageMaker accepts at most ${URI_LIMIT}`
        : undefined;
    }
    case 'bucket': {
      const { uri = '', uriLimit = URI_LIMIT } = need;
      return uri.length > uriLimit
        ? `is too long: with the bucket the URI has ${uri.length} characters, but SageMaker accepts at most ${uriLimit} here`
        : undefined;
    }
    default:
      return undefined;
  }
}

/** Ids and names of keys are not ARNs: they are of the deployment's own account and region. */
function arnFault(arn: string, what: string, { region }: DeploymentPlace, where: string, instead: string) {
  const [prefix, partition, , own] = arn.split(':');
  if (prefix !== 'arn') return undefined;
  const expected = partitionOf(region).name;
  if (partition !== expected) {
    return `is ${what} in partition ${partition}, but ${where}, of partition ${expected}: ${instead}`;
  }
  return own === region
    ? undefined
    : `is ${what} in ${own}, but ${where}, and SageMaker uses only resources of its own region: ${instead}`;
}

function faultAt(
  { pointer }: Need,
  message: string,
  blueprint: Blueprint,
  request: PipelineRequest,
  environment: string,
): Fault {
  const [, key = '', ...rest] = pointer.split('/');
  const own = request[key];
  const staged = blueprint.perStageKeys.includes(key) && isPerStage(own);
  const value = staged ? own[environment] : own;
  return {
    pointer: ['', key, ...(staged ? [environment] : []), ...rest].join('/'),
    message,
    rule: 'conflict',
    ...(rest.length === 0 && value !== undefined ? { value: valueForPeople(value) } : {}),
  };
}
