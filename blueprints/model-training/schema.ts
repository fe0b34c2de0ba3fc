import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { pipelineType } from '../shared/schema/joi-pieces.ts';
import { withRules } from '../shared/schema/rules.ts';
import { TRAINING_RULES } from '../training/training-rules.ts';
import { trainingKeys } from '../training/training-keys.ts';
import { TRAINING_NAMES } from './job.ts';

export function trainingSchema(): Joi.ObjectSchema<PipelineRequest> {
  return withRules(
    Joi.object<PipelineRequest>({
      pipeline_type: pipelineType('model_training_builtin'),
      ...trainingKeys(TRAINING_NAMES.jobNameLimit),
    }),
    TRAINING_RULES,
  );
}
