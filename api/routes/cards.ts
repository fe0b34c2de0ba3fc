import Joi from 'joi';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { answer } from '../answers.ts';
import { pipelineIdOf } from '../path-ids.ts';
import type { Route } from '../route.ts';

const params = { id: 'Id of the pipeline, from the answer to POST /provisionpipeline.' };

const exportQuery = Joi.object({
  format: Joi.string()
    .valid('pdf', 'json')
    .default('pdf')
    .description('`pdf` (default): made by SageMaker. `json`: the content of the card.'),
});

/** The model card of a pipeline: drafted, saved, exported. */
export function cardRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/pipelines/:id/card',
      role: 'viewer',
      operationId: 'getCard',
      summary: 'The model card of a pipeline, drafted from revision, training job, monitors, approvals and endpoints',
      description: 'Nothing is stored. 409 for a pipeline that neither trains nor deploys a model.',
      params,
      answers: { 200: { description: 'The card', schema: answer('PipelineCard') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.json(await orchestrator.card(pipelineIdOf(call.params)));
      },
    },
    {
      method: 'post',
      path: '/pipelines/:id/card',
      role: 'provisioner',
      operationId: 'saveCard',
      summary: 'Create or update the model card of a pipeline in SageMaker',
      description: 'What people wrote in the card, and its status, stay as they are.',
      params,
      answers: { 200: { description: 'The saved card', schema: answer('PipelineCard') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.json(await orchestrator.saveCard(pipelineIdOf(call.params), call.caller));
      },
    },
    {
      method: 'post',
      path: '/pipelines/:id/card/export',
      role: 'provisioner',
      operationId: 'exportCard',
      summary: 'Save the model card of a pipeline, and export it to the assets bucket',
      params,
      query: exportQuery,
      answers: { 200: { description: 'Where the export is, or will be', schema: answer('CardExport') } },
      refusals: [404, 409, 502],
      async handle(call, response) {
        const { format } = call.query as { format: 'pdf' | 'json' };
        response.json(await orchestrator.exportCard(pipelineIdOf(call.params), format, call.caller));
      },
    },
  ];
}
