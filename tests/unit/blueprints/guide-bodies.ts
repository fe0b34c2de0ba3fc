/**
 * The request examples of the guide's "API operations" with the placeholders filled in. Only missing commas and
 * brackets, and line breaks inside words, are repaired; wrong and missing keys are left as they are printed.
 */
import type { Body } from './requests.ts';

const HYPERPARAMETERS = { eval_metric: 'auc', objective: 'binary:logistic', num_round: 400, rate_drop: 0.3 };
const PLACE = 'my-bucket/my-prefix';
const PLACES = { dev: 'dev-bucket/prefix', staging: 'staging-bucket/prefix', prod: 'prod-bucket/prefix' };
const INSTANCES = { dev: 'ml.t3.2xlarge', staging: 'ml.m5.large', prod: 'ml.m5.4xlarge' };
const ENDPOINTS = { dev: 'dev-endpoint-name', staging: 'staging-endpoint-name', prod: 'prod-endpoint-name' };
const LABELS = { dev: 'dev-b/p/2026/01/31/23', staging: 'staging-b/p/2026/01/31/23', prod: 'prod-b/p/2026/01/31/23' };
const BIAS = { label_values_or_threshold: '1', facet_name: 'age', facet_values_or_threshold: '40' };

const monitor = (type: string): Body => ({
  pipeline_type: type,
  model_name: 'my-model-name',
  endpoint_name: 'xgb-churn-prediction-endpoint',
  baseline_data: 'path/to/training_data_with_header.csv',
  baseline_job_output_location: PLACE,
  data_capture_location: PLACE,
  monitoring_output_location: PLACE,
  schedule_expression: 'cron(0 0 ? * * *)',
  instance_type: 'ml.m5.large',
  instance_volume_size: '20',
  baseline_max_runtime_seconds: '3300',
  monitor_max_runtime_seconds: '1800',
});

/** Template option 1, one account. */
export const SINGLE_ACCOUNT: Record<string, Body> = {
  'training job': {
    pipeline_type: 'model_training_builtin',
    model_name: 'my-model-name',
    model_framework: 'xgboost',
    model_framework_version: '1',
    job_output_location: 's3-prefix-in-assets-bucket',
    training_data: 'path/to/training_data.csv',
    validation_data: 'path/to/validation_data.csv',
    algo_hyperparameters: HYPERPARAMETERS,
  },
  'tuning job': {
    pipeline_type: 'model_tuner_builtin',
    model_name: 'my-model-name',
    model_framework: 'xgboost',
    model_framework_version: '1',
    job_output_location: 's3-prefix-in-assets-bucket',
    training_data: 'path/to/training_data.csv',
    validation_data: 'path/to/validation_data.csv',
    algo_hyperparameters: HYPERPARAMETERS,
    tuner_configs: {
      early_stopping_type: 'Auto',
      objective_metric_name: 'validation:auc',
      max_jobs: 10,
      max_parallel_jobs: 2,
    },
    hyperparameters_ranges: {
      min_child_weight: ['continuous', [0, 120]],
      max_depth: ['integer', [1, 15]],
      optimizer: ['categorical', ['sgd', 'Adam']],
    },
  },
  'autopilot job': {
    pipeline_type: 'model_autopilot_training',
    model_name: 'my-model-name',
    job_output_location: 's3-prefix-in-assets-bucket',
    training_data: 'path/to/training_data.csv',
    target_attribute: 'target-attribute-name',
  },
  'real-time, custom': {
    pipeline_type: 'byom_realtime_custom',
    custom_image_uri: '111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:v1',
    model_name: 'my-model-name',
    model_artifact_location: 'path/to/model.tar.gz',
    data_capture_location: PLACE,
    inference_instance: 'ml.m5.large',
    endpoint_name: 'custom-endpoint-name',
  },
  'real-time, built-in': {
    pipeline_type: 'byom_realtime_builtin',
    model_framework: 'xgboost',
    model_framework_version: '1',
    model_name: 'my-model-name',
    model_artifact_location: 'path/to/model.tar.gz',
    data_capture_location: PLACE,
    inference_instance: 'ml.m5.large',
    endpoint_name: 'custom-endpoint-name',
  },
  'batch, custom': {
    pipeline_type: 'byom_batch_custom',
    custom_image_uri: '111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:v1',
    model_name: 'my-model-name',
    model_artifact_location: 'path/to/model.tar.gz',
    inference_instance: 'ml.m5.large',
    batch_inference_data: `${PLACE}/inference_data.csv`,
    batch_job_output_location: PLACE,
  },
  'batch, built-in': {
    pipeline_type: 'byom_batch_builtin',
    model_framework: 'xgboost',
    model_framework_version: '1',
    model_name: 'my-model-name',
    model_artifact_location: 'path/to/model.tar.gz',
    inference_instance: 'ml.m5.large',
    batch_inference_data: `${PLACE}/inference_data.csv`,
    batch_job_output_location: PLACE,
  },
  'data quality monitor': {
    ...monitor('byom_data_quality_monitor'),
    schedule_expression: 'cron(0 * ? * * *)',
    monitor_max_runtime_seconds: '3300',
  },
  'model quality monitor, binary': {
    ...monitor('byom_model_quality_monitor'),
    baseline_inference_attribute: 'prediction',
    baseline_probability_attribute: 'probability',
    baseline_ground_truth_attribute: 'label',
    probability_threshold_attribute: '0.5',
    problem_type: 'BinaryClassification',
    monitor_probability_attribute: '0',
    monitor_ground_truth_input: `${PLACE}/2026/01/31/23`,
  },
  'model quality monitor, regression': {
    ...monitor('byom_model_quality_monitor'),
    baseline_inference_attribute: 'prediction',
    baseline_ground_truth_attribute: 'label',
    problem_type: 'Regression',
    monitor_inference_attribute: '0',
    monitor_ground_truth_input: `${PLACE}/2026/01/31/23`,
  },
  'model bias monitor, binary': {
    ...monitor('byom_model_bias_monitor'),
    probability_threshold_attribute: '0.5',
    problem_type: 'BinaryClassification',
    monitor_probability_attribute: '0',
    bias_config: BIAS,
    model_predicted_label_config: { probability: 0 },
    monitor_ground_truth_input: `${PLACE}/2026/01/31/23`,
  },
  'model bias monitor, regression': {
    ...monitor('byom_model_bias_monitor'),
    problem_type: 'Regression',
    monitor_inference_attribute: '0',
    bias_config: BIAS,
    monitor_ground_truth_input: `${PLACE}/2026/01/31/23`,
  },
  'model explainability monitor, binary': {
    ...monitor('byom_model_explainability_monitor'),
    probability_threshold_attribute: '0.5',
    problem_type: 'BinaryClassification',
    monitor_probability_attribute: '0',
    shap_config: { baseline: 'path/to/shap_baseline_dataset.csv', num_samples: '100', agg_method: 'mean_abs' },
  },
  'image builder': {
    pipeline_type: 'byom_image_builder',
    custom_algorithm_docker: 'path/to/custom_image.zip',
    ecr_repo_name: 'name-of-amazon-ecr-repository',
    image_tag: 'image-tag',
  },
};

const multiMonitor = (type: string): Body => ({
  pipeline_type: type,
  endpoint_name: ENDPOINTS,
  baseline_data: 'path/to/baseline_data.csv',
  baseline_job_output_location: PLACES,
  data_capture_location: PLACES,
  monitoring_output_location: PLACES,
  schedule_expression: 'cron(0 * ? * * *)',
  instance_type: INSTANCES,
  instance_volume_size: { dev: '20', staging: '20', prod: '100' },
  baseline_max_runtime_seconds: '3300',
  monitor_max_runtime_seconds: '3300',
});

/** Template option 2, several accounts, complete as printed. */
export const MULTI_ACCOUNT: Record<string, Body> = {
  'real-time, built-in': {
    pipeline_type: 'byom_realtime_builtin',
    model_framework: 'xgboost',
    model_framework_version: '1',
    model_name: 'my-model-name',
    model_artifact_location: 'path/to/model.tar.gz',
    data_capture_location: PLACES,
    inference_instance: INSTANCES,
    endpoint_name: ENDPOINTS,
  },
  'batch, custom': {
    pipeline_type: 'byom_batch_custom',
    custom_image_uri: '111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:v1',
    model_name: 'my-model-name',
    model_artifact_location: 'path/to/model.tar.gz',
    inference_instance: INSTANCES,
    batch_inference_data: { dev: 'dev-b/p/data.csv', staging: 'staging-b/p/data.csv', prod: 'prod-b/p/data.csv' },
    batch_job_output_location: PLACES,
  },
};

const { baseline_data: dataset, ...dataQuality } = multiMonitor('byom_data_quality_monitor');

/** Template option 2: the monitors, all printed without `model_name`, and one with a key of another type. */
export const MULTI_ACCOUNT_MONITORS: Record<string, { sent: Body; faults: string[]; warnings: number }> = {
  'data quality monitor': {
    sent: { ...dataQuality, training_data: dataset },
    faults: ['/baseline_data required', '/model_name required'],
    warnings: 0,
  },
  'model quality monitor': {
    sent: {
      ...multiMonitor('byom_model_quality_monitor'),
      baseline_inference_attribute: 'prediction',
      baseline_ground_truth_attribute: 'label',
      problem_type: 'Regression',
      monitor_inference_attribute: '0',
      monitor_ground_truth_input: LABELS,
    },
    faults: ['/model_name required'],
    warnings: 1,
  },
  'model bias monitor': {
    sent: {
      ...multiMonitor('byom_model_bias_monitor'),
      problem_type: 'Regression',
      monitor_inference_attribute: '0',
      bias_config: BIAS,
      monitor_ground_truth_input: LABELS,
    },
    faults: ['/model_name required'],
    warnings: 1,
  },
  'model explainability monitor': {
    sent: {
      ...multiMonitor('byom_model_explainability_monitor'),
      problem_type: 'Regression',
      monitor_inference_attribute: '0',
      shap_config: { baseline: 'path/to/shap_baseline_dataset.csv', num_samples: '100', agg_method: 'mean_abs' },
    },
    faults: ['/model_name required'],
    warnings: 0,
  },
};
