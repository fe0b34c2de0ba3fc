/** Real-time inference: a SageMaker endpoint behind `POST /inference`, for built-in and custom algorithms. */
import type { BlueprintDefinition, PipelineRequest } from '../blueprint.ts';
import { frameworkVersionWarnings } from '../shared/schema/framework-warnings.ts';
import { endpointConflicts } from './conflicts.ts';
import builtin from './example.builtin.json' with { type: 'json' };
import custom from './example.custom.json' with { type: 'json' };
import { realtimeNeeds } from './needs.ts';
import { PER_STAGE_KEYS, realtimeSchema } from './schema.ts';
import { smokeRequestOf, soakOf } from './verification.ts';
import { realtimeWarnings } from './warnings.ts';

const COMMON = {
  nameKey: 'model_name',
  placement: 'environments',
  perStageKeys: PER_STAGE_KEYS,
  loadProgram: async () => (await import('./program.ts')).program,
  keyOutputs: ['endpointName', 'inferenceUrl', 'modelName', 'endpointConfigName'],
  endpointOutput: 'endpointName',
  endpointConfigOutput: 'endpointConfigName',
  warnings: (request: PipelineRequest, sent: Readonly<Record<string, unknown>>) => [
    ...frameworkVersionWarnings(request, sent),
    ...realtimeWarnings(request),
  ],
  needs: realtimeNeeds,
  conflicts: endpointConflicts,
  smokeRequest: smokeRequestOf,
  soak: soakOf,
} as const;

export const realtimeBuiltin: BlueprintDefinition = {
  ...COMMON,
  pipelineType: 'byom_realtime_builtin',
  title: 'Real-time inference with a built-in algorithm',
  description:
    'Deploys a model trained by a SageMaker built-in algorithm as an endpoint with an HTTP API that requires signed requests.',
  namePostfix: 'byompipelinerealtimebuiltin',
  schema: (settings) => realtimeSchema('builtin', settings),
  example: builtin,
};

export const realtimeCustom: BlueprintDefinition = {
  ...COMMON,
  pipelineType: 'byom_realtime_custom',
  title: 'Real-time inference with a custom algorithm',
  description:
    'Deploys a model with your own container image as an endpoint with an HTTP API that requires signed requests.',
  namePostfix: 'byompipelinerealtimecustom',
  schema: (settings) => realtimeSchema('custom', settings),
  example: custom,
};
