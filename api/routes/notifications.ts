import Joi from 'joi';
import type { NotificationFilter } from '../../automation/notifications/notification-log.ts';
import { NOTIFICATION_KINDS } from '../../automation/notifications/notifications.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { answer } from '../answers.ts';
import { notificationIdOf } from '../path-ids.ts';
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
    {
      method: 'post',
      path: '/notifications/:id/resend',
      role: 'provisioner',
      operationId: 'resendNotification',
      summary: 'Deliver a notification to the topic once more',
      description:
        'With the same `notificationId`. 409 while it is still to be delivered, and where there is no topic.',
      params: { id: 'Id of the notification, from GET /notifications.' },
      answers: { 202: { description: 'The notification, to be delivered again', schema: answer('Notification') } },
      refusals: [404, 409],
      async handle(call, response) {
        response.status(202).json(await orchestrator.resend(notificationIdOf(call.params), call.caller));
      },
    },
  ];
}
