import Joi from 'joi';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { RevisionQuery } from '../../automation/pipelines/revisions.ts';
import { answer, answers } from '../answers.ts';
import { pipelineIdOf, revisionNumber, revisionOf } from '../path-ids.ts';
import type { Route } from '../route.ts';
import { cursorKeys, cursorOf, sendPage } from './list-query.ts';

const params = { id: 'Id of the pipeline, from the answer to POST /provisionpipeline.' };
const ofOne = { ...params, revision: 'Number of the revision.' };

const listQuery = Joi.object(cursorKeys(revisionNumber));
const diffQuery = Joi.object({
  to: revisionNumber.description('Number of the revision to compare with; default: the current one.'),
});

/** Revisions of a pipeline, and their differences. */
export function revisionRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/pipelines/:id/revisions',
      role: 'viewer',
      operationId: 'listRevisions',
      summary: 'Revisions of a pipeline, newest first, with requester, commit and environments',
      params,
      query: listQuery,
      answers: { 200: { description: 'The revisions', schema: answers('RevisionSummary') } },
      refusals: [404],
      async handle(call, response) {
        const { limit, after } = cursorOf(call) as RevisionQuery;
        sendPage(call, response, await orchestrator.listRevisions(pipelineIdOf(call.params), { limit, after }));
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/revisions/:revision',
      role: 'viewer',
      operationId: 'getRevision',
      summary: 'One revision with its request',
      params: ofOne,
      answers: { 200: { description: 'The revision', schema: answer('Revision') } },
      refusals: [404],
      async handle(call, response) {
        response.json(await orchestrator.getRevision(pipelineIdOf(call.params), revisionOf(call.params)));
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/revisions/:revision/diff',
      role: 'viewer',
      operationId: 'diffRevisions',
      summary: 'How the request of one revision differs from that of another',
      params: ofOne,
      query: diffQuery,
      answers: { 200: { description: 'The differences', schema: answer('RevisionDifference') } },
      refusals: [404],
      async handle(call, response) {
        const { to } = call.query as { to?: number };
        response.json(await orchestrator.diffRevisions(pipelineIdOf(call.params), revisionOf(call.params), to));
      },
    },
  ];
}
