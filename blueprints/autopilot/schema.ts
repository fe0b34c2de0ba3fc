import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { assetKey, assetPrefix, count, flag, kmsKeyArn, modelName, sageMakerName } from '../shared/joi-pieces.ts';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAutoMLJob.html */
const JOB_NAME_LIMIT = 32;
const DAY = 86_400;

export function autopilotSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: Joi.string().trim().valid('model_autopilot_training').required(),
    model_name: modelName().required(),
    training_data: assetKey('Training data: CSV with header', 128).required(),
    job_output_location: assetPrefix('Where the job writes its output').required(),
    target_attribute: Joi.string().max(128).required().description('Column to predict').example('churn'),
    job_name: sageMakerName('Name of the job, new every time; default: generated', JOB_NAME_LIMIT).empty(''),
    problem_type: Joi.string()
      .empty('')
      .trim()
      .valid('Regression', 'BinaryClassification', 'MulticlassClassification')
      .description('Kind of problem; default: found out by Autopilot. Goes with job_objective'),
    job_objective: Joi.string()
      .empty('')
      .valid('Accuracy', 'MSE', 'F1', 'F1macro', 'AUC')
      .description('Metric to optimise. Goes with problem_type'),
    compression_type: Joi.string().empty('').valid('Gzip').description('Compression of the data'),
    job_max_candidates: count('Candidates at most', 1, 750).default(10),
    max_runtime_per_job: count('Longest time of a training job, in seconds', 600, 3 * DAY).default(DAY),
    total_max_runtime: count('Longest time of all, in seconds', 3_600, 30 * DAY).default(30 * DAY),
    generate_definition_only: flag('Makes candidate definitions, but trains none').default(false),
    encrypt_inner_traffic: flag('Encrypts traffic between the containers of a job').default(true),
    kms_key_arn: kmsKeyArn('Key for the output and the volumes'),
  })
    .and('problem_type', 'job_objective')
    .messages({
      'object.and':
        '"problem_type" and "job_objective" go together: give both or neither (missing: {{#missingWithLabels}})',
    });
}
