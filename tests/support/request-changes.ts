/** Every key of every pipeline type → what a change of it does to the resources of the stack. */
import type { PipelineType } from '../../blueprints/blueprint.ts';

export interface RequestChange {
  key: string;
  /** Keys of the type's example that change; others than `key` only where they go together. */
  to: Record<string, unknown>;
  /** `<resource> <operation>`, sorted. Names are without what all names begin with; what is not named stays as it is. */
  expected: string;
}

const sorted = (...operations: string[]): string =>
  operations
    .flatMap((one) => one.split(', '))
    .sort()
    .join(', ');

const NEW_JOB = 'job-function update, job-run replace';
const NEW_DATA = sorted('training-policy replace', NEW_JOB);
const NEW_BATCH = sorted('execution-policy replace', NEW_JOB);
const NEW_CONFIG = 'endpoint update, endpoint-config replace';
const NEW_BASELINE = sorted('baseline-change update, job-policy replace, definition replace, schedule update', NEW_JOB);
const NEW_DEFINITION = 'definition replace, schedule update';
const OTHER_SECRET_KEY = 'arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012';

/** Another value than the examples have. */
const VALUES: Record<string, unknown> = {
  algo_hyperparamaters: { num_round: 1 },
  attribute_names: ['label'],
  baseline_data: 'other.csv',
  baseline_ground_truth_attribute: 'x',
  baseline_inference_attribute: 'x',
  baseline_job_output_location: 'other/place',
  baseline_max_runtime_seconds: 900,
  baseline_probability_attribute: 'x',
  batch_inference_data: 'other/data.csv',
  batch_job_output_location: 'other/place',
  bias_config: { label_values_or_threshold: '0', facet_name: 'age' },
  compression_type: 'Gzip',
  content_type: 'text/libsvm',
  custom_algorithm_docker: 'other.zip',
  custom_image_uri: '111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:2',
  data_capture_location: 'other/place',
  data_distribution: 'ShardedByS3Key',
  data_input_mode: 'Pipe',
  data_record_wrapping: 'RecordIO',
  ecr_repo_name: 'other',
  encrypt_inner_traffic: false,
  endpoint: { instance_count: 2 },
  endpoint_name: 'other',
  features_attribute: 'features',
  generate_definition_only: true,
  hyperparamaters_ranges: { eta: ['continuous', [0, 1]] },
  inference_instance: 'ml.m5.xlarge',
  instance_count: 2,
  instance_type: 'ml.m5.xlarge',
  instance_volume_size: 30,
  job_max_candidates: 3,
  job_name: 'fixed',
  job_output_location: 'other',
  kms_key_arn: OTHER_SECRET_KEY,
  max_runtime_per_job: 3_600,
  max_wait_time_spot_instances: 200_000,
  model_artifact_location: 'other/model.tar.gz',
  model_framework: 'kmeans',
  model_framework_version: 'latest',
  model_predicted_label_config: { label: 1 },
  model_scores: 1,
  monitor_ground_truth_input: 'other/place',
  monitor_inference_attribute: '1',
  monitor_max_runtime_seconds: 900,
  monitor_probability_attribute: '1',
  monitoring_output_location: 'other/place',
  probability_threshold_attribute: 0.7,
  s3_data_type: 'ManifestFile',
  schedule_expression: 'cron(0 3 ? * * *)',
  shap_config: { num_clusters: 2 },
  target_attribute: 'other',
  total_max_runtime: 4_000,
  training_data: 'other.csv',
  tuner_configs: { objective_metric_name: 'validation:rmse', objective_type: 'Minimize' },
  use_spot_instances: false,
  validation_data: 'other.csv',
  verification: { smoke_request: { body: '1,2' }, soak_seconds: 60 },
};

function each(expected: string, ...keys: string[]): RequestChange[] {
  return keys.map((key) => ({ key, to: { [key]: VALUES[key] }, expected }));
}

const REALTIME: RequestChange[] = [
  ...each(NEW_CONFIG, 'inference_instance', 'endpoint'),
  ...each(sorted('execution-policy replace', NEW_CONFIG), 'data_capture_location', 'kms_key_arn'),
  ...each(sorted('execution-policy replace, model replace', NEW_CONFIG), 'model_artifact_location'),
  ...each('endpoint replace, execution-policy replace, inference update, inference-policy replace', 'endpoint_name'),
  ...each('', 'verification'),
];

const BATCH: RequestChange[] = [
  ...each(NEW_JOB, 'inference_instance'),
  ...each(NEW_BATCH, 'batch_inference_data', 'batch_job_output_location', 'kms_key_arn'),
  ...each(sorted('model replace', NEW_BATCH), 'model_artifact_location'),
];

const TRAINING: RequestChange[] = [
  ...each(
    NEW_JOB,
    'model_framework_version',
    'algo_hyperparamaters',
    'instance_type',
    'instance_count',
    'instance_volume_size',
    'max_runtime_per_job',
    'use_spot_instances',
    'max_wait_time_spot_instances',
    'encrypt_inner_traffic',
    'content_type',
    'data_distribution',
    'data_input_mode',
    'attribute_names',
  ),
  // What is compressed or wrapped is streamed.
  ...['compression_type', 'data_record_wrapping'].map((key) => ({
    key,
    to: { [key]: VALUES[key], data_input_mode: 'Pipe' },
    expected: NEW_JOB,
  })),
  // A manifest lists what may be anywhere in the bucket.
  ...each(NEW_DATA, 's3_data_type'),
  // That algorithm has no spot jobs of a day.
  { key: 'model_framework', to: { model_framework: 'linear-learner', use_spot_instances: false }, expected: NEW_DATA },
  ...each(NEW_DATA, 'training_data', 'validation_data', 'job_output_location', 'kms_key_arn'),
];

const MONITOR: RequestChange[] = [
  ...each(NEW_BASELINE, 'instance_type', 'instance_volume_size', 'baseline_max_runtime_seconds'),
  ...each('schedule update', 'schedule_expression'),
  ...each(NEW_DEFINITION, 'monitor_max_runtime_seconds'),
  ...each('monitor-policy replace', 'data_capture_location'),
  ...each(sorted('monitor-policy replace', NEW_DEFINITION), 'monitoring_output_location'),
  ...each(sorted('baseline-policy replace', NEW_BASELINE), 'baseline_data'),
  ...each(
    sorted('baseline-policy replace, monitor-policy replace', NEW_BASELINE),
    'baseline_job_output_location',
    'kms_key_arn',
  ),
  ...each(
    sorted('monitor-policy replace', NEW_BASELINE.replace('schedule update', 'schedule replace')),
    'endpoint_name',
  ),
];

const TO_REGRESSION = { problem_type: 'Regression', monitor_inference_attribute: '0' };
const GROUND_TRUTH = each(sorted('monitor-policy replace', NEW_DEFINITION), 'monitor_ground_truth_input');
const OF_ANSWERS = each(NEW_DEFINITION, 'monitor_inference_attribute', 'monitor_probability_attribute');
const OF_FEATURES = each(NEW_DEFINITION, 'features_attribute');

export const REQUEST_CHANGES: Record<PipelineType, readonly RequestChange[]> = {
  byom_realtime_builtin: [
    ...REALTIME,
    ...each(sorted('execution-policy replace, model replace', NEW_CONFIG), 'model_framework'),
    ...each(sorted('model replace', NEW_CONFIG), 'model_framework_version'),
  ],
  byom_realtime_custom: [...REALTIME, ...each(sorted('model replace', NEW_CONFIG), 'custom_image_uri')],
  byom_batch_builtin: [
    ...BATCH,
    ...each(sorted('model replace', NEW_BATCH), 'model_framework'),
    ...each(sorted('model replace', NEW_JOB), 'model_framework_version'),
  ],
  byom_batch_custom: [...BATCH, ...each(sorted('model replace', NEW_JOB), 'custom_image_uri')],
  model_training_builtin: [
    ...TRAINING,
    ...each(sorted('training-change update, job-policy replace', NEW_DATA), 'job_name'),
  ],
  model_tuner_builtin: [
    ...TRAINING,
    ...each(NEW_JOB, 'tuner_configs', 'hyperparamaters_ranges'),
    ...each(sorted('tuning-change update, job-policy replace', NEW_DATA), 'job_name'),
  ],
  model_autopilot_training: [
    ...each(
      NEW_JOB,
      'target_attribute',
      'compression_type',
      'job_max_candidates',
      'max_runtime_per_job',
      'total_max_runtime',
      'generate_definition_only',
      'encrypt_inner_traffic',
    ),
    ...['problem_type', 'job_objective'].map((key) => ({
      key,
      to: { problem_type: 'Regression', job_objective: 'MSE' },
      expected: NEW_JOB,
    })),
    ...each(NEW_DATA, 'training_data', 'job_output_location', 'kms_key_arn'),
    ...each(
      sorted(
        'processing-change update, training-change update, transform-change update, tuning-change update',
        'job-policy replace',
        NEW_DATA,
      ),
      'job_name',
    ),
  ],
  byom_data_quality_monitor: MONITOR,
  byom_model_quality_monitor: [
    ...MONITOR,
    ...GROUND_TRUTH,
    ...OF_ANSWERS,
    ...each(
      NEW_BASELINE,
      'probability_threshold_attribute',
      'baseline_ground_truth_attribute',
      'baseline_probability_attribute',
      'baseline_inference_attribute',
    ),
    { key: 'problem_type', to: TO_REGRESSION, expected: NEW_BASELINE },
  ],
  byom_model_bias_monitor: [
    ...MONITOR,
    ...GROUND_TRUTH,
    ...OF_ANSWERS,
    ...OF_FEATURES,
    ...each(NEW_DEFINITION, 'probability_threshold_attribute'),
    { key: 'problem_type', to: TO_REGRESSION, expected: NEW_DEFINITION },
    ...each(NEW_BASELINE, 'bias_config', 'model_predicted_label_config'),
  ],
  byom_model_explainability_monitor: [
    ...MONITOR,
    ...OF_ANSWERS,
    ...OF_FEATURES,
    ...each('', 'probability_threshold_attribute'),
    { key: 'problem_type', to: TO_REGRESSION, expected: NEW_DEFINITION },
    ...each(NEW_BASELINE, 'model_scores'),
    // The example's rows to compare with were a file, which the roles could read.
    ...each(sorted('baseline-policy replace, monitor-policy replace', NEW_BASELINE), 'shap_config'),
  ],
  byom_image_builder: [
    ...each(
      sorted(
        'source update, pipeline-policy replace, pipeline replace, pipeline-change update',
        'start-policy replace, source-start update',
      ),
      'custom_algorithm_docker',
    ),
    ...each(
      sorted(
        'build-policy replace, build update, pipeline replace, pipeline-change update',
        'start-policy replace, source-start update',
      ),
      'ecr_repo_name',
    ),
  ],
};
