import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { count, flag, jsonObject, optionalKeys, pipelineType, tagList } from '../shared/schema/joi-pieces.ts';
import { withRules } from '../shared/schema/rules.ts';
import { TRAINING_RULES } from '../training/training-rules.ts';
import { trainingKeys } from '../training/training-keys.ts';
import { TUNING_NAMES } from './job.ts';
import { rangeSchema } from './range-schema.ts';
import { TUNING_RULES } from './rules.ts';

const RANGES_LIMIT = 30;
const EPOCHS_LIMIT = 20_000;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricDefinition.html */
const metricDefinition = Joi.object({
  Name: Joi.string().max(255).required(),
  Regex: Joi.string().max(500).required(),
});

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperbandStrategyConfig.html */
const strategyConfig = Joi.object({
  hyperband_strategy_config: Joi.object({
    min_resource: count('Epochs before a training job may be stopped', 1, EPOCHS_LIMIT),
    max_resource: count('Largest number of epochs of a training job', 1, EPOCHS_LIMIT),
  })
    .required()
    .description('Epochs between which Hyperband stops training jobs')
    .example({ min_resource: 1, max_resource: 100 }),
})
  .description('Only for Hyperband: epochs of a training job; default: read from the hyperparameters')
  .example({ hyperband_strategy_config: { max_resource: 100 } });

/** The constructor arguments of the SageMaker SDK's tuner that make sense in JSON. */
const tunerConfigs = jsonObject(
  'Settings of the search; objective_metric_name is required. Changing it runs a new job.',
)
  .keys(
    optionalKeys({
      objective_metric_name: Joi.string()
        .max(255)
        .required()
        .description('Metric to optimize')
        .example('validation:auc'),
      metric_definitions: Joi.array()
        .items(metricDefinition)
        .max(40)
        .description(
          'How to parse metrics from the log, for containers that define none; default: defined by the algorithm',
        )
        .example([]),
      strategy: Joi.string()
        .valid('Bayesian', 'Random', 'Grid', 'Hyperband')
        .default('Bayesian')
        .description('Search strategy; default Bayesian')
        .example('Bayesian'),
      strategy_config: strategyConfig,
      objective_type: Joi.string()
        .valid('Maximize', 'Minimize')
        .default('Maximize')
        .description('Whether the metric is maximized or minimized; default Maximize')
        .example('Maximize'),
      // SageMaker counts the combinations of a grid itself.
      max_jobs: count(
        'Maximum number of training jobs; default 1, or with strategy Grid all combinations',
        1,
        10_000,
      ).default(({ strategy }: { strategy?: string }) => (strategy === 'Grid' ? undefined : 1)),
      max_parallel_jobs: count('Maximum number of parallel training jobs; default 1', 1, 100).default(1),
      early_stopping_type: Joi.string()
        .valid('Off', 'Auto')
        .default('Off')
        .description('Whether unpromising jobs are stopped early; default Off')
        .example('Auto'),
      max_runtime_in_seconds: count(
        'Maximum runtime of the entire search, in seconds; default: no limit',
        120,
        15_768_000,
      ),
      random_seed: count('Random seed of the search; default: a different one each time', 0, 2_147_483_647),
      autotune: flag('Whether SageMaker chooses ranges and settings that are not specified; default false').example(
        true,
      ),
      base_tuning_job_name: Joi.string().allow('').description('No effect: job_name names the job').example('x'),
      tags: tagList('Tags of the tuning job, in addition to those of the stack'),
    }),
  )
  .example({
    objective_metric_name: 'validation:auc',
    max_jobs: 10,
    max_parallel_jobs: 2,
    early_stopping_type: 'Auto',
  });
const ranges = jsonObject(
  'Hyperparameters to search: name → [kind, values]: continuous or integer with the smallest and largest value (and ' +
    'optionally the scaling type: Auto, Linear, Logarithmic or ReverseLogarithmic), or categorical with all values. ' +
    'Changing it runs a new job.',
)
  .pattern(Joi.string().max(256), rangeSchema)
  .max(RANGES_LIMIT)
  .example({
    min_child_weight: ['continuous', [0, 120]],
    max_depth: ['integer', [1, 15]],
    optimizer: ['categorical', ['sgd', 'Adam']],
  });

export function tuningSchema(): Joi.ObjectSchema<PipelineRequest> {
  return withRules(
    Joi.object<PipelineRequest>({
      pipeline_type: pipelineType('model_tuner_builtin'),
      ...trainingKeys(TUNING_NAMES.jobNameLimit),
      tuner_configs: tunerConfigs.required(),
      hyperparamaters_ranges: ranges.when('tuner_configs.autotune', {
        is: Joi.valid(true).required(),
        then: Joi.any().default({}),
        otherwise: Joi.required(),
      }),
    }),
    [...TRAINING_RULES, ...TUNING_RULES],
  );
}
