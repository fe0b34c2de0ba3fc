import Joi from 'joi';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { DeliveryFilter } from '../../automation/sources/delivery-log.ts';
import { SOURCE_NAMES } from '../../automation/sources/source.ts';
import { answer, answers } from '../answers.ts';
import { DELIVERY_STATUSES } from '../list-answers.ts';
import { deliveryIdOf, serialNumber } from '../path-ids.ts';
import type { Route } from '../route.ts';
import { PAGE_DEFAULT, cursorKeys, sendPage, time } from './list-query.ts';

const query = Joi.object({
  source: Joi.string()
    .valid(...SOURCE_NAMES)
    .description('Only from this kind of source.'),
  status: Joi.string()
    .valid(...DELIVERY_STATUSES)
    .description('Only with this status.'),
  target: Joi.string().max(1_000).description('Only of this target, such as `github:owner/repo@main`.'),
  since: time('Only deliveries accepted at or after this time.'),
  ...cursorKeys(serialNumber),
});

/** Deliveries of configuration and their results. */
export function deliveryRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/deliveries',
      role: 'viewer',
      operationId: 'listDeliveries',
      summary: 'Delivered versions of mlops-config.json, newest first, with the result of each request',
      query,
      answers: { 200: { description: 'The deliveries', schema: answers('Delivery') } },
      async handle(call, response) {
        const filter = call.query as Partial<DeliveryFilter>;
        const page = await orchestrator.listDeliveries({ ...filter, limit: filter.limit ?? PAGE_DEFAULT });
        const next = page.next === undefined ? {} : { next: String(page.next) };
        sendPage(call, response, { entries: page.entries, ...next });
      },
    },
    {
      method: 'post',
      path: '/deliveries/:id/redeliver',
      role: 'provisioner',
      operationId: 'redeliver',
      summary: 'Process a delivery again',
      description: 'Reads the same version of the file again. 409 while the delivery is still being processed.',
      params: { id: 'Id of the delivery, from GET /deliveries.' },
      answers: { 202: { description: 'The delivery, to be processed again', schema: answer('Delivery') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.status(202).json(await orchestrator.redeliver(deliveryIdOf(call.params), call.caller));
      },
    },
  ];
}
