/** Reads the notifications and their delivery status. */
import type { Database } from '../platform/database.ts';
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
