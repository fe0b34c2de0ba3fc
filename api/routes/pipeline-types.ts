import { OrchestratorError } from '../../automation/errors.ts';
import { PIPELINE_TYPES, type PipelineType, type SchemaSettings } from '../../blueprints/blueprint.ts';
import { describePipelineType, listPipelineTypes } from '../../blueprints/registry.ts';
import { answer, answers } from '../answers.ts';
import type { Route } from '../route.ts';

/** What may be asked for. */
export function pipelineTypeRoutes(settings: SchemaSettings): Route[] {
  return [
    {
      method: 'get',
      path: '/pipeline-types',
      role: 'viewer',
      operationId: 'listPipelineTypes',
      summary: 'All pipeline types, each with the JSON Schema of its requests and an example',
      answers: { 200: { description: 'The pipeline types', schema: answers('PipelineType') } },
      handle(_call, response) {
        response.json(listPipelineTypes(settings));
      },
    },
    {
      method: 'get',
      path: '/pipeline-types/:type',
      role: 'viewer',
      operationId: 'getPipelineType',
      summary: 'One pipeline type',
      params: { type: 'Value of `pipeline_type`.' },
      answers: { 200: { description: 'The pipeline type', schema: answer('PipelineType') } },
      refusals: [404],
      handle({ params }, response) {
        response.json(describePipelineType(knownType(params.type ?? ''), settings));
      },
    },
  ];
}

function knownType(type: string): PipelineType {
  const known = PIPELINE_TYPES.find((candidate) => candidate === type);
  if (known) return known;
  throw new OrchestratorError(
    'PIPELINE_TYPE_NOT_FOUND',
    `No such pipeline type. There are: ${PIPELINE_TYPES.join(', ')}.`,
  );
}
