/** Request → component: what the stack of a training pipeline is made of. */
import type { TrainingRequest } from '../training/training-definition.ts';
import { trainingProgram } from '../training/training-program.ts';
import { ModelTraining } from './component.ts';
import { JOB_NAME_LIMIT, trainingJob } from './job.ts';

export const program = trainingProgram<TrainingRequest>({
  component: ModelTraining,
  suffix: 'training',
  jobNameLimit: JOB_NAME_LIMIT,
  job: trainingJob,
  outputPrefix: 'Training',
});
