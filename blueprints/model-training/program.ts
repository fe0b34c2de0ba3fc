/** Request → component: the stack of a training pipeline. */
import type { TrainingRequest } from '../training/training-definition.ts';
import { trainingProgram } from '../training/training-program.ts';
import { ModelTraining } from './component.ts';
import { TRAINING_NAMES, trainingJob } from './job.ts';

export const program = trainingProgram<TrainingRequest>({
  component: ModelTraining,
  names: TRAINING_NAMES,
  job: trainingJob,
  outputPrefix: 'Training',
});
