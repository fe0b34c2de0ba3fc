import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { pipelineType } from '../shared/joi-pieces.ts';
import { trainingKeys } from '../shared/request-training.ts';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html */
const JOB_NAME_LIMIT = 63;

export function trainingSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: pipelineType('model_training_builtin'),
    ...trainingKeys(JOB_NAME_LIMIT),
  });
}
