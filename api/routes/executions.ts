import type { Response } from 'express';
import Joi from 'joi';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { RequestInvalid } from '../../blueprints/faults.ts';
import type { ExecutionFilter } from '../../automation/executions/executions.ts';
import { EXECUTION_KINDS, EXECUTION_STATUSES, environment } from '../answer-pieces.ts';
import { answer, answers } from '../answers.ts';
import { decisionBody, validDecision } from '../bodies.ts';
import { EventStream } from '../event-stream.ts';
import type { StreamSettings } from '../event-stream.ts';
import { countStream, shutdownSignal } from '../open-streams.ts';
import { toJsonSchema } from '../json-schema.ts';
import { executionIdOf } from '../path-ids.ts';
import type { Call, Route } from '../route.ts';
import { cursorKeys, cursorOf, listKeys, sendPage, time, uuid } from './list-query.ts';

const params = { id: 'Id of the execution, from the answer that started it.' };

const cursor = cursorKeys(uuid());

const executionsQuery = Joi.object({
  status: Joi.string()
    .valid(...EXECUTION_STATUSES)
    .description('Only with this status.'),
  kind: Joi.string()
    .valid(...EXECUTION_KINDS)
    .description('Only of this kind.'),
  pipelineId: listKeys.pipelineId,
  requestedBy: Joi.string().max(512).description('Only executions requested by this ARN or name.'),
  since: time('Only those that were asked for at or after this time.'),
  ...cursor,
});

const approvalsQuery = Joi.object({
  environment: environment.description('Only for this environment.'),
  pipelineId: listKeys.pipelineId,
  ...cursor,
});

const eventsQuery = Joi.object({
  last_event_id: Joi.string()
    .allow('')
    .description('Same as the header Last-Event-ID, for clients that cannot set headers. The header takes precedence.'),
});

/** Executions: their progress, live events and decisions. */
export function executionRoutes(orchestrator: Orchestrator, streaming: StreamSettings): Route[] {
  return [
    {
      method: 'get',
      path: '/executions',
      role: 'viewer',
      operationId: 'listExecutions',
      summary: 'Executions of all pipelines, newest first',
      query: executionsQuery,
      answers: { 200: { description: 'The executions', schema: answers('Execution') } },
      refusals: [404],
      async handle(call, response) {
        sendPage(call, response, await orchestrator.listExecutions(cursorOf(call)));
      },
    },
    {
      method: 'get',
      path: '/approvals',
      role: 'viewer',
      operationId: 'listApprovals',
      summary: 'Executions waiting for approval, newest first',
      query: approvalsQuery,
      answers: { 200: { description: 'The executions, with `approval`', schema: answers('Execution') } },
      async handle(call, response) {
        const filter = cursorOf<ExecutionFilter>(call);
        sendPage(call, response, await orchestrator.listExecutions({ ...filter, status: 'AwaitingApproval' }));
      },
    },
    {
      method: 'get',
      path: '/executions/:id',
      role: 'viewer',
      operationId: 'getExecution',
      summary: 'One execution with its stages, its request and its commit',
      params,
      answers: { 200: { description: 'The execution', schema: answer('ExecutionDetail') } },
      refusals: [404],
      async handle(call, response) {
        response.json(await orchestrator.getExecution(executionIdOf(call.params)));
      },
    },
    {
      method: 'get',
      path: '/executions/:id/events',
      role: 'viewer',
      operationId: 'followExecution',
      summary: 'Events of an execution as Server-Sent Events',
      description:
        'First what has happened after `Last-Event-ID`, then what happens, until the execution has ended: the last event is `end`. `id` is the sequence, `event` the type, `data` the event as JSON.',
      params,
      query: eventsQuery,
      answers: {
        200: { description: 'The events', schema: { type: 'string' }, contentType: 'text/event-stream' },
      },
      refusals: [404],
      handle: (call, response) => streamEvents(orchestrator, streaming, call, response),
    },
    {
      method: 'post',
      path: '/executions/:id/approvals/:environment',
      role: 'approver',
      operationId: 'decideOnChange',
      summary: 'Approve or reject the pending change of an execution',
      description:
        'Review `approval` of GET /executions/{id} first: the decision contains its `changeHash` and applies to that change only. 409: the execution or the change has moved on. 410: the approval request has expired. 403: the approval policy of the environment does not accept this caller.',
      params: { ...params, environment: 'The environment that is asked for: `staging`, `prod`, …' },
      body: {
        presence: 'required',
        expects:
          '{"decision": "Approved" or "Rejected", "changeHash": "<approval.changeHash>", "comment": "<why; required to reject>"}',
        schema: toJsonSchema(decisionBody),
      },
      answers: { 200: { description: 'The execution after the decision', schema: answer('Execution') } },
      refusals: [403, 404, 409, 410],
      async handle(call, response) {
        const { environment = '' } = call.params;
        const decision = validDecision(call.body);
        response.json(await orchestrator.decide(executionIdOf(call.params), environment, decision, call.caller));
      },
    },
    {
      method: 'post',
      path: '/executions/:id/cancel',
      role: 'provisioner',
      operationId: 'cancelExecution',
      summary: 'Cancel an execution',
      description:
        'Takes effect immediately if nothing is running; otherwise the engine is stopped gracefully, and what it has already deployed remains.',
      params,
      answers: { 202: { description: 'The execution, cancelled or being cancelled', schema: answer('Execution') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.status(202).json(await orchestrator.cancel(executionIdOf(call.params), call.caller));
      },
    },
    {
      method: 'post',
      path: '/executions/:id/retry',
      role: 'provisioner',
      operationId: 'retryExecution',
      summary: 'Retry from the stage that failed or was cancelled',
      description:
        'The latest execution of a pipeline only. What was approved stays so, as long as the change is the same.',
      params,
      answers: { 202: { description: 'The execution, queued again', schema: answer('Execution') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.status(202).json(await orchestrator.retry(executionIdOf(call.params), call.caller));
      },
    },
  ];
}

async function streamEvents(
  orchestrator: Orchestrator,
  streaming: StreamSettings,
  call: Call,
  response: Response,
): Promise<void> {
  const executionId = executionIdOf(call.params);
  const after = lastEventId(call);
  // Asked for before the stream starts: afterwards the answer can no longer be 404.
  await orchestrator.executionStatus(executionId);
  if (call.request.method === 'HEAD') {
    response.type('text/event-stream').end();
    return;
  }
  const uncount = countStream(call.request.app, call.caller);
  try {
    const stream = new EventStream(response, streaming, shutdownSignal(call.request.app));
    for await (const event of orchestrator.events(executionId, after, stream.signal)) {
      await stream.send({ id: event.sequence, event: event.type, data: event });
    }
    if (!stream.signal.aborted) {
      const status = await orchestrator.executionStatus(executionId);
      await stream.send({ event: 'end', data: { executionId, status } });
    }
    stream.close();
  } finally {
    uncount();
  }
}

/** @returns the sequence number after which events are requested; 0 = all of them. */
function lastEventId({ request, query }: Call): number {
  const header = request.get('Last-Event-ID');
  const given = (header ?? query.last_event_id ?? '') as string;
  if (given === '') return 0;
  const sequence = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(sequence)) return sequence;
  const message = `The last event id must be the id of an event of this stream, a whole number; got "${given.slice(0, 50)}"`;
  throw new RequestInvalid(message, [
    { pointer: header === undefined ? '?last_event_id' : 'Last-Event-ID', message, rule: 'query' },
  ]);
}
