/** Batch inference: a SageMaker transform job, for built-in and custom algorithms. */
import type { BlueprintDefinition, PipelineRequest } from '../blueprint.ts';
import builtin from './example.builtin.json' with { type: 'json' };
import custom from './example.custom.json' with { type: 'json' };
import { frameworkVersionWarnings } from '../shared/schema/framework-warnings.ts';
import { instanceTypeWarnings } from '../shared/schema/instance-warnings.ts';
import { jobNamePatterns } from '../shared/lambda/job-run.ts';
import { transformJobNames } from './job.ts';
import { batchNeeds } from './needs.ts';
import type { BatchRequest } from './request.ts';
import { PER_STAGE_KEYS, RUN_KEYS, batchSchema } from './schema.ts';

const COMMON = {
  nameKey: 'model_name',
  placement: 'environments',
  perStageKeys: PER_STAGE_KEYS,
  runKeys: RUN_KEYS,
  runs: 'transform job',
  jobs: (request) => [
    {
      kind: 'transform',
      names: jobNamePatterns(transformJobNames(request as unknown as BatchRequest, request.pipeline_type)),
    },
  ],
  loadProgram: async () => (await import('./program.ts')).program,
  keyOutputs: ['jobName', 'outputLocation', 'modelName', 'functionName'],
  needs: batchNeeds,
  warnings: (request: PipelineRequest, sent: Readonly<Record<string, unknown>>) => [
    ...frameworkVersionWarnings(request, sent),
    ...instanceTypeWarnings(request, 'transform'),
  ],
} as const satisfies Partial<BlueprintDefinition>;

export const batchBuiltin: BlueprintDefinition = {
  ...COMMON,
  pipelineType: 'byom_batch_builtin',
  title: 'Batch inference with a built-in algorithm',
  description: 'Runs a transform job with a model trained by a SageMaker built-in algorithm.',
  namePostfix: 'byompipelinebatchbuiltin',
  schema: (settings) => batchSchema('builtin', settings),
  example: builtin,
};

export const batchCustom: BlueprintDefinition = {
  ...COMMON,
  pipelineType: 'byom_batch_custom',
  title: 'Batch inference with a custom algorithm',
  description: 'Runs a transform job with your own container image.',
  namePostfix: 'byompipelinebatchcustom',
  schema: (settings) => batchSchema('custom', settings),
  example: custom,
};
