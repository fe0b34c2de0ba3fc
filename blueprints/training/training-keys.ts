/** Keys that training and tuning jobs share: data, instances and time limits. */
import Joi from 'joi';
import {
  count,
  flag,
  instanceType,
  jsonObject,
  kmsKeyArn,
  modelFramework,
  modelFrameworkVersion,
  modelName,
  sageMakerName,
} from '../shared/schema/joi-pieces.ts';
import { defaultContentType } from '../shared/aws/algorithms.ts';
import { boundsFault } from '../request/bounds.ts';
import { assetPrefix } from '../request/paths.ts';

const DAY = 86_400;
/** 28 days. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html */
const LONGEST_RUNTIME = 28 * DAY;
const NEW_JOB = 'Changing it runs a new job.';
const INTO_NEW_JOB = NEW_JOB.slice(0, -1);

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataSource.html (S3DataSource, AttributeNames) */
const attributeList = Joi.array().items(Joi.string().max(256)).min(1).max(16);

/** A list, or its JSON text, which was the only form that the original took. */
const attributeNames = Joi.alternatives(
  attributeList,
  Joi.string().custom((text: string, helpers) => {
    const list = parsed(text);
    if (boundsFault(list)) return helpers.error('mlops.list');
    const { error, value } = attributeList.validate(list, { convert: false }) as Joi.ValidationResult<string[]>;
    return error ? helpers.error('mlops.list') : value;
  }),
)
  .empty('')
  .messages({ 'mlops.list': '{{#label}} must be a list of 1 to 16 names, or its JSON text' })
  .description(`Attributes to read, with s3_data_type AugmentedManifestFile: a list, or its JSON text. ${NEW_JOB}`)
  .example(['source-ref', 'label']);

/** The text itself where it is no JSON, which is no list either. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html (HyperParameters) */
const hyperparameters = jsonObject(`Hyperparameters of the algorithm, name → value. ${NEW_JOB}`)
  .pattern(
    Joi.string().max(256),
    Joi.alternatives(Joi.string().allow('').max(2500), Joi.number(), Joi.boolean(), Joi.array(), Joi.object()),
  )
  .min(1)
  .max(100)
  .example({ eval_metric: 'auc', objective: 'binary:logistic', num_round: 400, rate_drop: 0.3 });

/** @param jobNameLimit training jobs take 63 characters, tuning jobs 32 */
export function trainingKeys(jobNameLimit: number): Joi.SchemaMap {
  return {
    model_name: modelName().required(),
    // The image is needed whether or not the model is registered afterwards.
    model_framework: modelFramework(NEW_JOB).required(),
    model_framework_version: modelFrameworkVersion(NEW_JOB).required(),
    training_data: assetPrefix(
      `Training data: CSV without header, target in the first column. ${INTO_NEW_JOB}`,
    ).required(),
    job_output_location: assetPrefix(`Prefix for the output of the job. ${INTO_NEW_JOB}`).required(),
    algo_hyperparamaters: hyperparameters.required(),
    job_name: sageMakerName(`Name of the job; must be new for every run; default: generated. ${NEW_JOB}`, jobNameLimit)
      .empty('')
      .example('churn-training-1'),
    validation_data: assetPrefix(`Validation data: CSV without header; default: none. ${INTO_NEW_JOB}`).empty(''),
    instance_type: instanceType(`Instance type of the job; default ml.m4.xlarge. ${NEW_JOB}`, 'training').default(
      'ml.m4.xlarge',
    ),
    instance_count: count(`Number of instances of the job; default 1. ${NEW_JOB}`, 1, 100).default(1),
    instance_volume_size: count(`Volume size of each instance, in GB; default 20. ${NEW_JOB}`, 1, 16_384).default(20),
    ...timeKeys(),
    encrypt_inner_traffic: flag(`Encrypts traffic between the containers of a job; default true. ${NEW_JOB}`).default(
      true,
    ),
    ...channelKeys(),
    kms_key_arn: kmsKeyArn(`KMS key for the output and the volumes; default: AWS managed keys. ${NEW_JOB}`),
  };
}

/** In this order: what is checked against another key comes behind it. */
function timeKeys(): Joi.SchemaMap {
  return {
    max_runtime_per_job: count(
      `Maximum runtime of one job, in seconds; default 86400 (one day). ${NEW_JOB}`,
      1,
      LONGEST_RUNTIME,
    ).default(DAY),
    use_spot_instances: flag(
      `Managed spot training: cheaper, but waits for capacity and may be interrupted; default true. ${NEW_JOB}`,
    ).default(true),
    max_wait_time_spot_instances: count(
      'Maximum total time of a spot job, waiting and running, in seconds; at least max_runtime_per_job; ' +
        `default 172800 (two days), or max_runtime_per_job if that is longer. ${NEW_JOB}`,
      1,
      LONGEST_RUNTIME,
    )
      .custom(atLeastRuntime)
      .messages({
        'mlops.spotWait': '{{#label}} must be at least max_runtime_per_job ({{#runtime}}) with use_spot_instances',
      })
      .default(({ max_runtime_per_job: runtime }: Record<string, unknown>) =>
        typeof runtime === 'number' ? Math.max(runtime, 2 * DAY) : 2 * DAY,
      )
      .example(2 * DAY, { override: true }),
  };
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html */
function atLeastRuntime(wait: number, helpers: Joi.CustomHelpers): unknown {
  const [request] = helpers.state.ancestors as [Record<string, unknown>];
  const { use_spot_instances: spot, max_runtime_per_job: runtime } = request;
  const tooShort = spot === true && typeof runtime === 'number' && wait < runtime;
  return tooShort ? helpers.error('mlops.spotWait', { runtime }) : wait;
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Channel.html */
function channelKeys(): Joi.SchemaMap {
  return {
    content_type: Joi.string()
      .empty('')
      .max(256)
      .default(({ model_framework: framework }: Record<string, unknown>) => defaultContentType(framework))
      .description(`MIME type of the data; default csv, or what the algorithm reads in place of it. ${NEW_JOB}`)
      .example('csv'),
    s3_data_type: oneOf(['S3Prefix', 'ManifestFile', 'AugmentedManifestFile'], 'What the data keys refer to').default(
      'S3Prefix',
    ),
    data_distribution: oneOf(
      ['FullyReplicated', 'ShardedByS3Key'],
      'Whether each instance gets all of the data or a shard',
    ).default('FullyReplicated'),
    compression_type: oneOf(['Gzip'], 'Compression of the data; default: none'),
    data_input_mode: oneOf(['File', 'Pipe', 'FastFile'], 'Whether data is downloaded first or streamed')
      .default('File')
      .example('Pipe', { override: true }),
    data_record_wrapping: oneOf(['RecordIO'], 'Record wrapping; default: none'),
    attribute_names: attributeNames,
  };
}

function oneOf(values: readonly [string, ...string[]], what: string): Joi.StringSchema {
  return Joi.string()
    .empty('')
    .valid(...values)
    .description(`${what}${what.includes('default') ? '' : `; default ${values[0]}`}. ${NEW_JOB}`)
    .example(values[0]);
}
