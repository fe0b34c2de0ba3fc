import Joi from 'joi';
import { PROBLEM_TYPES } from '../shared/problem-types.ts';
import type { PipelineRequest, SchemaSettings } from '../blueprint.ts';
import {
  assetKey,
  count,
  instanceType,
  kmsKeyArn,
  modelName,
  numberedText,
  perStage,
  s3Location,
  sageMakerName,
} from '../shared/joi-pieces.ts';
import { biasConfig, modelPredictedLabelConfig, shapConfig } from './clarify-schema.ts';

export type MonitorKind = 'data_quality' | 'model_quality' | 'model_bias' | 'model_explainability';

export const PER_STAGE_KEYS = [
  'endpoint_name',
  'baseline_job_output_location',
  'data_capture_location',
  'monitoring_output_location',
  'schedule_expression',
  'monitor_max_runtime_seconds',
  'instance_type',
  'instance_volume_size',
  'baseline_max_runtime_seconds',
  'kms_key_arn',
  'monitor_ground_truth_input',
] as const;

/** Jobs and schedules are named `<endpoint>-<kind>-<4 hex>` within 63 characters: this much is left for the endpoint. */
const ENDPOINT_NAME_LIMIT: Record<MonitorKind, number> = {
  data_quality: 46,
  model_quality: 45,
  model_bias: 48,
  model_explainability: 38,
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html */
const SCHEDULE = /^(NOW|cron\(0 \* \? \* \* \*\)|cron\(0 ([01]?\d|2[0-3])(\/([1-9]|1\d|2[0-4]))? \? \* \* \*\))$/;

const attribute = (what: string) => numberedText().empty('').description(what).example('0');

export function monitorSchema(kind: MonitorKind, settings: SchemaSettings): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: Joi.string().trim().valid(`byom_${kind}_monitor`).required(),
    ...commonKeys(kind, settings),
    ...(kind === 'data_quality' ? {} : problemKeys(kind)),
    ...(kind === 'model_quality' ? qualityKeys() : {}),
    ...(kind === 'model_quality' || kind === 'model_bias'
      ? {
          monitor_ground_truth_input: perStage(
            s3Location('Ground truth labels, below which the hours are found'),
            settings,
          ).required(),
        }
      : {}),
    ...(kind === 'model_bias' ? biasKeys() : {}),
    ...(kind === 'model_explainability'
      ? { shap_config: shapConfig.required(), model_scores: Joi.any().description('Label of the scores') }
      : {}),
  });
}

function commonKeys(kind: MonitorKind, settings: SchemaSettings): Joi.SchemaMap {
  const location = (what: string) => perStage(s3Location(what), settings).required();
  return {
    model_name: modelName().required(),
    endpoint_name: perStage(
      sageMakerName('Endpoint to monitor. Changing it replaces the schedule', ENDPOINT_NAME_LIMIT[kind])
        .trim()
        .lowercase()
        .example('my-endpoint'),
      settings,
    ).required(),
    baseline_data: assetKey('Baseline data: CSV with header').required(),
    baseline_job_output_location: location('Where the baseline goes'),
    data_capture_location: location('Where the endpoint captures to'),
    monitoring_output_location: location('Where reports go'),
    schedule_expression: perStage(
      Joi.string()
        .pattern(SCHEDULE, 'NOW, cron(0 * ? * * *), cron(0 <hour> ? * * *) or cron(0 <hour>/<every n hours> ? * * *)')
        .description('When to monitor')
        .example('cron(0 * ? * * *)'),
      settings,
    ).required(),
    monitor_max_runtime_seconds: perStage(
      count('Longest time of a monitoring job, in seconds; hourly ones less than an hour', 1, 86_400),
      settings,
    ).required(),
    instance_type: perStage(instanceType('Instance type of the jobs'), settings).required(),
    instance_volume_size: perStage(count('Volume of the jobs, in GB', 1, 16_384), settings).required(),
    baseline_max_runtime_seconds: perStage(
      count('Longest time of the baseline job, in seconds; default: no limit', 1, 86_400).empty(''),
      settings,
    ),
    kms_key_arn: perStage(kmsKeyArn('The key of the real-time pipeline that is monitored'), settings),
  };
}

/** With labels, the prediction has to be found in what the endpoint answers. */
function problemKeys(kind: MonitorKind): Joi.SchemaMap {
  return {
    problem_type: Joi.string()
      .trim()
      .valid(...PROBLEM_TYPES)
      .required()
      .description('Kind of problem'),
    monitor_inference_attribute: attribute('Index or JSON path of the prediction').when('problem_type', {
      is: Joi.valid('Regression', 'MulticlassClassification'),
      then: Joi.required(),
    }),
    monitor_probability_attribute: attribute('Index or JSON path of the probability; binary classification only'),
    probability_threshold_attribute: Joi.number()
      .empty('')
      .min(0)
      .max(1)
      .description('Threshold that makes a probability a label; binary classification only'),
    ...(kind === 'model_quality'
      ? {}
      : { features_attribute: Joi.string().empty('').description('JSON path of the features') }),
  };
}

function qualityKeys(): Joi.SchemaMap {
  return {
    baseline_ground_truth_attribute: attribute('Column of the label in the baseline').required(),
    baseline_probability_attribute: attribute('Column of the probability in the baseline'),
    // The guide: not needed where probability and threshold tell a binary prediction.
    baseline_inference_attribute: attribute('Column of the prediction in the baseline').when('problem_type', {
      is: 'BinaryClassification',
      then: Joi.when('baseline_probability_attribute', {
        is: Joi.exist(),
        then: Joi.when('probability_threshold_attribute', { is: Joi.exist(), otherwise: Joi.required() }),
        otherwise: Joi.required(),
      }),
      otherwise: Joi.required(),
    }),
  };
}

function biasKeys(): Joi.SchemaMap {
  return {
    bias_config: biasConfig.required(),
    model_predicted_label_config: modelPredictedLabelConfig.when('problem_type', {
      is: Joi.valid('BinaryClassification', 'MulticlassClassification'),
      then: Joi.required(),
    }),
  };
}
