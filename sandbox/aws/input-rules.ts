/**
 * Rules between the inputs of a resource, and between them and what is deployed, as AWS documents them: the stand-in knows them
 * without the schemas of our blueprints. Single values are checked by api-rules.ts. Each row is in docs/aws-rules.md.
 */
import { parseEcrImage } from '../../blueprints/shared/aws/ecr-image.ts';
import { localStorageOf } from '../../blueprints/shared/aws/local-storage.ts';
import { mayEncryptVolume } from '../../blueprints/shared/aws/volume-encryption.ts';
import type { Properties, Property } from '../provider.ts';
import { refuse } from './aws-errors.ts';
import { at, isAbsent, isObject, object, objects, text } from './properties.ts';
import type { CallContext } from './resource-type.ts';
import type { StoredResource } from './store.ts';
import { placeOf } from './store.ts';

/** @returns what AWS says against it; undefined where it is fine */
type Rule = (context: CallContext) => string | undefined | Promise<string | undefined>;

/** @throws AwsRefusal `ValidationException` */
export async function requireConsistentInputs(token: string, context: CallContext): Promise<void> {
  for (const rule of RULES[token] ?? []) {
    const message = await rule(context);
    if (message !== undefined) refuse('ValidationException', message);
  }
}

const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const CONFIG = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';
const DATA_QUALITY = 'aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition';
const CLOUD_CONTROL = 'aws:cloudcontrol/resource:Resource';

const MODEL: readonly Rule[] = [
  ({ inputs, scope }) => {
    const image = parseEcrImage(text(object(inputs, 'primaryContainer'), 'image'));
    return image && image.region !== scope.region
      ? `The image ${image.uri} must be in the region of the model, ${scope.region}.`
      : undefined;
  },
  ({ inputs }) => {
    const artifact = text(object(inputs, 'primaryContainer'), 'modelDataUrl');
    return artifact === '' || artifact.endsWith('.tar.gz')
      ? undefined
      : `ModelDataUrl ${artifact} must point to a single gzip compressed tar archive (.tar.gz suffix).`;
  },
];

const ENDPOINT_CONFIG: readonly Rule[] = [
  ({ inputs }) => {
    const type = variantsOf(inputs).map((variant) => text(variant, 'instanceType'));
    const local = type.find((one) => one !== '' && !mayEncryptVolume(one));
    return !isAbsent(inputs['kmsKeyArn']) && local !== undefined
      ? `KmsKeyId is not supported for the instance type ${local}, which has local storage.`
      : undefined;
  },
  ({ inputs }) => {
    const serverless = variantsOf(inputs).map((variant) => object(variant, 'serverlessConfig'));
    const over = serverless.some((one) => Number(one['provisionedConcurrency'] ?? 0) > Number(one['maxConcurrency']));
    if (over) return 'ProvisionedConcurrency must be less than or equal to MaxConcurrency.';
    return serverless.some((one) => 'maxConcurrency' in one) && !isAbsent(inputs['asyncInferenceConfig'])
      ? 'AsyncInferenceConfig is not supported for serverless endpoints.'
      : undefined;
  },
];

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html */
const TRAFFIC: readonly Rule[] = [
  ({ inputs }) => {
    const routing = at(inputs, 'deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration');
    if (!isObject(routing)) return undefined;
    const [canary, linear] = [object(routing, 'canarySize'), object(routing, 'linearStepSize')];
    const percent = (size: Properties) => (text(size, 'type') === 'CAPACITY_PERCENT' ? Number(size['value']) : 10);
    if (text(routing, 'type') === 'CANARY' && percent(canary) > 50) return 'CanarySize must be at most 50%.';
    return text(routing, 'type') === 'LINEAR' && (percent(linear) < 10 || percent(linear) > 50)
      ? 'LinearStepSize must be 10-50%.'
      : undefined;
  },
];

const TARGET: readonly Rule[] = [
  async (context) => {
    const [, endpointName] = /^endpoint\/([^/]+)\/variant\//.exec(text(context.inputs, 'resourceId')) ?? [];
    const config = endpointName === undefined ? undefined : await configOf(endpointName, context);
    if (!config) return undefined;
    const burstable = variantsOf(config.inputs).find((variant) => /^ml\.t\d/.test(text(variant, 'instanceType')));
    if (burstable) return `Automatic scaling is not supported for ${text(burstable, 'instanceType')}.`;
    return Number(context.inputs['minCapacity']) === 0 && isAbsent(config.inputs['asyncInferenceConfig'])
      ? 'Minimum capacity cannot be 0 for this endpoint.'
      : undefined;
  },
];

const SCHEDULED: readonly Rule[] = [
  ({ inputs }) =>
    scheduleOf(inputs) === 'NOW'
      ? 'DataAnalysisStartTime and DataAnalysisEndTime are required if ScheduleExpression is NOW.'
      : undefined,
  async (context) => {
    const config = object(context.inputs, 'monitoringScheduleConfig');
    const definition = await definitionNamed(text(config, 'monitoringJobDefinitionName'), context);
    const seconds = Number(definition?.seconds ?? 0);
    const period = periodOf(scheduleOf(context.inputs));
    const truth = ['ModelQuality', 'ModelBias'].includes(text(config, 'monitoringType'));
    const most = truth && period === HOUR ? HOUR / 2 : period;
    return seconds > most
      ? `MaxRuntimeInSeconds ${seconds} exceeds ${most}, the most for the frequency of the job.`
      : undefined;
  },
];

const HOUR = 3_600;

/** Seconds from one run to the next. */
function periodOf(schedule: string): number {
  const [, hours] = /^cron\(0 (\*|\d+(?:\/\d+)?) /.exec(schedule) ?? [];
  if (hours === '*') return HOUR;
  return Number(hours?.split('/')[1] ?? 24) * HOUR;
}

const scheduleOf = (inputs: Properties): string =>
  text(object(object(inputs, 'monitoringScheduleConfig'), 'scheduleConfig'), 'scheduleExpression');

/** Of the provider's own resource, or one of Cloud Control. */
async function definitionNamed(
  name: string,
  { store, scope }: CallContext,
): Promise<{ seconds: Property | undefined } | undefined> {
  if (name === '') return undefined;
  const own = await store.read(placeOf({ token: DATA_QUALITY }, scope), name);
  if (own) return { seconds: at(own.inputs, 'stoppingCondition.maxRuntimeInSeconds') };
  const others = await store.list(placeOf({ token: CLOUD_CONTROL }, scope));
  const states = others.map(({ inputs }) => JSON.parse(text(inputs, 'desiredState')) as Properties);
  const found = states.find((state) => text(state, 'JobDefinitionName') === name);
  return found && { seconds: at(found, 'StoppingCondition.MaxRuntimeInSeconds') };
}

const VOLUME: readonly Rule[] = [
  ({ inputs }) => {
    const desired = text(inputs, 'desiredState');
    const state = desired === '' ? inputs : (JSON.parse(desired) as Properties);
    const cluster = at(state, 'jobResources.clusterConfig') ?? at(state, 'JobResources.ClusterConfig');
    if (!isObject(cluster)) return undefined;
    const type = text(cluster, 'instanceType') || text(cluster, 'InstanceType');
    const size = Number(cluster['volumeSizeInGb'] ?? cluster['VolumeSizeInGB']);
    if (size > (localStorageOf(type) ?? Infinity)) return `VolumeSizeInGB exceeds the local storage of ${type}.`;
    const key = cluster['volumeKmsKeyId'] ?? cluster['VolumeKmsKeyId'];
    return !isAbsent(key) && !mayEncryptVolume(type) ? `VolumeKmsKeyId is not supported for ${type}.` : undefined;
  },
];

const variantsOf = (config: Properties): Properties[] => objects(config, 'productionVariants');

async function configOf(endpointName: string, { store, scope }: CallContext): Promise<StoredResource | undefined> {
  const endpoint = await store.read(placeOf({ token: ENDPOINT }, scope), endpointName);
  return endpoint && (await store.read(placeOf({ token: CONFIG }, scope), text(endpoint.inputs, 'endpointConfigName')));
}

const RULES: Readonly<Record<string, readonly Rule[] | undefined>> = {
  'aws:sagemaker/model:Model': MODEL,
  [CONFIG]: ENDPOINT_CONFIG,
  [ENDPOINT]: TRAFFIC,
  'aws:appautoscaling/target:Target': TARGET,
  'aws:sagemaker/monitoringSchedule:MonitoringSchedule': SCHEDULED,
  [DATA_QUALITY]: VOLUME,
  [CLOUD_CONTROL]: VOLUME,
};
