/** Model training: a SageMaker training job with a built-in algorithm. */
import type { BlueprintDefinition } from '../blueprint.ts';
import example from './example.json' with { type: 'json' };
import { trainingJobs } from '../training/job-names.ts';
import type { TrainingRequest } from '../training/training-definition.ts';
import { trainingNeeds } from '../training/training-needs.ts';
import { trainingWarnings } from '../training/training-warnings.ts';
import { TRAINING_NAMES } from './job.ts';
import { trainingSchema } from './schema.ts';

export const modelTraining: BlueprintDefinition = {
  pipelineType: 'model_training_builtin',
  title: 'Model training with a built-in algorithm',
  description: 'Runs a SageMaker training job in the orchestrator account.',
  namePostfix: 'modeltraining',
  nameKey: 'model_name',
  placement: 'orchestrator',
  perStageKeys: [],
  loadProgram: async () => (await import('./program.ts')).program,
  runs: 'training job',
  jobs: trainingJobs('training', TRAINING_NAMES),
  keyOutputs: ['jobName', 'outputLocation'],
  needs: (request, place) => trainingNeeds(request as unknown as TrainingRequest, place),
  warnings: trainingWarnings,
  schema: trainingSchema,
  example,
};
