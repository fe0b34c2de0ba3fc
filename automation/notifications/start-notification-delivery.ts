/** Composition of the delivery of notifications: the topic of the settings, the publisher of the engine's module. */
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Database } from '../platform/database.ts';
import type { DueAnnouncements } from '../platform/due-work.ts';
import { NotificationDelivery } from './notification-delivery.ts';
import { loadPublisher } from './publisher.ts';

/** Starts delivery, until it is stopped. */
export function startNotificationDelivery(
  config: Config,
  database: Database,
  due: DueAnnouncements,
  logger: Logger,
): NotificationDelivery {
  const delivery = new NotificationDelivery(
    database,
    { topicArn: config.blueprints.notificationsTopicArn, publisher: () => loadPublisher(config.engine) },
    logger.child({ component: 'notifications' }),
  );
  due.on('notifications', () => delivery.wake());
  delivery.start();
  return delivery;
}
