import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { count, jsonObject } from '../shared/joi-pieces.ts';
import { SPOT_WAIT_MESSAGE, spotWaitIsLonger, trainingKeys } from '../shared/request-training.ts';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html */
const JOB_NAME_LIMIT = 32;

const metricDefinition = Joi.object({ Name: Joi.string().required(), Regex: Joi.string().required() });

/** The constructor arguments of the SageMaker SDK's tuner that make sense in JSON. */
const tunerConfigs = jsonObject('How to search.')
  .keys({
    objective_metric_name: Joi.string().required().description('Metric to optimise'),
    metric_definitions: Joi.array().items(metricDefinition).description('How to read metrics from the log'),
    strategy: Joi.string().valid('Bayesian', 'Random', 'Grid', 'Hyperband').default('Bayesian').description('Search'),
    objective_type: Joi.string().valid('Maximize', 'Minimize').default('Maximize').description('Direction'),
    max_jobs: count('Training jobs at most', 1, 750).default(1),
    max_parallel_jobs: count('Training jobs at once', 1, 100).default(1),
    early_stopping_type: Joi.string().valid('Off', 'Auto').default('Off').description('Stops poor jobs early'),
    max_runtime_in_seconds: count('Longest time of the tuning job, in seconds', 120, 15_768_000),
    random_seed: count('Seed of the search', 0, 2_147_483_647),
    base_tuning_job_name: Joi.any().description('Has no effect: the job has a name'),
    tags: Joi.any().description('Has no effect'),
  })
  .example({
    objective_metric_name: 'validation:auc',
    max_jobs: 10,
    max_parallel_jobs: 2,
    early_stopping_type: 'Auto',
  });

const bound = Joi.number().unsafe().required();
const range = Joi.alternatives()
  .conditional(Joi.array().ordered(Joi.valid('categorical')).items(Joi.any()), {
    then: Joi.array().ordered(
      Joi.string().required(),
      Joi.array()
        .items(Joi.alternatives(Joi.string(), Joi.number(), Joi.boolean()))
        .min(1)
        .max(30)
        .required(),
    ),
    otherwise: Joi.array()
      .ordered(
        Joi.string().valid('continuous', 'integer', 'categorical').required(),
        Joi.array().ordered(bound, bound).required(),
      )
      .custom((value: [string, [number, number]], helpers) =>
        value[1][0] < value[1][1] ? value : helpers.error('mlops.range'),
      ),
  })
  .messages({ 'mlops.range': '{{#label}} must be a smaller and a larger value' });

export function tuningSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: Joi.string().trim().valid('model_tuner_builtin').required(),
    ...trainingKeys(JOB_NAME_LIMIT),
    tuner_configs: tunerConfigs.required(),
    hyperparamaters_ranges: jsonObject('What to search: name → [kind, values].')
      .pattern(Joi.string().max(256), range)
      .min(1)
      .max(30)
      .required()
      .example({ min_child_weight: ['continuous', [0, 120]], max_depth: ['integer', [1, 15]] }),
  })
    .custom(spotWaitIsLonger)
    .messages(SPOT_WAIT_MESSAGE);
}
