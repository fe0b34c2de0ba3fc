import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { count, flag, kmsKeyArn, modelName, pipelineType, sageMakerName } from '../shared/schema/joi-pieces.ts';
import { PROBLEM_TYPES } from '../shared/schema/problem-types.ts';
import { assetKey, assetPrefix } from '../request/paths.ts';
import type { Rule } from '../shared/schema/rules.ts';
import { withRules } from '../shared/schema/rules.ts';
import type { AutopilotRequest } from './job.ts';
import { AUTOPILOT_NAMES } from './job.ts';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLJobObjective.html (MetricName) */
const OBJECTIVES_OF: Readonly<Record<(typeof PROBLEM_TYPES)[number], readonly string[]>> = {
  Regression: ['MSE', 'MAE', 'R2', 'RMSE'],
  BinaryClassification: ['F1', 'Accuracy', 'AUC', 'BalancedAccuracy', 'Precision', 'Recall'],
  MulticlassClassification: ['Accuracy', 'F1macro', 'BalancedAccuracy', 'PrecisionMacro', 'RecallMacro'],
};
const OBJECTIVES = [...new Set(Object.values(OBJECTIVES_OF).flat())];

const DAY = 86_400;
const NEW_JOB = 'Changing it runs a new job.';

export function autopilotSchema(): Joi.ObjectSchema<PipelineRequest> {
  const schema = Joi.object<PipelineRequest>({
    pipeline_type: pipelineType('model_autopilot_training'),
    model_name: modelName().required(),
    training_data: assetKey('Training data: CSV with header. Changing it runs a new job')
      .required()
      .example('path/to/training_data_with_header.csv', { override: true }),
    job_output_location: assetPrefix('Prefix for the output of the job. Changing it runs a new job').required(),
    target_attribute: Joi.string()
      .required()
      .description(`Name of the column to predict, as in the header. ${NEW_JOB}`)
      .example('churn'),
    job_name: sageMakerName(
      `Name of the job; must be new for every run; default: generated. ${NEW_JOB}`,
      AUTOPILOT_NAMES.jobNameLimit,
    )
      .empty('')
      .example('churn-autopilot-1'),
    problem_type: Joi.string()
      .trim()
      .empty('')
      .valid(...PROBLEM_TYPES)
      .description(`Problem type; default: detected by Autopilot. Requires job_objective. ${NEW_JOB}`)
      .example('Regression'),
    job_objective: Joi.string()
      .empty('')
      .valid(...OBJECTIVES)
      .description(`Metric to optimize; default: chosen by Autopilot. Requires problem_type. ${NEW_JOB}`)
      .example('MSE'),
    compression_type: Joi.string()
      .empty('')
      .valid('Gzip')
      .description(`Compression of the training data; default: none. ${NEW_JOB}`)
      .example('Gzip'),
    job_max_candidates: count(`Maximum number of candidates; default 10. ${NEW_JOB}`, 1, 750).default(10),
    max_runtime_per_job: count(
      `Maximum runtime of one training job, in seconds; default 86400 (one day). ${NEW_JOB}`,
      1,
      28 * DAY,
    ).default(DAY),
    total_max_runtime: count(
      `Maximum total runtime, in seconds; default 2592000 (30 days). ${NEW_JOB}`,
      1,
      30 * DAY,
    ).default(30 * DAY),
    generate_definition_only: flag(
      `Generates candidate definitions without training them; default false. ${NEW_JOB}`,
    ).default(false),
    encrypt_inner_traffic: flag(`Encrypts traffic between the containers of a job; default true. ${NEW_JOB}`).default(
      true,
    ),
    kms_key_arn: kmsKeyArn(`KMS key for the output and the volumes; default: AWS managed keys. ${NEW_JOB}`),
  })
    .and('problem_type', 'job_objective')
    .messages({
      'object.and': 'is required: give both problem_type and job_objective, or neither',
    });
  return withRules(schema, [objectiveOfProblem]);
}

/** A metric is computed for some kinds of problems only. */
const objectiveOfProblem: Rule<AutopilotRequest> = ({ problem_type: problem, job_objective: objective }) => {
  if (!problem || !objective || OBJECTIVES_OF[problem].includes(objective)) return undefined;
  return {
    key: 'job_objective',
    reason: `is ${objective}, which Autopilot cannot optimize for problem_type ${problem}: use one of ${OBJECTIVES_OF[problem].join(', ')}, or another problem_type`,
  };
};
