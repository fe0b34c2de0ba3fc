/** Which shape of AWS' API models each bounded key of the request schemas becomes, and why ours is narrower where it is. Data only. */

export interface Row {
  path: RegExp;
  /** Of requests of this type only; default: of all that have the key. */
  type?: RegExp;
  /** Of SageMaker, or `service Shape`. */
  shape: string;
  /** What of AWS' range is left out, and why. */
  narrower?: string;
}

const SLIP = 'the model has no limit; more is a slip';
const LEFT_OUT = 'None is said by leaving the key out';

export const ROWS: readonly Row[] = [
  { path: /^model_name$/, shape: 'ModelName' },
  { path: /^endpoint_name$/, shape: 'EndpointName' },
  { path: /^kms_key_arn$/, shape: 'KmsKeyId' },
  { path: /^custom_image_uri$/, shape: 'ContainerImage' },
  { path: /^endpoint\.serverless\.memory_size_in_mb$/, shape: 'ServerlessMemorySizeInMB' },
  { path: /^endpoint\.serverless\.max_concurrency$/, shape: 'ServerlessMaxConcurrency' },
  { path: /^endpoint\.serverless\.provisioned_concurrency$/, shape: 'ServerlessProvisionedConcurrency' },
  {
    path: /^endpoint\.autoscaling\.(min|max)_capacity$/,
    shape: 'application-autoscaling ResourceCapacity',
    narrower: SLIP,
  },
  {
    path: /^endpoint\.autoscaling\.scale_(in|out)_cooldown_seconds$/,
    shape: 'application-autoscaling Cooldown',
    narrower: SLIP,
  },
  { path: /^endpoint\.instance_count$/, shape: 'InitialTaskCount', narrower: SLIP },
  {
    path: /^endpoint\.asynchronous\.max_concurrent_invocations_per_instance$/,
    shape: 'MaxConcurrentInvocationsPerInstance',
  },
  {
    path: /^endpoint\.deployment\.step_percent$/,
    shape: 'CapacitySizeValue',
    narrower: 'the documentation says 5 to 50 % of canaries, 10 to 50 % of linear steps',
  },
  { path: /^endpoint\.deployment\.wait_seconds$/, shape: 'WaitIntervalInSeconds' },
  { path: /^endpoint\.deployment\.termination_wait_seconds$/, shape: 'TerminationWaitInSeconds' },
  { path: /^(endpoint\.deployment|verification)\.alarms$/, shape: 'AlarmList' },
  { path: /^(endpoint\.deployment|verification)\.alarms\[\]$/, shape: 'AlarmName' },
  {
    path: /^verification\.smoke_request\.body$/,
    shape: 'sagemaker-runtime BodyBlob',
    narrower: 'part of the request, which is limited as a whole',
  },
  { path: /^verification\.smoke_request\.content_type$/, shape: 'sagemaker-runtime Header' },
  { path: /^algo_hyperparamaters$/, shape: 'HyperParameters', narrower: 'an empty object is a slip' },
  { path: /^algo_hyperparamaters\.\*$/, shape: 'HyperParameterValue' },
  { path: /^job_name$/, type: /^model_training/, shape: 'TrainingJobName' },
  { path: /^job_name$/, type: /^model_tuner/, shape: 'HyperParameterTuningJobName' },
  { path: /^job_name$/, type: /^model_autopilot/, shape: 'AutoMLJobName' },
  { path: /^instance_count$/, shape: 'TrainingInstanceCount', narrower: 'quota of 100 instances, and at least one' },
  {
    path: /^instance_volume_size$/,
    type: /^model_/,
    shape: 'VolumeSizeInGB',
    narrower: 'the largest volume of Amazon EBS (gp2): 16 TiB',
  },
  {
    path: /^instance_volume_size$/,
    type: /^byom_data_quality/,
    shape: 'ProcessingVolumeSizeInGB',
    narrower: 'the provider takes at most 512 GB',
  },
  { path: /^instance_volume_size$/, type: /_monitor$/, shape: 'ProcessingVolumeSizeInGB' },
  {
    path: /^max_runtime_per_job$/,
    type: /^model_autopilot/,
    shape: 'MaxRuntimePerTrainingJobInSeconds',
    narrower: 'the documentation says 28 days of training jobs',
  },
  { path: /^max_runtime_per_job$/, shape: 'MaxRuntimeInSeconds', narrower: 'the documentation says 28 days' },
  {
    path: /^max_wait_time_spot_instances$/,
    shape: 'MaxWaitTimeInSeconds',
    narrower: 'as long as a job may run: the documentation says 28 days',
  },
  { path: /^content_type$/, shape: 'ContentType' },
  { path: /^s3_data_type$/, shape: 'S3DataType', narrower: 'Converse is of language models' },
  { path: /^data_distribution$/, shape: 'S3DataDistribution' },
  { path: /^compression_type$/, shape: 'CompressionType', narrower: LEFT_OUT },
  { path: /^data_input_mode$/, shape: 'TrainingInputMode' },
  { path: /^data_record_wrapping$/, shape: 'RecordWrapper', narrower: LEFT_OUT },
  { path: /^attribute_names$/, shape: 'AttributeNames', narrower: 'an empty list is a slip' },
  { path: /^attribute_names\[\]$/, shape: 'AttributeName' },
  { path: /^tuner_configs\.objective_metric_name$/, shape: 'MetricName' },
  { path: /^tuner_configs\.metric_definitions$/, shape: 'MetricDefinitionList' },
  { path: /^tuner_configs\.metric_definitions\[\]\.Name$/, shape: 'MetricName' },
  { path: /^tuner_configs\.metric_definitions\[\]\.Regex$/, shape: 'MetricRegex' },
  { path: /^tuner_configs\.strategy$/, shape: 'HyperParameterTuningJobStrategyType' },
  { path: /\.hyperband_strategy_config\.min_resource$/, shape: 'HyperbandStrategyMinResource', narrower: SLIP },
  { path: /\.hyperband_strategy_config\.max_resource$/, shape: 'HyperbandStrategyMaxResource', narrower: SLIP },
  { path: /^tuner_configs\.objective_type$/, shape: 'HyperParameterTuningJobObjectiveType' },
  {
    path: /^tuner_configs\.max_jobs$/,
    shape: 'MaxNumberOfTrainingJobs',
    narrower: 'quota of 750 jobs a search, 10,000 at random',
  },
  {
    path: /^tuner_configs\.max_parallel_jobs$/,
    shape: 'MaxParallelTrainingJobs',
    narrower: 'quota of 100 jobs at once',
  },
  { path: /^tuner_configs\.early_stopping_type$/, shape: 'TrainingJobEarlyStoppingType' },
  { path: /^tuner_configs\.max_runtime_in_seconds$/, shape: 'HyperParameterTuningMaxRuntimeInSeconds' },
  { path: /^tuner_configs\.random_seed$/, shape: 'RandomSeed', narrower: 'a seed has 32 bits' },
  { path: /^tuner_configs\.tags$/, shape: 'TagList', narrower: 'the tags of the stack are among the fifty' },
  { path: /^tuner_configs\.tags\[\]\.Key$/, shape: 'TagKey' },
  { path: /^tuner_configs\.tags\[\]\.Value$/, shape: 'TagValue' },
  { path: /^hyperparamaters_ranges$/, shape: 'ContinuousParameterRanges' },
  { path: /^problem_type$/, type: /^model_autopilot/, shape: 'ProblemType' },
  { path: /^problem_type$/, shape: 'MonitoringProblemType' },
  {
    path: /^job_objective$/,
    shape: 'AutoMLMetricEnum',
    narrower: 'the metrics of tabular problems; the others are of time series',
  },
  { path: /^job_max_candidates$/, shape: 'MaxCandidates' },
  {
    path: /^total_max_runtime$/,
    shape: 'MaxAutoMLJobRuntimeInSeconds',
    narrower: 'the documentation says 30 days',
  },
  { path: /^monitor_max_runtime_seconds$/, shape: 'MonitoringMaxRuntimeInSeconds' },
  { path: /^baseline_max_runtime_seconds$/, shape: 'ProcessingMaxRuntimeInSeconds' },
  { path: /^ecr_repo_name$/, shape: 'ecr RepositoryName' },
  { path: /^image_tag$/, shape: 'ecr ImageTag', narrower: 'docker and OCI registries take 128 characters' },
];

/** Bounded keys that no shape of AWS has. */
export const OWN: readonly [path: RegExp, why: string][] = [
  [/^pipeline_type$/, 'a word of ours'],
  [/^model_framework$/, 'images of SageMaker: tests/unit/blueprints/images.spec.ts'],
  [
    /^(model_artifact_location|training_data|validation_data|job_output_location|baseline_data|custom_algorithm_docker|shap_config\.baseline)$/,
    'keys of S3: 1024 bytes; their URIs: tests/unit/blueprints/place.spec.ts',
  ],
  [/^endpoint\.autoscaling\.target_invocations_per_instance$/, 'a double without bounds'],
  [/^endpoint\.deployment\.strategy$/, 'TrafficRoutingConfigType in words of ours'],
  [/^verification\.(smoke_request\.expected|soak_seconds)$/, 'of the orchestrator alone'],
  [/probability_threshold(_attribute)?$/, 'a double without bounds in the model; a probability'],
  [/^(bias_config|model_predicted_label_config|shap_config)\b/, 'of Clarify’s container, which has no API model'],
];
