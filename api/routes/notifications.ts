import Joi from 'joi';
import type { NotificationFilter } from '../../automation/notifications/notification-log.ts';
import { NOTIFICATION_KINDS } from '../../automation/notifications/notifications.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { answer } from '../answers.ts';
import type { Route } from '../route.ts';
import { PAGE_DEFAULT, listKeys } from './list-query.ts';

const query = Joi.object({
  kind: Joi.string()
    .valid(...NOTIFICATION_KINDS)
    .description('Only of this kind.'),
  ...listKeys,
});

/** Notifications and their delivery. */
export function notificationRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/notifications',
      role: 'viewer',
      operationId: 'listNotifications',
      summary: 'Notifications, newest first, with their delivery status',
      query,
      answers: { 200: { description: 'A page of notifications', schema: answer('NotificationPage') } },
      async handle(call, response) {
        const filter = call.query as Partial<NotificationFilter>;
        response.json(await orchestrator.notifications({ ...filter, limit: filter.limit ?? PAGE_DEFAULT }));
      },
    },
  ];
}
