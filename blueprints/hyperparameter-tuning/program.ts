/** Request → component: the stack of a tuning pipeline. */
import { trainingProgram } from '../training/training-program.ts';
import { HyperparameterTuning } from './component.ts';
import type { TuningRequest } from './job.ts';
import { TUNING_NAMES, tuningJob } from './job.ts';

export const program = trainingProgram<TuningRequest>({
  component: HyperparameterTuning,
  names: TUNING_NAMES,
  job: tuningJob,
  tags: ({ tuner_configs: { tags = [] } }) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
  outputPrefix: 'Training',
});
