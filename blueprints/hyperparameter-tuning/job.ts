/** Request → SageMaker's CreateHyperParameterTuningJob. Pure. */
import type {
  CreateHyperParameterTuningJobRequest,
  HyperParameterScalingType,
  HyperParameterTrainingJobDefinition,
  HyperParameterTuningJobConfig,
  ParameterRanges,
} from '@aws-sdk/client-sagemaker';
import type { TrainingRequest } from '../training/training-definition.ts';
import {
  TRAINING_INPUT_MODE,
  hyperparameterText,
  instances,
  sharedTrainingParts,
} from '../training/training-definition.ts';

/** The keys of a tuning request, as the schema leaves them. */
export interface TuningRequest extends TrainingRequest {
  tuner_configs: {
    objective_metric_name: string;
    metric_definitions?: { Name: string; Regex: string }[];
    strategy: HyperParameterTuningJobConfig['Strategy'];
    strategy_config?: { hyperband_strategy_config: { min_resource?: number; max_resource?: number } };
    objective_type: 'Maximize' | 'Minimize';
    /** Absent for a grid: all combinations. */
    max_jobs?: number;
    max_parallel_jobs: number;
    early_stopping_type: 'Off' | 'Auto';
    max_runtime_in_seconds?: number;
    random_seed?: number;
    autotune?: boolean;
    base_tuning_job_name?: string;
    tags?: { Key: string; Value: string }[];
  };
  hyperparamaters_ranges: Record<string, Range>;
}

type Range =
  | ['continuous' | 'integer', [number, number], HyperParameterScalingType?]
  | ['categorical', (string | number | boolean)[], undefined?];

/** The request but for what only the deployment and the call know. */
export type TuningJob = Omit<CreateHyperParameterTuningJobRequest, 'HyperParameterTuningJobName' | 'Tags'>;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html */
export const TUNING_NAMES = { suffix: 'tuner', jobNameLimit: 32 } as const;

/** @param image of the algorithm, in the region of the job */
export function tuningJob(request: TuningRequest, image: string, assetsBucket: string): TuningJob {
  return {
    HyperParameterTuningJobConfig: search(request),
    ...(request.tuner_configs.autotune ? { Autotune: { Mode: 'Enabled' } } : {}),
    TrainingJobDefinition: training(request, image, assetsBucket),
  };
}

function search({
  tuner_configs: tuner,
  hyperparamaters_ranges: ranges,
}: TuningRequest): HyperParameterTuningJobConfig {
  return {
    Strategy: tuner.strategy,
    ...strategyConfig(tuner),
    HyperParameterTuningJobObjective: { Type: tuner.objective_type, MetricName: tuner.objective_metric_name },
    ResourceLimits: {
      ...(tuner.max_jobs === undefined ? {} : { MaxNumberOfTrainingJobs: tuner.max_jobs }),
      MaxParallelTrainingJobs: tuner.max_parallel_jobs,
      ...(tuner.max_runtime_in_seconds === undefined ? {} : { MaxRuntimeInSeconds: tuner.max_runtime_in_seconds }),
    },
    TrainingJobEarlyStoppingType: tuner.early_stopping_type,
    ParameterRanges: parameterRanges(ranges),
    ...(tuner.random_seed === undefined ? {} : { RandomSeed: tuner.random_seed }),
  };
}

function strategyConfig({
  strategy_config: config,
}: TuningRequest['tuner_configs']): Pick<HyperParameterTuningJobConfig, 'StrategyConfig'> {
  if (!config) return {};
  const { min_resource: MinResource, max_resource: MaxResource } = config.hyperband_strategy_config;
  return { StrategyConfig: { HyperbandStrategyConfig: { MinResource, MaxResource } } };
}

function parameterRanges(ranges: TuningRequest['hyperparamaters_ranges']): ParameterRanges {
  const entries = Object.entries(ranges);
  const bounded = (kind: string) =>
    entries.flatMap(([Name, [of, values, scaling = 'Auto']]) =>
      of === kind ? [{ Name, MinValue: String(values[0]), MaxValue: String(values[1]), ScalingType: scaling }] : [],
    );
  return {
    ContinuousParameterRanges: bounded('continuous'),
    IntegerParameterRanges: bounded('integer'),
    CategoricalParameterRanges: entries.flatMap(([Name, [kind, values]]) =>
      kind === 'categorical' ? [{ Name, Values: values.map(hyperparameterText) }] : [],
    ),
  };
}

function training(request: TuningRequest, image: string, bucket: string): HyperParameterTrainingJobDefinition {
  const { metric_definitions: metrics } = request.tuner_configs;
  // SageMaker rejects a hyperparameter that is both static and searched.
  const fixed = Object.entries(request.algo_hyperparamaters).filter(
    ([name]) => !Object.hasOwn(request.hyperparamaters_ranges, name),
  );
  return {
    StaticHyperParameters: Object.fromEntries(fixed.map(([name, value]) => [name, hyperparameterText(value)])),
    AlgorithmSpecification: {
      TrainingImage: image,
      TrainingInputMode: TRAINING_INPUT_MODE,
      ...(metrics?.length ? { MetricDefinitions: metrics } : {}),
    },
    // Given by the deployment.
    RoleArn: undefined,
    ResourceConfig: instances(request),
    ...sharedTrainingParts(request, bucket),
  };
}
