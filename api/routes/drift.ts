import Joi from 'joi';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { answer, answers } from '../answers.ts';
import { pipelineIdOf } from '../path-ids.ts';
import type { Route } from '../route.ts';
import { cursorKeys, cursorOf, sendPage, uuid } from './list-query.ts';

const historyQuery = Joi.object(cursorKeys(uuid()));

const params = { id: 'Id of the pipeline, from the answer to POST /provisionpipeline.' };

/** Drift: changes made outside Pulumi, and how to revert them. */
export function driftRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'post',
      path: '/pipelines/:id/drift',
      role: 'provisioner',
      operationId: 'checkDrift',
      summary: 'Check every environment for drift from what was deployed',
      description:
        'Responds immediately; the checks run asynchronously and change nothing. An environment whose check is already queued or running is not checked twice.',
      params,
      answers: { 202: { description: 'The checks that were started', schema: answer('DriftCheckAnswer') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.status(202).json(await orchestrator.checkDrift(pipelineIdOf(call.params), call.caller));
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/drift',
      role: 'viewer',
      operationId: 'getDrift',
      summary: 'The latest drift check of each environment, with its findings',
      params,
      answers: {
        200: { description: 'The checks; empty if none has ever run', schema: answers('DriftCheck') },
      },
      refusals: [404],
      async handle(call, response) {
        response.json(await orchestrator.drift(pipelineIdOf(call.params)));
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/drift/history',
      role: 'viewer',
      operationId: 'getDriftHistory',
      summary: 'Drift checks of a pipeline, newest first',
      params,
      query: historyQuery,
      answers: { 200: { description: 'The checks', schema: answers('DriftCheck') } },
      refusals: [404],
      async handle(call, response) {
        sendPage(call, response, await orchestrator.driftHistory(pipelineIdOf(call.params), cursorOf(call)));
      },
    },
    {
      method: 'post',
      path: '/pipelines/:id/drift/reconcile',
      role: 'provisioner',
      operationId: 'reconcileDrift',
      summary: 'Revert drifted environments to what was deployed, after approval',
      description:
        'For the environments whose newest check found something. Answers at once; the execution shows what would be changed back, and waits for approval before each environment.',
      params,
      answers: { 202: { description: 'The execution that waits for approval', schema: answer('ExecutionAnswer') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.status(202).json(await orchestrator.reconcile(pipelineIdOf(call.params), call.caller));
      },
    },
  ];
}
