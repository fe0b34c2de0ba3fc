/** Request → component: what the stack of a tuning pipeline is made of. */
import { trainingProgram } from '../training/training-program.ts';
import { HyperparameterTuning } from './component.ts';
import type { TuningRequest } from './job.ts';
import { JOB_NAME_LIMIT, tuningJob } from './job.ts';

export const program = trainingProgram<TuningRequest>({
  component: HyperparameterTuning,
  suffix: 'tuner',
  jobNameLimit: JOB_NAME_LIMIT,
  job: tuningJob,
  tags: ({ tuner_configs: { tags = [] } }) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
  outputPrefix: 'Training',
});
