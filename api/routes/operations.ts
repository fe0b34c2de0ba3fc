/** Operations: previews and histories that took too long for a synchronous response. */
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { answer } from '../answers.ts';
import { operationIdOf } from '../path-ids.ts';
import type { Route } from '../route.ts';

const RETRY_AFTER_SECONDS = '2';

export function operationRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/operations/:id',
      role: 'viewer',
      operationId: 'getOperation',
      summary: 'A preview or history call that was answered with 202',
      description: 'While it is in progress, `Retry-After` says when to poll again. The result is kept for an hour.',
      params: { id: 'Id of the operation, from the answer with 202.' },
      answers: {
        200: { description: 'The operation, with its result once it has ended', schema: answer('Operation') },
      },
      refusals: [404],
      async handle(call, response) {
        const operation = await orchestrator.getDeferredRead(operationIdOf(call.params));
        if (operation.status === 'InProgress') response.set('Retry-After', RETRY_AFTER_SECONDS);
        response.json(operation);
      },
    },
  ];
}
