/**
 * Rules between the values of a request that makes a job, as SageMaker's documentation states them: the stand-in knows them without
 * the schemas of our blueprints. Single values are checked by api-rules.ts. Each row is in docs/aws-rules.md.
 */
import { algorithmOf, hasGpu } from '../../blueprints/shared/aws/algorithms.ts';
import { directionOf, reportsMetric } from '../../blueprints/shared/aws/algorithm-metrics.ts';
import { parseEcrImage } from '../../blueprints/shared/aws/ecr-image.ts';
import { localStorageOf } from '../../blueprints/shared/aws/local-storage.ts';
import { mayEncryptVolume } from '../../blueprints/shared/aws/volume-encryption.ts';
import type { Properties, Property } from '../provider.ts';
import { refuse } from './aws-errors.ts';
import { at, isAbsent, isObject, object, objects, text } from './properties.ts';
import { REPOSITORIES } from './prebuilt-images.ts';

/** @returns what SageMaker says against it; undefined where it is fine */
type Rule = (request: Properties, region: string) => string | undefined;

/** @param operation such as `CreateTrainingJob`. @throws AwsRefusal `ValidationException` */
export function requireConsistentRequest(operation: string, request: Properties, region: string): void {
  for (const rule of [...ANY_JOB, ...(RULES[operation] ?? [])]) {
    const message = rule(request, region);
    if (message !== undefined) refuse('ValidationException', message);
  }
}

const number = (value: Property | undefined): number | undefined => (typeof value === 'number' ? value : undefined);

/** Every object in a request that has a key, with that key's value. */
function having(value: Property | undefined, key: string): Properties[] {
  if (Array.isArray(value)) return value.flatMap((one) => having(one, key));
  if (!isObject(value)) return [];
  return [...(isAbsent(value[key]) ? [] : [value]), ...Object.values(value).flatMap((one) => having(one, key))];
}

const ANY_JOB: readonly Rule[] = [
  (request, region) => {
    const images = ['TrainingImage', 'ImageUri'].flatMap((key) => having(request, key).map((one) => text(one, key)));
    const far = images.map(parseEcrImage).find((image) => image && image.region !== region);
    return far && `Invalid image URI ${far.uri}: the image must be in the region of the job, ${region}.`;
  },
  (request) => {
    const found = having(request, 'VolumeKmsKeyId').find((one) => !mayEncryptVolume(text(one, 'InstanceType')));
    return found && `VolumeKmsKeyId is not supported for the instance type ${text(found, 'InstanceType')}.`;
  },
  (request) => {
    const keys = ['KmsKeyId', 'VolumeKmsKeyId'].flatMap((key) => having(request, key).map((one) => text(one, key)));
    const managed = keys.find((key) => MANAGED_KEY.test(key));
    return managed && `The KMS key ${managed} is managed by AWS for another service and cannot be used.`;
  },
  (request) => {
    const found = having(request, 'VolumeSizeInGB').find(
      (one) => Number(one['VolumeSizeInGB']) > (localStorageOf(text(one, 'InstanceType')) ?? Infinity),
    );
    return found && `VolumeSizeInGB exceeds the local storage of the instance type ${text(found, 'InstanceType')}.`;
  },
];

/** @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk */
const MANAGED_KEY = /(^|:)alias\/aws\//;

const TRAINING: readonly Rule[] = [
  (job) => {
    const stopping = object(job, 'StoppingCondition');
    const wait = number(stopping['MaxWaitTimeInSeconds']);
    if (job['EnableManagedSpotTraining'] !== true) {
      return wait === undefined ? undefined : 'MaxWaitTimeInSeconds requires EnableManagedSpotTraining.';
    }
    return (wait ?? 0) < (number(stopping['MaxRuntimeInSeconds']) ?? 0)
      ? 'Invalid MaxWaitTimeInSeconds. It must be equal to or greater than MaxRuntimeInSeconds.'
      : undefined;
  },
  (job) => {
    const { algorithm } = algorithmIn(job);
    const wait = number(object(job, 'StoppingCondition')['MaxWaitTimeInSeconds']) ?? 0;
    const spot = job['EnableManagedSpotTraining'] === true && algorithm && !algorithm.checkpoints;
    return spot && wait > 3_600
      ? 'Invalid MaxWaitTimeInSeconds. For algorithms that do not support checkpointing it must be at most 3600 seconds.'
      : undefined;
  },
  (job) => {
    const { algorithm, name } = algorithmIn(job);
    const type = text(object(job, 'ResourceConfig'), 'InstanceType');
    if (!algorithm) return undefined;
    if (algorithm.singleInstance && Number(object(job, 'ResourceConfig')['InstanceCount']) > 1) {
      return `The algorithm ${name} does not support distributed training: InstanceCount must be 1.`;
    }
    return algorithm.instances && (algorithm.instances === 'GPU') !== hasGpu(type)
      ? `The algorithm ${name} does not support the instance type ${type}.`
      : undefined;
  },
  (job) => {
    const { algorithm, name } = algorithmIn(job);
    return algorithm && objects(object(job, 'AlgorithmSpecification'), 'MetricDefinitions').length > 0
      ? `You can't override the metric definitions for Amazon SageMaker algorithms (${name}). Please retry the request without specifying metric definitions.`
      : undefined;
  },
  (job) =>
    objects(job, 'InputDataConfig')
      .map(channelFault)
      .find((fault) => fault !== undefined),
];

function channelFault(channel: Properties): string | undefined {
  const source = object(object(channel, 'DataSource'), 'S3DataSource');
  const pipe = text(channel, 'InputMode') === 'Pipe';
  if (text(source, 'S3DataType') === 'AugmentedManifestFile') {
    if (!pipe) return 'AugmentedManifestFile can only be used if the input mode of the channel is Pipe.';
    if (isAbsent(source['AttributeNames'])) return 'AugmentedManifestFile requires AttributeNames.';
  }
  const needsPipe = text(channel, 'CompressionType') === 'Gzip' || text(channel, 'RecordWrapperType') === 'RecordIO';
  return needsPipe && !pipe ? 'CompressionType and RecordWrapperType are only supported in Pipe mode.' : undefined;
}

/** The built-in algorithm whose image a job has, if it is one. */
function algorithmIn(job: Properties): { algorithm: ReturnType<typeof algorithmOf>; name: string } {
  const image = parseEcrImage(text(object(job, 'AlgorithmSpecification'), 'TrainingImage'));
  const repository = image && REPOSITORIES.includes(image.repository) ? image.repository : '';
  const name = repository.replace(/^sagemaker-(?=xgboost$)/, '');
  return { algorithm: algorithmOf(name), name };
}

const EPOCHS = ['epochs', 'numepochs', 'n-epochs', 'n_epochs', 'num_epochs'];
const MOST_JOBS = 750;

const TUNING: readonly Rule[] = [
  ...TRAINING.map(
    (rule): Rule =>
      (request, region) =>
        rule(object(request, 'TrainingJobDefinition'), region),
  ),
  (request) => {
    const { config, ranges } = searchOf(request);
    const numeric = [...objects(ranges, 'ContinuousParameterRanges'), ...objects(ranges, 'IntegerParameterRanges')];
    const categorical = objects(ranges, 'CategoricalParameterRanges');
    const jobs = number(object(config, 'ResourceLimits')['MaxNumberOfTrainingJobs']);
    if (text(config, 'Strategy') !== 'Grid') return undefined;
    if (numeric.length > 0) return 'Grid search supports categorical hyperparameters only.';
    const combinations = categorical.reduce((product, range) => product * valuesOf(range).length, 1);
    return jobs !== undefined && jobs !== combinations
      ? `MaxNumberOfTrainingJobs must be the number of combinations for Grid search, ${combinations}.`
      : undefined;
  },
  (request) => {
    const { config, fixed } = searchOf(request);
    const most = at(config, 'StrategyConfig.HyperbandStrategyConfig.MaxResource');
    if (text(config, 'Strategy') !== 'Hyperband') {
      return isAbsent(config['StrategyConfig']) ? undefined : 'StrategyConfig is only supported for Hyperband.';
    }
    if (text(config, 'TrainingJobEarlyStoppingType') === 'Auto') {
      return 'TrainingJobEarlyStoppingType must be OFF to use Hyperband.';
    }
    return isAbsent(most) && !EPOCHS.some((name) => name in fixed)
      ? 'MaxResource could not be inferred from the static hyperparameters. Specify HyperbandStrategyConfig.'
      : undefined;
  },
  (request) => {
    const { config } = searchOf(request);
    const { MaxNumberOfTrainingJobs: jobs, MaxParallelTrainingJobs: parallel } = object(config, 'ResourceLimits');
    if (Number(parallel) > Number(jobs ?? Infinity)) {
      return 'MaxParallelTrainingJobs must not exceed MaxNumberOfTrainingJobs.';
    }
    return Number(jobs ?? 0) > MOST_JOBS && text(config, 'Strategy') !== 'Random'
      ? `MaxNumberOfTrainingJobs must be at most ${MOST_JOBS} for this strategy.`
      : undefined;
  },
  (request) => {
    const { ranges, fixed } = searchOf(request);
    const all = Object.values(ranges).flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
    const names = [...Object.keys(fixed), ...all.map((range) => text(range, 'Name'))];
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) return `The hyperparameter ${twice} is given more than once.`;
    return all.map(rangeFault).find((fault) => fault !== undefined);
  },
  (request) => {
    const { config } = searchOf(request);
    const { name } = algorithmIn(object(request, 'TrainingJobDefinition'));
    const objective = object(config, 'HyperParameterTuningJobObjective');
    const [metric, type] = [text(objective, 'MetricName'), text(objective, 'Type')];
    const expected = directionOf(name, metric);
    if (expected !== undefined && expected !== type) {
      return `The objective metric type, [${type}], that you specified for objective metric, [${metric}], isn’t valid for the [${name}] algorithm.`;
    }
    return name !== '' && !reportsMetric(name, metric)
      ? `The objective metric for the hyperparameter tuning job, [${metric}], isn’t valid for the algorithm ${name}.`
      : undefined;
  },
];

function searchOf(request: Properties): { config: Properties; ranges: Properties; fixed: Properties } {
  const config = object(request, 'HyperParameterTuningJobConfig');
  const fixed = object(object(request, 'TrainingJobDefinition'), 'StaticHyperParameters');
  return { config, ranges: object(config, 'ParameterRanges'), fixed };
}

const valuesOf = (range: Properties): Property[] => (Array.isArray(range['Values']) ? range['Values'] : []);

function rangeFault(range: Properties): string | undefined {
  const name = text(range, 'Name');
  const values = valuesOf(range);
  if (new Set(values).size < values.length) return `The values of ${name} must be unique.`;
  const [least, most] = [Number(range['MinValue']), Number(range['MaxValue'])];
  if (least > most) return `MinValue of ${name} must not exceed MaxValue.`;
  const scaling = text(range, 'ScalingType');
  if (scaling === 'Logarithmic' && least <= 0) return `Logarithmic scaling of ${name} requires values above 0.`;
  return scaling === 'ReverseLogarithmic' && (least < 0 || most >= 1)
    ? `ReverseLogarithmic scaling of ${name} requires values within 0<=x<1.0.`
    : undefined;
}

const METRICS_OF: Readonly<Record<string, readonly string[] | undefined>> = {
  Regression: ['MSE', 'MAE', 'R2', 'RMSE'],
  BinaryClassification: ['F1', 'Accuracy', 'AUC', 'BalancedAccuracy', 'Precision', 'Recall'],
  MulticlassClassification: ['Accuracy', 'F1macro', 'BalancedAccuracy', 'PrecisionMacro', 'RecallMacro'],
};
const AUTOML_OUTPUT_LIMIT = 512;

const AUTOML: readonly Rule[] = [
  (request) => {
    const problem = text(object(object(request, 'AutoMLProblemTypeConfig'), 'TabularJobConfig'), 'ProblemType');
    const metric = text(object(request, 'AutoMLJobObjective'), 'MetricName');
    if ((problem === '') !== (metric === '')) {
      return 'You must either provide both the AutoMLJobObjective and the ProblemType, or none at all.';
    }
    return problem !== '' && !METRICS_OF[problem]?.includes(metric)
      ? `The objective metric ${metric} is not supported for the problem type ${problem}.`
      : undefined;
  },
  (request) =>
    text(object(request, 'OutputDataConfig'), 'S3OutputPath').length > AUTOML_OUTPUT_LIMIT
      ? `S3OutputPath must be ${AUTOML_OUTPUT_LIMIT} characters or less.`
      : undefined,
];

const RULES: Readonly<Record<string, readonly Rule[] | undefined>> = {
  CreateTrainingJob: TRAINING,
  CreateHyperParameterTuningJob: TUNING,
  CreateAutoMLJobV2: AUTOML,
};
