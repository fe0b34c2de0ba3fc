/** Autopilot: a SageMaker AutoML job. */
import type { BlueprintDefinition } from '../blueprint.ts';
import example from './example.json' with { type: 'json' };
import { trainingJobs } from '../training/job-names.ts';
import { AUTOPILOT_NAMES } from './job.ts';
import { autopilotNeeds } from './needs.ts';
import { autopilotSchema } from './schema.ts';

export const autopilot: BlueprintDefinition = {
  pipelineType: 'model_autopilot_training',
  title: 'Autopilot training',
  description: 'Runs a SageMaker Autopilot job in the orchestrator account.',
  namePostfix: 'autopilottraining',
  nameKey: 'model_name',
  placement: 'orchestrator',
  perStageKeys: [],
  loadProgram: async () => (await import('./program.ts')).program,
  runs: 'Autopilot job',
  jobs: trainingJobs('autopilot', AUTOPILOT_NAMES),
  keyOutputs: ['jobName', 'outputLocation'],
  needs: autopilotNeeds,
  schema: autopilotSchema,
  example,
};
