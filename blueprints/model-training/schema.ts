import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { SPOT_WAIT_MESSAGE, spotWaitIsLonger, trainingKeys } from '../shared/request-training.ts';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html */
const JOB_NAME_LIMIT = 63;

export function trainingSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: Joi.string().trim().valid('model_training_builtin').required(),
    ...trainingKeys(JOB_NAME_LIMIT),
  })
    .custom(spotWaitIsLonger)
    .messages(SPOT_WAIT_MESSAGE);
}
