/** Rules between the values of a tuning request, each with the AWS page that states it. Pure. */
import { directionOf, metricsOf, reportsMetric } from '../shared/aws/algorithm-metrics.ts';
import { isAlgorithm } from '../shared/aws/images.ts';
import type { Rule, Violation } from '../shared/schema/rules.ts';
import { hyperparameterText } from '../training/training-definition.ts';
import type { TuningRequest } from './job.ts';

/**
 * Training jobs of one tuning job; random search may have more of them.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html
 */
const JOBS_LIMIT = 750;
/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CategoricalParameterRange.html (Values) */
const VALUE_LIMIT = 256;

const RANGES = 'hyperparamaters_ranges';
const tuner = (key: string, reason: string, rule: Violation['rule'] = 'conflict'): Violation => ({
  key: 'tuner_configs',
  path: [key],
  reason,
  rule,
});

/** Values of one hyperparameter; Infinity for a continuous one. */
function valuesOf([kind, values]: TuningRequest['hyperparamaters_ranges'][string]): number {
  if (kind === 'continuous') return Infinity;
  if (kind === 'categorical') return values.length;
  const [smallest = 0, largest = 0] = values as [number, number];
  return largest - smallest + 1;
}

function combinationsOf(request: TuningRequest): number {
  const ranges = Object.values(request.hyperparamaters_ranges);
  // An empty search space is a separate error.
  return ranges.length === 0 ? Infinity : ranges.reduce((product, range) => product * valuesOf(range), 1);
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTuningJobConfig.html (Strategy) */
const grid: Rule<TuningRequest> = (request) => {
  const { strategy, max_jobs: jobs } = request.tuner_configs;
  if (strategy !== 'Grid') return undefined;
  const others = Object.entries(request.hyperparamaters_ranges).filter(([, [kind]]) => kind !== 'categorical');
  if (others.length > 0) {
    return others.map(([name, [kind]]) => ({
      key: RANGES,
      path: [name],
      reason:
        `is ${kind}, but "strategy": "Grid" of tuner_configs supports only categorical hyperparameters: list its values as ` +
        'categorical, or choose another strategy',
    }));
  }
  const combinations = combinationsOf(request);
  if (combinations > JOBS_LIMIT) {
    return {
      key: RANGES,
      rule: 'range',
      reason: `has ${combinations} combinations, and "strategy": "Grid" of tuner_configs runs one job for each, at most ${JOBS_LIMIT}: list fewer values, or choose another strategy`,
    };
  }
  return jobs !== undefined && jobs !== combinations
    ? tuner(
        'max_jobs',
        `is ${jobs}, but "strategy": "Grid" runs each of the ${combinations} combinations of hyperparamaters_ranges once: omit max_jobs, or set it to ${combinations}`,
        'range',
      )
    : undefined;
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html (Hyperband) */
const hyperband: Rule<TuningRequest> = ({ tuner_configs: { strategy, early_stopping_type: stopping } }) =>
  strategy === 'Hyperband' && stopping === 'Auto'
    ? tuner(
        'early_stopping_type',
        'is Auto, but "strategy": "Hyperband" has its own early stopping: set early_stopping_type to Off, or choose another strategy',
      )
    : undefined;

/** Hyperparameters that SageMaker reads the number of epochs from, where `max_resource` is not given. */
const EPOCHS = ['epochs', 'numepochs', 'n-epochs', 'n_epochs', 'num_epochs'];

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperbandStrategyConfig.html (MaxResource) */
const hyperbandEpochs: Rule<TuningRequest> = (request) => {
  const { algo_hyperparamaters: fixed, hyperparamaters_ranges: ranges } = request;
  const { strategy, strategy_config: config } = request.tuner_configs;
  if (strategy !== 'Hyperband') {
    return config
      ? tuner('strategy_config', `is only for "strategy": "Hyperband", not ${strategy}: remove it, or change strategy`)
      : undefined;
  }
  const { min_resource: least = 1, max_resource: most } = config?.hyperband_strategy_config ?? {};
  if (most !== undefined && least > most) {
    return {
      ...tuner('strategy_config', `has min_resource ${least} above max_resource ${most}: lower min_resource`, 'range'),
      path: ['strategy_config', 'hyperband_strategy_config'],
    };
  }
  if (most !== undefined) return undefined;
  if (EPOCHS.some((name) => Object.hasOwn(fixed, name) && !Object.hasOwn(ranges, name))) return undefined;
  return tuner(
    'strategy',
    'is Hyperband, which requires the largest number of epochs: add "strategy_config": {"hyperband_strategy_config": ' +
      `{"max_resource": …}}, or one of ${EPOCHS.join(', ')} to algo_hyperparamaters (and not to hyperparamaters_ranges)`,
  );
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceLimits.html */
const numberOfJobs: Rule<TuningRequest> = (request) => {
  const { strategy, max_jobs: jobs, max_parallel_jobs: parallel, autotune } = request.tuner_configs;
  if (jobs === undefined) return undefined;
  const combinations = combinationsOf(request);
  return [
    ...(parallel > jobs
      ? [
          tuner(
            'max_parallel_jobs',
            `is ${parallel}, more than max_jobs (${jobs}): lower max_parallel_jobs, or raise max_jobs`,
            'range',
          ),
        ]
      : []),
    ...(jobs > JOBS_LIMIT && strategy !== 'Random'
      ? [
          tuner(
            'max_jobs',
            `is ${jobs}, but "strategy": "${strategy}" runs at most ${JOBS_LIMIT}: lower max_jobs, or set strategy to Random`,
            'range',
          ),
        ]
      : []),
    ...(strategy !== 'Grid' && !autotune && jobs > combinations && combinations > 0
      ? [
          tuner(
            'max_jobs',
            `is ${jobs}, but hyperparamaters_ranges have only ${combinations} combination${combinations === 1 ? '' : 's'} of values: lower max_jobs to at most ${combinations}, or widen the ranges`,
            'range',
          ),
        ]
      : []),
  ];
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CategoricalParameterRange.html */
const categories: Rule<TuningRequest> = ({ hyperparamaters_ranges: ranges }) =>
  Object.entries(ranges).flatMap(([name, [kind, values]]) => {
    if (kind !== 'categorical') return [];
    const texts = values.map(hyperparameterText);
    const twice = texts.find((text, index) => texts.indexOf(text) !== index);
    const long = texts.find((text) => text.length > VALUE_LIMIT);
    return [
      ...(twice === undefined
        ? []
        : [{ key: RANGES, path: [name], reason: `lists ${JSON.stringify(twice)} twice: remove one of them` }]),
      ...(long === undefined
        ? []
        : [
            {
              key: RANGES,
              path: [name],
              rule: 'range' as const,
              reason: `has a value of ${long.length} characters as text, but SageMaker accepts at most ${VALUE_LIMIT}: shorten it`,
            },
          ]),
    ];
  });

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContinuousParameterRange.html (ScalingType) */
const scaling: Rule<TuningRequest> = ({ hyperparamaters_ranges: ranges }) =>
  Object.entries(ranges).flatMap(([name, [kind, values, type]]) => {
    if (kind === 'categorical') return [];
    const [smallest = 0, largest = 0] = values as [number, number];
    const reason =
      type === 'Logarithmic' && smallest <= 0
        ? `begins with ${smallest}, and Logarithmic scaling needs values above 0: raise it, or set the scaling type to Linear`
        : type === 'ReverseLogarithmic' && kind === 'integer'
          ? 'is integer, but ReverseLogarithmic scaling requires a continuous range: set the scaling type to Linear or Logarithmic'
          : type === 'ReverseLogarithmic' && (smallest < 0 || largest >= 1)
            ? `reaches from ${smallest} to ${largest}, but ReverseLogarithmic scaling requires values of at least 0 and below 1: change the range, or set the scaling type to Linear`
            : undefined;
    return reason === undefined ? [] : [{ key: RANGES, path: [name], rule: 'range' as const, reason }];
  });

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-metrics-variables.html */
const metrics: Rule<TuningRequest> = (request) => {
  const { model_framework: framework } = request;
  const { metric_definitions: definitions, objective_metric_name: objective } = request.tuner_configs;
  if (!isAlgorithm(framework)) {
    return definitions?.some(({ Name }) => Name === objective)
      ? undefined
      : tuner(
          'metric_definitions',
          `must define ${objective}, the objective_metric_name: model_framework ${framework} has no metrics of its own`,
        );
  }
  return [
    ...(reportsMetric(framework, objective)
      ? []
      : [
          tuner(
            'objective_metric_name',
            `is ${objective}, which model_framework ${framework} does not report: use one of ${metricsOf(framework).join(', ')}`,
          ),
        ]),
    ...(definitions?.length
      ? [
          tuner(
            'metric_definitions',
            `are rejected by SageMaker for its own algorithms, such as model_framework ${framework}, which define their own metrics: omit metric_definitions`,
          ),
        ]
      : []),
  ];
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html (Optimization Direction; likewise of each algorithm) */
const direction: Rule<TuningRequest> = (request) => {
  const { model_framework: framework } = request;
  const { objective_metric_name: metric, objective_type: given } = request.tuner_configs;
  const expected = directionOf(framework, metric);
  return expected === undefined || expected === given
    ? undefined
    : tuner(
        'objective_type',
        `is ${given}, but ${metric}, the objective_metric_name, of model_framework ${framework} is to be ${expected === 'Minimize' ? 'minimized' : 'maximized'}: set objective_type to ${expected}`,
      );
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-autotune.html */
const somethingToSearch: Rule<TuningRequest> = ({ hyperparamaters_ranges: ranges, tuner_configs: { autotune } }) =>
  !autotune && Object.keys(ranges).length === 0
    ? {
        key: RANGES,
        rule: 'range',
        reason: 'must have at least one hyperparameter, unless "autotune" of tuner_configs is true',
      }
    : undefined;

export const TUNING_RULES: readonly Rule<TuningRequest>[] = [
  somethingToSearch,
  grid,
  hyperband,
  hyperbandEpochs,
  numberOfJobs,
  categories,
  scaling,
  metrics,
  direction,
];
