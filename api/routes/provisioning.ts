import Joi from 'joi';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { RequestInvalid } from '../../blueprints/faults.ts';
import { isModelCardRequest } from '../../blueprints/model-cards/request.ts';
import { answer } from '../answers.ts';
import type { Deferral } from '../deferred-answer.ts';
import { DEFERRED, answerInTime } from '../deferred-answer.ts';
import { toGuideAnswer } from '../guide-answers.ts';
import type { Route } from '../route.ts';

const flag = (description: string) =>
  Joi.boolean().strict(false).default(false).description(description).messages({
    'boolean.base': '{{#label}} must be true or false',
  });

const provisionQuery = Joi.object({
  validate_only: flag('Only validate the request: nothing is stored or created.'),
  preview: flag('Only show what would be created, updated, replaced and deleted: nothing is stored or created.'),
})
  .oxor('validate_only', 'preview', {
    isPresent: (value: unknown) => value === true,
  })
  .messages({ 'object.oxor': 'validate_only and preview cannot both be true: ask for one of them' });

const NO_CARD_PREVIEW = new RequestInvalid('Bad request. A model card has no preview', [
  {
    pointer: '?preview',
    message: 'a model card has no preview: nothing is deployed; use validate_only',
    rule: 'conflict',
  },
]);

/** The guide's two calls: provision a pipeline, get its status. */
export function provisioningRoutes(orchestrator: Orchestrator, deferral: Deferral): Route[] {
  return [
    {
      method: 'post',
      path: '/provisionpipeline',
      role: 'provisioner',
      operationId: 'provisionPipeline',
      summary: 'Provision a pipeline, or update an existing one to the requested state',
      description:
        'Responds immediately; an execution does the work. Repeating a request changes nothing; while its execution is in progress, the response has its id. ' +
        'Model card requests (docs/model-cards.md) are completed before the response.',
      query: provisionQuery,
      body: {
        presence: 'required',
        expects:
          'the configuration of one pipeline, beginning with "pipeline_type" (GET /pipeline-types lists them all)',
        schema: { $ref: '#/components/schemas/PipelineRequest' },
        anyContentType: true,
      },
      answers: {
        200: {
          description: 'Accepted, validated or previewed',
          schema: {
            anyOf: [
              answer('GuideProvisionAnswer'),
              answer('GuideValidationAnswer'),
              answer('GuidePreviewAnswer'),
              answer('ModelCardAnswer'),
            ],
          },
        },
        202: DEFERRED,
      },
      refusals: [404, 409, 501, 502, 504],
      async handle(call, response) {
        const { query, body, caller } = call;
        if (isModelCardRequest(body)) {
          if (query.preview) throw NO_CARD_PREVIEW;
          response.json(await orchestrator.modelCard(body, caller, query.validate_only === true));
        } else if (query.validate_only) response.json(toGuideAnswer(await orchestrator.validate(body)));
        else if (query.preview) {
          await answerInTime(deferral, 'preview', call, response, async (read) =>
            toGuideAnswer(await orchestrator.preview(body, read)),
          );
        } else response.json(toGuideAnswer(await orchestrator.provision(body, caller)));
      },
    },
    {
      method: 'post',
      path: '/pipelinestatus',
      role: 'viewer',
      operationId: 'pipelineStatus',
      summary: "Status of a pipeline in the shape of AWS CodePipeline's GetPipelineState",
      body: {
        presence: 'required',
        expects: '{"pipeline_id": "<id from the answer to POST /provisionpipeline>"}',
        schema: { $ref: '#/components/schemas/StatusRequest' },
        anyContentType: true,
      },
      answers: { 200: { description: 'Stages and their latest executions', schema: answer('PipelineState') } },
      refusals: [404],
      async handle({ body }, response) {
        response.json(await orchestrator.status(body));
      },
    },
  ];
}
