/** Reads the notifications and their delivery status, and has one delivered again. */
import { addAuditEntry } from '../audit/record.ts';
import { OrchestratorError } from '../errors.ts';
import type { Database } from '../platform/database.ts';
import { inTransaction } from '../platform/database.ts';
import { announceDue } from '../platform/due-work.ts';
import type { ListEntry, ListRow, Page, PageQuery } from '../platform/paging.ts';
import { listEntryOf, newestFirst } from '../platform/paging.ts';
import type { NotificationKind } from './notifications.ts';

/**
 * `pending`: to be delivered or retried. `delivered`: accepted by the topic. `stored`: no topic was configured.
 * `undeliverable`: all attempts failed, see `lastError`.
 */
export type NotificationDeliveryStatus = 'pending' | 'delivered' | 'stored' | 'undeliverable';

/** Its `id` is also the message attribute `notificationId`. */
export interface StoredNotification extends ListEntry {
  kind: NotificationKind;
  subject: string;
  message: string;
  data: Record<string, unknown>;
  delivery: NotificationDeliveryStatus;
  /** ISO time of delivery to the topic. */
  delivered?: string;
  /** Failed attempts so far. */
  attempts: number;
  lastError?: string;
}

/** Entries must match all given values. */
export interface NotificationFilter extends PageQuery {
  kind?: NotificationKind;
  pipelineId?: string;
  /** A UUID. */
  executionId?: string;
  /** Not before. */
  since?: Date;
}

/** A row of `mlops.notifications`. */
export interface NotificationRow extends ListRow {
  kind: NotificationKind;
  subject: string;
  message: string;
  data: Record<string, unknown>;
  delivery: NotificationDeliveryStatus;
  delivered: Date | null;
  attempts: number;
  last_error: string | null;
  /** Claim of the process that is delivering it. */
  claim: string | null;
}

export class NotificationLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  async page(filter: NotificationFilter): Promise<Page<StoredNotification>> {
    return await newestFirst(
      this.#database,
      'mlops.notifications',
      [
        ['kind = ?', filter.kind],
        ['pipeline_id = ?', filter.pipelineId],
        ['execution_id = ?', filter.executionId],
        ['at >= ?', filter.since],
      ],
      filter,
      toStored,
    );
  }

  /**
   * Has a notification delivered once more, such as after the topic was repaired.
   * @param topicArn empty: none is configured
   * @throws OrchestratorError `NOTIFICATION_NOT_FOUND`, `NOTIFICATION_PENDING`, `TOPIC_NOT_CONFIGURED`
   */
  async resend(id: number, caller: string, topicArn: string): Promise<StoredNotification> {
    return await inTransaction(this.#database, async (transaction) => {
      const { rows: found } = await transaction.query<NotificationRow & { next_attempt: Date }>(
        'SELECT * FROM mlops.notifications WHERE id = $1 FOR UPDATE',
        [id],
      );
      const [before] = found;
      if (!before) {
        throw new OrchestratorError(
          'NOTIFICATION_NOT_FOUND',
          `There is no notification ${id}. GET /notifications lists the existing ones.`,
        );
      }
      if (topicArn === '') {
        throw new OrchestratorError(
          'TOPIC_NOT_CONFIGURED',
          'There is no topic to send it to: set NOTIFICATIONS_TOPIC_ARN. GET /notifications has its message.',
        );
      }
      if (before.delivery === 'pending') {
        throw new OrchestratorError(
          'NOTIFICATION_PENDING',
          `Notification ${id} is still to be delivered, next at ${before.next_attempt.toISOString()}. Resend it once it is delivered or undeliverable.`,
        );
      }
      await addAuditEntry(transaction, {
        principal: caller,
        action: 'resend',
        ...(before.pipeline_id === null ? {} : { pipelineId: before.pipeline_id }),
        ...(before.execution_id === null ? {} : { executionId: before.execution_id }),
        ...(before.environment === null ? {} : { environment: before.environment }),
        detail: { notificationId: id, kind: before.kind, delivery: before.delivery },
      });
      const { rows } = await transaction.query<NotificationRow>(
        `UPDATE mlops.notifications
            SET delivery = 'pending', attempts = 0, next_attempt = now(), resent = now(), delivered = NULL, last_error = NULL
          WHERE id = $1 RETURNING *`,
        [id],
      );
      await announceDue(transaction, 'notifications');
      return toStored(rows[0] ?? before);
    });
  }
}

function toStored(row: NotificationRow): StoredNotification {
  return {
    ...listEntryOf(row),
    kind: row.kind,
    subject: row.subject,
    message: row.message,
    data: row.data,
    delivery: row.delivery,
    ...(row.delivered === null ? {} : { delivered: row.delivered.toISOString() }),
    attempts: row.attempts,
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
  };
}
