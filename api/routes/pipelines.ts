import Joi from 'joi';
import type { Pipeline } from '../../automation/model.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { EXECUTION_STATUSES } from '../answer-pieces.ts';
import { answer, answers } from '../answers.ts';
import { rollbackBody, validBody } from '../bodies.ts';
import type { Deferral } from '../deferred-answer.ts';
import { DEFERRED, answerInTime } from '../deferred-answer.ts';
import { toJsonSchema } from '../json-schema.ts';
import { toGuideAnswer } from '../guide-answers.ts';
import { pipelineIdOf } from '../path-ids.ts';
import type { PipelineFilter } from '../../automation/pipelines/pipeline-list.ts';
import type { Route } from '../route.ts';
import { cursorKeys, cursorOf, sendPage, uuid } from './list-query.ts';

const params = { id: 'Id of the pipeline, from the answer to POST /provisionpipeline.' };

const pipelinesQuery = Joi.object({
  status: Joi.string()
    .valid(...EXECUTION_STATUSES, 'Deleted')
    .description('Only with this status.'),
  pipelineType: Joi.string()
    .pattern(/^[\w.-]{1,100}$/, 'a pipeline type')
    .description('Only of this type.'),
  search: Joi.string().max(255).description('Only pipelines whose id or model name contains this text, ignoring case.'),
  include: Joi.string().valid('deleted').description('`deleted`: include deleted pipelines.'),
  ...cursorKeys(Joi.string().pattern(/^[A-Za-z0-9._-]{1,255}$/, 'a pipeline id')),
});

const executionsQuery = Joi.object(cursorKeys(uuid()));

const destroyQuery = Joi.object({
  include: Joi.string()
    .valid('monitors')
    .description('`monitors`: the monitors of the endpoint are destroyed first, in separate executions.'),
  preview: Joi.string()
    .valid('true', 'false')
    .description(
      '`true`: nothing is destroyed; the answer (200) says what would be deleted, environment by environment.',
    ),
});

/** Pipelines: list, history, changes and removal. */
export function pipelineRoutes(orchestrator: Orchestrator, deferral: Deferral): Route[] {
  return [
    {
      method: 'get',
      path: '/pipelines',
      role: 'viewer',
      operationId: 'listPipelines',
      summary: 'Pipelines, oldest first; deleted ones only on request',
      query: pipelinesQuery,
      answers: { 200: { description: 'One summary for each pipeline', schema: answers('PipelineSummary') } },
      async handle(call, response) {
        sendPage(call, response, await orchestrator.listPipelines(cursorOf<PipelineFilter>(call)));
      },
    },
    pipelineRoute(
      {
        method: 'get',
        path: '/pipelines/:id',
        role: 'viewer',
        operationId: 'getPipeline',
        summary: 'One pipeline, its latest request and its stages',
      },
      (pipelineId) => orchestrator.getPipeline(pipelineId),
    ),
    {
      method: 'delete',
      path: '/pipelines/:id',
      role: 'provisioner',
      operationId: 'destroyPipeline',
      summary: 'Destroy everything the pipeline has provisioned, from the last environment to the first',
      description:
        'Answers at once; the work goes on as an execution, which waits for approval before each environment whose policy asks for it. Buckets, repositories and the model registry keep their content. 409 with `data.monitors` where monitors watch the endpoint, unless they are included; 409 while the pipeline is protected.',
      params,
      query: destroyQuery,
      answers: {
        200: { description: 'With `preview=true`: what would be deleted', schema: answer('GuidePreviewAnswer') },
        202: {
          description: 'The execution that destroys it; or, for a preview that takes long, the operation to poll',
          schema: { anyOf: [answer('GuideProvisionAnswer'), answer('Operation')] },
        },
      },
      refusals: [404, 409, 502, 504],
      async handle(call, response) {
        if (call.query.preview === 'true') {
          const id = pipelineIdOf(call.params);
          await answerInTime(deferral, 'preview', call, response, async (read) =>
            toGuideAnswer(await orchestrator.previewDestroy(id, read)),
          );
          return;
        }
        const includeMonitors = call.query.include === 'monitors';
        const answered = await orchestrator.destroy(pipelineIdOf(call.params), call.caller, includeMonitors);
        response.status(202).json(toGuideAnswer(answered));
      },
    },
    pipelineRoute(
      {
        method: 'post',
        path: '/pipelines/:id/protection',
        role: 'provisioner',
        operationId: 'protectPipeline',
        summary: 'Protect a pipeline: it cannot be destroyed, and its endpoint cannot be replaced or removed',
        description: 'Same as the key `protected` of a request. No effect if the pipeline is already protected.',
      },
      (pipelineId, caller) => orchestrator.protect(pipelineId, caller),
    ),
    pipelineRoute(
      {
        method: 'delete',
        path: '/pipelines/:id/protection',
        role: 'admin',
        operationId: 'unprotectPipeline',
        summary: 'Remove the protection of a pipeline',
      },
      (pipelineId, caller) => orchestrator.unprotect(pipelineId, caller),
    ),
    {
      method: 'post',
      path: '/pipelines/:id/run',
      role: 'provisioner',
      operationId: 'runPipeline',
      summary: 'Run the job of the pipeline again, with its latest request, through the same stages and approvals',
      description: 'A training, tuning, Autopilot or transform job, or the baseline of a monitor, under a new name.',
      params,
      answers: { 202: { description: 'The execution that runs it', schema: answer('ExecutionAnswer') } },
      refusals: [400, 404, 409, 501],
      async handle(call, response) {
        response.status(202).json(await orchestrator.run(pipelineIdOf(call.params), call.caller));
      },
    },
    {
      method: 'post',
      path: '/pipelines/:id/rollback',
      role: 'provisioner',
      operationId: 'rollBackPipeline',
      summary: 'Deploy an older revision again, through the same stages and approvals',
      params,
      body: {
        presence: 'required',
        expects: '{"revision": <number of an older revision>}',
        schema: toJsonSchema(rollbackBody),
      },
      answers: {
        202: { description: 'The execution that deploys it', schema: answer('ExecutionAnswer') },
        200: { description: 'That revision is deployed already', schema: answer('ExecutionAnswer') },
      },
      refusals: [404, 501],
      async handle(call, response) {
        const { revision } = validBody(rollbackBody, call.body);
        const answered = await orchestrator.rollback(pipelineIdOf(call.params), revision, call.caller);
        response.status(answered.executionId ? 202 : 200).json(answered);
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/executions',
      role: 'viewer',
      operationId: 'listPipelineExecutions',
      summary: 'Executions of a pipeline, newest first',
      params,
      query: executionsQuery,
      answers: { 200: { description: 'The executions', schema: answers('Execution') } },
      refusals: [404],
      async handle(call, response) {
        sendPage(
          call,
          response,
          await orchestrator.listExecutions({ ...cursorOf(call), pipelineId: pipelineIdOf(call.params) }),
        );
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/history',
      role: 'viewer',
      operationId: 'getHistory',
      summary: 'All updates of the stacks of a pipeline, as in `pulumi stack history`, newest first',
      params,
      answers: { 200: { description: 'The updates', schema: answers('HistoryEntry') }, 202: DEFERRED },
      refusals: [404],
      async handle(call, response) {
        const id = pipelineIdOf(call.params);
        await answerInTime(deferral, 'history', call, response, (read) => orchestrator.history(id, read));
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/outputs',
      role: 'viewer',
      operationId: 'getOutputs',
      summary: 'Outputs of the stacks of a pipeline, such as endpoint name and inference URL',
      params,
      answers: { 200: { description: 'The outputs by environment', schema: answer('PipelineOutputs') } },
      refusals: [404],
      async handle(call, response) {
        response.json(await orchestrator.outputs(pipelineIdOf(call.params)));
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/monitors',
      role: 'viewer',
      operationId: 'listMonitors',
      summary: 'Pipelines that monitor the endpoint of a pipeline',
      params,
      answers: { 200: { description: 'The monitors; empty if it has no endpoint', schema: answers('Monitor') } },
      refusals: [404],
      async handle(call, response) {
        response.json(await orchestrator.monitors(pipelineIdOf(call.params)));
      },
    },
    {
      method: 'post',
      path: '/pipelines/:id/preview',
      role: 'provisioner',
      operationId: 'previewPipeline',
      summary: 'What a changed request would change; nothing is stored or created',
      description: 'The keys of the body replace those of the latest request. Without a body: shows drift.',
      params,
      body: {
        presence: 'optional',
        expects: 'the request keys to change',
        schema: { type: 'object', description: 'Keys that replace those of the latest request.' },
      },
      answers: {
        200: { description: 'The changes by environment', schema: answer('PreviewAnswer') },
        202: DEFERRED,
      },
      refusals: [404, 409, 501, 502, 504],
      async handle(call, response) {
        const id = pipelineIdOf(call.params);
        await answerInTime(deferral, 'preview', call, response, (read) =>
          orchestrator.previewPipeline(id, call.body, read),
        );
      },
    },
  ];
}

/** A route on one pipeline whose answer is the pipeline. */
function pipelineRoute(
  row: Pick<Route, 'method' | 'path' | 'role' | 'operationId' | 'summary' | 'description'>,
  work: (pipelineId: string, caller: string) => Promise<Pipeline>,
): Route {
  return {
    ...row,
    params,
    answers: { 200: { description: 'The pipeline', schema: answer('Pipeline') } },
    refusals: [404],
    async handle({ params: given, caller }, response) {
      response.json(await work(pipelineIdOf(given), caller));
    },
  };
}
