import Joi from 'joi';
import { OrchestratorError } from '../../automation/errors.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { RevisionQuery } from '../../automation/pipelines/revisions.ts';
import { answer, answers } from '../answers.ts';
import { pipelineIdOf } from '../path-ids.ts';
import type { Call, Route } from '../route.ts';
import { cursorKeys, cursorOf, sendPage } from './list-query.ts';

/** PostgreSQL's integer ends here. */
const HIGHEST = 2_147_483_647;
const number = Joi.number().integer().min(1).max(HIGHEST);

const params = { id: 'Id of the pipeline, from the answer to POST /provisionpipeline.' };
const ofOne = { ...params, revision: 'Number of the revision.' };

const listQuery = Joi.object(cursorKeys(number));
const diffQuery = Joi.object({
  to: number.description('Number of the revision to compare with; default: the current one.'),
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
        response.json(await orchestrator.getRevision(pipelineIdOf(call.params), revisionOf(call)));
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
        response.json(await orchestrator.diffRevisions(pipelineIdOf(call.params), revisionOf(call), to));
      },
    },
  ];
}

/** @throws OrchestratorError `REVISION_NOT_FOUND` for what cannot be the number of one */
function revisionOf({ params: { revision = '' } }: Call): number {
  const found = number.validate(revision);
  if (!found.error) return found.value as number;
  throw new OrchestratorError('REVISION_NOT_FOUND', 'Revisions have numbers from 1. GET /pipelines/{id}/revisions.');
}
