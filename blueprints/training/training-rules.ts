/** Rules between the values of a training or tuning request, each with the AWS page that states it. Pure. */
import { algorithmOf, hasGpu } from '../shared/aws/algorithms.ts';
import { localStorageViolation } from '../shared/schema/local-storage-rule.ts';
import type { Rule } from '../shared/schema/rules.ts';
import { isOldXgboost } from '../shared/aws/algorithms.ts';
import type { TrainingRequest } from './training-definition.ts';
import { hyperparameterText } from './training-definition.ts';

/**
 * Longest time of a spot job whose algorithm writes no checkpoints, in seconds.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
 */
const SPOT_LIMIT_WITHOUT_CHECKPOINTS = 3_600;
/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html (HyperParameters) */
const HYPERPARAMETER_LIMIT = 2_500;

const spotWithoutCheckpoints: Rule<TrainingRequest> = (request) => {
  const { model_framework: framework, model_framework_version: version } = request;
  const algorithm = algorithmOf(framework);
  // The guide's own example has the first XGBoost and these defaults: that is left to SageMaker.
  if (!request.use_spot_instances || !algorithm || algorithm.checkpoints || isOldXgboost(framework, version)) {
    return undefined;
  }
  return request.max_wait_time_spot_instances > SPOT_LIMIT_WITHOUT_CHECKPOINTS
    ? {
        key: 'max_wait_time_spot_instances',
        rule: 'range',
        reason:
          `is ${request.max_wait_time_spot_instances}, but ${framework} writes no checkpoints, and SageMaker limits spot jobs ` +
          `of such algorithms to ${SPOT_LIMIT_WITHOUT_CHECKPOINTS} s: set max_wait_time_spot_instances and ` +
          `max_runtime_per_job to at most ${SPOT_LIMIT_WITHOUT_CHECKPOINTS}, or use_spot_instances to false`,
      }
    : undefined;
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html (S3DataType, AttributeNames) */
const augmentedManifest: Rule<TrainingRequest> = (request) => {
  if (request.s3_data_type !== 'AugmentedManifestFile') return undefined;
  return [
    ...(request.attribute_names === undefined
      ? [
          {
            key: 'attribute_names',
            reason:
              'is required with "s3_data_type": "AugmentedManifestFile": list the attributes of the manifest that the ' +
              'algorithm reads, such as ["source-ref", "label"]',
          },
        ]
      : []),
    ...(request.data_input_mode === 'Pipe'
      ? []
      : [
          {
            key: 'data_input_mode',
            reason:
              `is ${request.data_input_mode}, but "s3_data_type": "AugmentedManifestFile" can only be streamed: set ` +
              'data_input_mode to Pipe',
          },
        ]),
  ];
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html (CompressionType, RecordWrapperType) */
const pipeOnly: Rule<TrainingRequest> = (request) =>
  request.data_input_mode === 'Pipe'
    ? undefined
    : (['compression_type', 'data_record_wrapping'] as const)
        .filter((key) => request[key] !== undefined)
        .map((key) => ({
          key,
          reason: `is ${request[key]}, which SageMaker supports only with "data_input_mode": "Pipe", not with ${request.data_input_mode}: remove ${key}, or set data_input_mode to Pipe`,
        }));

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html */
const contentTypeOfAlgorithm: Rule<TrainingRequest> = ({ model_framework: framework, content_type: given }) => {
  const { trains } = algorithmOf(framework) ?? {};
  const type = given.split(';')[0]?.trim().toLowerCase() ?? '';
  return trains && !trains.includes(type)
    ? {
        key: 'content_type',
        reason: `is ${given}, but model_framework ${framework} trains on ${trains.join(', ')}: convert the data, or correct content_type`,
      }
    : undefined;
};

/**
 * Streamed attributes of varying length need record wrapping, so that one record can be separated from the next.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest-stream.html
 */
const recordsOfManifest: Rule<TrainingRequest> = (request) => {
  const { model_framework: framework, s3_data_type: type, data_record_wrapping: wrapping } = request;
  const needs = type === 'AugmentedManifestFile' && request.data_input_mode === 'Pipe' && wrapping === undefined;
  return needs && algorithmOf(framework)?.reads.includes('image')
    ? {
        key: 'data_record_wrapping',
        reason: `is required with "s3_data_type": "AugmentedManifestFile" for model_framework ${framework}, which reads RecordIO records: set it to RecordIO`,
      }
    : undefined;
};

/**
 * Instances with local storage have that and no other volume.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTuningResourceConfig.html (VolumeSizeInGB)
 */
const volumeOfInstance: Rule<TrainingRequest> = ({ instance_type: type, instance_volume_size: size }) =>
  localStorageViolation(type, size);

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html */
const inputModeOfAlgorithm: Rule<TrainingRequest> = ({ model_framework: framework, data_input_mode: mode }) =>
  mode === 'Pipe' && algorithmOf(framework)?.pipes === false
    ? {
        key: 'data_input_mode',
        reason: `is Pipe, but model_framework ${framework} reads files only: set data_input_mode to File`,
      }
    : undefined;

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html */
const instancesOfAlgorithm: Rule<TrainingRequest> = (request) => {
  const { model_framework: framework, instance_type: type, instance_count: count } = request;
  const algorithm = algorithmOf(framework);
  if (!algorithm) return undefined;
  const gpu = hasGpu(type);
  return [
    ...(algorithm.singleInstance && count > 1
      ? [
          {
            key: 'instance_count',
            rule: 'range' as const,
            reason: `is ${count}, but model_framework ${framework} supports only a single instance: set instance_count to 1`,
          },
        ]
      : []),
    ...(algorithm.instances && (algorithm.instances === 'GPU') !== gpu
      ? [
          {
            key: 'instance_type',
            reason:
              `is ${type}, but model_framework ${framework} supports only ${algorithm.instances} instances: set instance_type ` +
              (gpu ? 'to one without GPUs, such as ml.m5.large' : 'to one with GPUs, such as ml.g4dn.xlarge'),
          },
        ]
      : []),
  ];
};

/** Numbers, lists and objects are sent as text. */
const hyperparameterLengths: Rule<TrainingRequest> = ({ algo_hyperparamaters: hyperparameters }) =>
  Object.entries(hyperparameters)
    .map(([name, value]) => [name, hyperparameterText(value).length] as const)
    .filter(([, length]) => length > HYPERPARAMETER_LIMIT)
    .map(([name, length]) => ({
      key: 'algo_hyperparamaters',
      path: [name],
      rule: 'range',
      reason: `is ${length} characters as text, but SageMaker accepts at most ${HYPERPARAMETER_LIMIT}: shorten the value`,
    }));

export const TRAINING_RULES: readonly Rule<TrainingRequest>[] = [
  spotWithoutCheckpoints,
  augmentedManifest,
  recordsOfManifest,
  contentTypeOfAlgorithm,
  volumeOfInstance,
  pipeOnly,
  inputModeOfAlgorithm,
  instancesOfAlgorithm,
  hyperparameterLengths,
];
