import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { count, jsonObject, pipelineType } from '../shared/schema/joi-pieces.ts';
import { trainingKeys } from '../training/training-keys.ts';
import { JOB_NAME_LIMIT } from './job.ts';
import { rangeSchema } from './range-schema.ts';

const RANGES_LIMIT = 30;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricDefinition.html */
const metricDefinition = Joi.object({
  Name: Joi.string().max(255).required(),
  Regex: Joi.string().max(500).required(),
});

/** The constructor arguments of the SageMaker SDK's tuner that make sense in JSON. */
const tunerConfigs = jsonObject('How to search; objective_metric_name is needed. Changing it runs a new job.')
  .keys({
    objective_metric_name: Joi.string().max(255).required().description('Metric to optimise').example('validation:auc'),
    metric_definitions: Joi.array()
      .items(metricDefinition)
      .max(40)
      .description('How to read metrics from the log; default: as the algorithm does')
      .example([{ Name: 'validation:auc', Regex: 'auc=([0-9.]+)' }]),
    strategy: Joi.string()
      .valid('Bayesian', 'Random', 'Grid', 'Hyperband')
      .default('Bayesian')
      .description('How the next values are chosen; default Bayesian')
      .example('Bayesian'),
    objective_type: Joi.string()
      .valid('Maximize', 'Minimize')
      .default('Maximize')
      .description('Whether much or little of the metric is good; default Maximize')
      .example('Maximize'),
    max_jobs: count('Training jobs at most; default 1', 1, 750).default(1),
    max_parallel_jobs: count('Training jobs at once; default 1', 1, 100).default(1),
    early_stopping_type: Joi.string()
      .valid('Off', 'Auto')
      .default('Off')
      .description('Whether jobs that do poorly are stopped early; default Off')
      .example('Auto'),
    max_runtime_in_seconds: count('Longest time of the whole search, in seconds; default: no limit', 120, 15_768_000),
    random_seed: count('Seed of the search; default: another each time', 0, 2_147_483_647),
    base_tuning_job_name: Joi.string().allow('', null).description('Has no effect: the job has a name').example('x'),
    tags: Joi.array().allow(null).description('Has no effect: the stack tags its resources').example([]),
  })
  .example({
    objective_metric_name: 'validation:auc',
    max_jobs: 10,
    max_parallel_jobs: 2,
    early_stopping_type: 'Auto',
  });

const ranges = jsonObject(
  'What to search: name → [kind, values], with kind continuous or integer and the smallest and largest value, ' +
    'or kind categorical and all values. Changing it runs a new job.',
)
  .pattern(Joi.string().max(256), rangeSchema)
  .min(1)
  .max(RANGES_LIMIT)
  .example({
    min_child_weight: ['continuous', [0, 120]],
    max_depth: ['integer', [1, 15]],
    optimizer: ['categorical', ['sgd', 'Adam']],
  });

export function tuningSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: pipelineType('model_tuner_builtin'),
    ...trainingKeys(JOB_NAME_LIMIT),
    tuner_configs: tunerConfigs.required(),
    hyperparamaters_ranges: ranges.required(),
  });
}
