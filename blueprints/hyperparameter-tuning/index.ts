/** Hyperparameter tuning: a SageMaker tuning job with a built-in algorithm. */
import type { BlueprintDefinition } from '../blueprint.ts';
import example from './example.json' with { type: 'json' };
import { trainingJobs } from '../training/job-names.ts';
import { trainingNeeds } from '../training/training-needs.ts';
import { trainingWarnings } from '../training/training-warnings.ts';
import type { TuningRequest } from './job.ts';
import { TUNING_NAMES } from './job.ts';
import { tuningSchema } from './schema.ts';
import { tuningWarnings } from './warnings.ts';

export const hyperparameterTuning: BlueprintDefinition = {
  pipelineType: 'model_tuner_builtin',
  title: 'Hyperparameter tuning with a built-in algorithm',
  description: 'Runs a SageMaker hyperparameter tuning job in the orchestrator account.',
  namePostfix: 'tunertraining',
  nameKey: 'model_name',
  placement: 'orchestrator',
  perStageKeys: [],
  loadProgram: async () => (await import('./program.ts')).program,
  runs: 'tuning job',
  jobs: trainingJobs('tuning', TUNING_NAMES),
  keyOutputs: ['jobName', 'outputLocation'],
  needs: (body, place) => {
    const request = body as unknown as TuningRequest;
    return trainingNeeds(request, place, request.tuner_configs.max_parallel_jobs);
  },
  warnings: (request, sent) => [
    ...trainingWarnings(request, sent),
    ...tuningWarnings(request as unknown as TuningRequest),
  ],
  schema: tuningSchema,
  // JSON has no tuples: the checker sees lists of mixed values.
  example: example as Record<string, unknown>,
};
