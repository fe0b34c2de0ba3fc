import Joi from 'joi';
import type { PipelineRequest, SchemaSettings } from '../blueprint.ts';
import {
  count,
  instanceType,
  kmsKeyArn,
  modelName,
  perStage,
  pipelineType,
  sageMakerName,
} from '../shared/schema/joi-pieces.ts';
import { SHORT_URI_LIMIT, assetKey, s3Location } from '../request/paths.ts';
import { localStorageViolation } from '../shared/schema/local-storage-rule.ts';
import type { Rule } from '../shared/schema/rules.ts';
import { withRules } from '../shared/schema/rules.ts';
import { biasConfig, modelPredictedLabelConfig, shapConfig } from './clarify-schema.ts';
import type { MonitorKind, MonitorRequest } from './monitor-request.ts';
import { baselineAttributeKeys, monitorAttributeKeys } from './attribute-schema.ts';
import { LONGEST_RUNTIME, SCHEDULE, SCHEDULE_FORMS, notNow, withinSchedule } from './schedule-schema.ts';

const PER_STAGE_KEYS = [
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
] as const;

/** Quality and bias are measured against the true labels of what was predicted. */
function needsGroundTruth(kind: MonitorKind): boolean {
  return kind === 'model_quality' || kind === 'model_bias';
}

/** Keys of a monitor's request whose value may differ per environment. */
export function perStageKeys(kind: MonitorKind): readonly string[] {
  return needsGroundTruth(kind) ? [...PER_STAGE_KEYS, 'monitor_ground_truth_input'] : PER_STAGE_KEYS;
}

/** Keys that have no part in a baseline: what the schedule alone is made of. */
const SCHEDULE_KEYS: readonly string[] = [
  'data_capture_location',
  'monitoring_output_location',
  'schedule_expression',
  'monitor_max_runtime_seconds',
  'monitor_ground_truth_input',
  'monitor_inference_attribute',
  'monitor_probability_attribute',
  'features_attribute',
];

/** Clarify's baselines do without these: `model_predicted_label_config` configures how a prediction is read. */
const CLARIFY_SCHEDULE_KEYS: readonly string[] = ['problem_type', 'probability_threshold_attribute'];

/** Keys of a monitor's request that its baseline is made of. */
export function baselineKeys(kind: MonitorKind): readonly string[] {
  const keys = Object.keys(monitorKeys(kind, { multiAccount: false, useModelRegistry: false }));
  const without = kind === 'model_quality' ? SCHEDULE_KEYS : [...SCHEDULE_KEYS, ...CLARIFY_SCHEDULE_KEYS];
  return keys.filter((key) => !without.includes(key));
}

/** In seconds: nine days. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingStoppingCondition.html */
const LONGEST_BASELINE = 777_600;
/**
 * In GB. The provider's data-quality definition accepts no more than 512, although SageMaker does.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/sagemaker/dataqualityjobdefinition/
 */
const VOLUME_LIMIT: Record<MonitorKind, number> = {
  data_quality: 512,
  model_quality: 16_384,
  model_bias: 16_384,
  model_explainability: 16_384,
};
const NEW_SCHEDULE = 'Changing it updates the schedule.';
const NEW_BASELINE = 'Changing it creates a new baseline and updates the schedule.';

export function monitorSchema(kind: MonitorKind, settings: SchemaSettings): Joi.ObjectSchema<PipelineRequest> {
  const schema = Joi.object<PipelineRequest>(monitorKeys(kind, settings));
  return withRules(schema, [withinSchedule, volumeOfInstance], perStageKeys(kind));
}

function monitorKeys(kind: MonitorKind, settings: SchemaSettings): Joi.SchemaMap {
  return {
    pipeline_type: pipelineType(`byom_${kind}_monitor`),
    ...commonKeys(kind, settings),
    ...(kind === 'data_quality' ? {} : monitorAttributeKeys(kind)),
    ...(kind === 'model_quality' ? baselineAttributeKeys() : {}),
    ...(needsGroundTruth(kind) ? groundTruthKeys(settings) : {}),
    ...(kind === 'model_bias' ? biasKeys() : {}),
    ...(kind === 'model_explainability' ? explainabilityKeys() : {}),
  };
}

const volumeOfInstance: Rule<MonitorRequest> = ({ instance_type: type, instance_volume_size: size }) =>
  localStorageViolation(type, size);

function commonKeys(kind: MonitorKind, settings: SchemaSettings): Joi.SchemaMap {
  const location = (what: string, limit?: number) => perStage(s3Location(what, limit), settings).required();
  return {
    model_name: modelName().required(),
    endpoint_name: perStage(
      sageMakerName('Endpoint to monitor, in lower case. Changing it creates a new baseline and replaces the schedule.')
        .trim()
        .lowercase()
        .example('my-endpoint'),
      settings,
    ).required(),
    baseline_data: assetKey(`Baseline data: CSV with header. ${NEW_BASELINE.slice(0, -1)}`)
      .required()
      .example('path/to/training_data_with_header.csv', { override: true }),
    baseline_job_output_location: location(`Location of the baseline. ${NEW_BASELINE.slice(0, -1)}`),
    data_capture_location: location(
      'Location of the captured data. Changing it changes the permissions of the jobs',
      SHORT_URI_LIMIT,
    ),
    monitoring_output_location: location(`Location of the reports. ${NEW_SCHEDULE.slice(0, -1)}`, SHORT_URI_LIMIT),
    schedule_expression: perStage(
      Joi.string()
        .custom(notNow)
        .messages({ 'mlops.now': '{{#label}} {{#reason}}' })
        .pattern(SCHEDULE, SCHEDULE_FORMS)
        .description(`When to monitor: ${SCHEDULE_FORMS}. Changing it updates the schedule.`)
        .example('cron(0 * ? * * *)'),
      settings,
    ).required(),
    monitor_max_runtime_seconds: perStage(
      count(
        `Maximum runtime of a monitoring job, in seconds; at most the interval of the schedule. ${NEW_SCHEDULE}`,
        1,
        LONGEST_RUNTIME,
      ).example(1_800, { override: true }),
      settings,
    ).required(),
    instance_type: perStage(
      instanceType(`Instance type of the jobs. ${NEW_BASELINE}`, 'processing'),
      settings,
    ).required(),
    instance_volume_size: perStage(
      count(
        `Volume size of the jobs, in GB; must be large enough for the data. ${NEW_BASELINE}`,
        1,
        VOLUME_LIMIT[kind],
      ).example(20, {
        override: true,
      }),
      settings,
    ).required(),
    baseline_max_runtime_seconds: perStage(
      count(`Maximum runtime of the baseline job, in seconds; default: no limit. ${NEW_BASELINE}`, 1, LONGEST_BASELINE)
        .empty('')
        .example(3_300, { override: true }),
      settings,
    ),
    kms_key_arn: perStage(
      kmsKeyArn(
        `KMS key for the jobs' volumes and output; default: AWS managed keys. Must be the key of the real-time pipeline. ${NEW_BASELINE}`,
      ),
      settings,
    ),
  };
}

function groundTruthKeys(settings: SchemaSettings): Joi.SchemaMap {
  return {
    monitor_ground_truth_input: perStage(
      s3Location(`Ground truth labels, by event id and hour. ${NEW_SCHEDULE.slice(0, -1)}`, SHORT_URI_LIMIT),
      settings,
    ).required(),
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

function explainabilityKeys(): Joi.SchemaMap {
  return {
    shap_config: shapConfig.required(),
    model_scores: Joi.alternatives(Joi.string().empty(''), Joi.number())
      .empty('')
      .description(`Index or JSON path of the scores in the response of the model; default: the first. ${NEW_BASELINE}`)
      .example(0),
  };
}
