import type { Orchestrator } from '../../automation/orchestrator.ts';
import { answer } from '../answers.ts';
import type { Route } from '../route.ts';

/** Amazon EventBridge events, as delivered by an API destination. */
export function eventRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'post',
      path: '/events',
      role: 'admin',
      operationId: 'handleEvent',
      summary: 'Receive an Amazon EventBridge event',
      description:
        'Takes "SageMaker Model Package State Change": when a version is approved, pipelines that follow its group are provisioned with it. The same event again changes nothing.',
      body: {
        presence: 'required',
        expects: 'an Amazon EventBridge event with "source", "detail-type" and "detail"',
        schema: { type: 'object', required: ['source', 'detail-type', 'detail'] },
      },
      answers: { 202: { description: 'What the event started', schema: answer('EventAnswer') } },
      async handle({ body }, response) {
        response.status(202).json(await orchestrator.handleEvent(body));
      },
    },
  ];
}
