import { OrchestratorError } from '../../automation/errors.ts';
import type { SchemaSettings } from '../../blueprints/blueprint.ts';
import {
  customBlueprints,
  describePipelineType,
  findBlueprint,
  listPipelineTypes,
  pipelineTypes,
  refusalOf,
} from '../../blueprints/registry.ts';
import { answer, answers } from '../answers.ts';
import type { Route } from '../route.ts';

/** Pipeline types and custom blueprints. */
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
    {
      method: 'get',
      path: '/custom-blueprints',
      role: 'viewer',
      operationId: 'listCustomBlueprints',
      summary:
        'What became of the blueprints that `CUSTOM_BLUEPRINTS` names, with the reasons of those that were refused',
      answers: { 200: { description: 'The custom blueprints', schema: answers('CustomBlueprint') } },
      handle(_call, response) {
        response.json(
          customBlueprints().map(({ source, name, version, pipelineTypes: types, reasons }) => ({
            source,
            status: reasons.length > 0 ? 'refused' : 'loaded',
            name,
            version,
            pipelineTypes: types,
            reasons,
          })),
        );
      },
    },
  ];
}

function knownType(type: string): string {
  if (findBlueprint(type)) return type;
  const refused = refusalOf(type);
  throw new OrchestratorError(
    'PIPELINE_TYPE_NOT_FOUND',
    refused
      ? `The custom blueprint ${refused.source}, which was to bring this pipeline type, was refused at startup; GET /custom-blueprints has the reason.`
      : `No such pipeline type. There are: ${pipelineTypes().join(', ')}.`,
  );
}
