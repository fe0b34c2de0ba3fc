/** Keys that training and tuning jobs share: what to learn from, on what, and for how long. */
import Joi from 'joi';
import {
  assetPrefix,
  count,
  flag,
  instanceType,
  jsonObject,
  kmsKeyArn,
  modelFramework,
  modelFrameworkVersion,
  modelName,
  sageMakerName,
} from './joi-pieces.ts';

const DAY = 86_400;

/** A list, or its JSON text, or nothing. */
const attributeNames = Joi.alternatives(
  Joi.array().items(Joi.string().min(1)).min(1).max(16),
  Joi.string().custom((value: string, helpers) => {
    if (value === '') return undefined;
    const parsed = parseList(value);
    return parsed ?? helpers.error('mlops.list');
  }),
)
  .messages({ 'mlops.list': '{{#label}} must be a list of names, or the JSON text of one' })
  .description('Attributes to read from an augmented manifest: a list, or the JSON text of one')
  .example(['source-ref', 'label']);

function parseList(text: string): string[] | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param jobNameLimit training jobs take 63 characters, tuning jobs 32 */
export function trainingKeys(jobNameLimit: number): Joi.SchemaMap {
  return {
    model_name: modelName().required(),
    // The image is needed whether or not the model is registered afterwards.
    model_framework: modelFramework().required(),
    model_framework_version: modelFrameworkVersion().required(),
    training_data: assetPrefix('Training data: CSV without header, target in the first column').required(),
    validation_data: assetPrefix('Validation data: CSV without header').empty(''),
    job_output_location: assetPrefix('Where the job writes its output').required(),
    algo_hyperparamaters: jsonObject('Hyperparameters of the algorithm.').min(1).unknown().required().example({
      eval_metric: 'auc',
      objective: 'binary:logistic',
      num_round: 400,
    }),
    job_name: sageMakerName('Name of the job, new every time; default: generated', jobNameLimit).empty(''),
    instance_type: instanceType('Instance type of the job').default('ml.m4.xlarge'),
    instance_count: count('Instances of the job', 1, 100).default(1),
    instance_volume_size: count('Volume of each instance, in GB', 1, 16_384).default(20),
    max_runtime_per_job: count('Longest time of a job, in seconds', 600, 3 * DAY).default(DAY),
    use_spot_instances: flag('Managed spot training: cheaper, may wait and be interrupted').default(true),
    max_wait_time_spot_instances: count(
      'Longest time of a spot job with its waiting, in seconds; more than max_runtime_per_job',
      1,
      3 * DAY,
    ).default(2 * DAY),
    encrypt_inner_traffic: flag('Encrypts traffic between the containers of a job').default(true),
    content_type: Joi.string().max(256).default('csv').description('MIME type of the data'),
    s3_data_type: Joi.string()
      .valid('S3Prefix', 'ManifestFile', 'AugmentedManifestFile')
      .default('S3Prefix')
      .description('What the data keys name'),
    data_distribution: Joi.string()
      .valid('FullyReplicated', 'ShardedByS3Key')
      .default('FullyReplicated')
      .description('How data is spread over several instances'),
    compression_type: Joi.string().empty('').valid('Gzip').description('Compression of the data'),
    data_input_mode: Joi.string()
      .valid('File', 'Pipe', 'FastFile')
      .default('File')
      .description('How data reaches the job'),
    data_record_wrapping: Joi.string().empty('').valid('RecordIO').description('Wrapping of the records'),
    attribute_names: attributeNames,
    kms_key_arn: kmsKeyArn('Key for the output and the volumes'),
  };
}

/** A spot job's time includes its waiting, so it must be longer than its running. */
export function spotWaitIsLonger(request: Record<string, unknown>, helpers: Joi.CustomHelpers): unknown {
  const { use_spot_instances: spot, max_wait_time_spot_instances: wait, max_runtime_per_job: runtime } = request;
  if (spot && typeof wait === 'number' && typeof runtime === 'number' && wait <= runtime) {
    return helpers.error('mlops.spotWait', { path: ['max_wait_time_spot_instances'], runtime });
  }
  return request;
}

export const SPOT_WAIT_MESSAGE = {
  'mlops.spotWait':
    '"max_wait_time_spot_instances" must be greater than max_runtime_per_job ({{#runtime}}) with spot instances',
};
