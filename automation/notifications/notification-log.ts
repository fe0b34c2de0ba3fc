/** Reads the notifications and the state of their delivery. */
import type { Database } from '../platform/database.ts';
import type { Page, PageQuery } from '../platform/paging.ts';
import { newestFirst } from '../platform/paging.ts';
import type { NotificationKind } from './notifications.ts';

/**
 * `pending`: about to be delivered, or to be tried again. `delivered`: the topic has taken it. `stored`: there was no topic.
 * `undeliverable`: given up, see `lastError`.
 */
export type DeliveryState = 'pending' | 'delivered' | 'stored' | 'undeliverable';

export interface StoredNotification {
  /** Grows with time; also the message attribute `notificationId`. */
  id: number;
  /** ISO time. */
  at: string;
  kind: NotificationKind;
  pipelineId?: string;
  executionId?: string;
  environment?: string;
  subject: string;
  message: string;
  data: Record<string, unknown>;
  delivery: DeliveryState;
  /** ISO time at which the topic took it. */
  delivered?: string;
  /** Failed attempts so far. */
  attempts: number;
  lastError?: string;
}

/** Everything that is given has to hold. */
export interface NotificationFilter extends PageQuery {
  kind?: NotificationKind;
  pipelineId?: string;
  /** A UUID. */
  executionId?: string;
  /** Not before. */
  since?: Date;
}

/** A row of `mlops.notifications`. */
export interface NotificationRow {
  id: string;
  at: Date;
  kind: NotificationKind;
  pipeline_id: string | null;
  execution_id: string | null;
  environment: string | null;
  subject: string;
  message: string;
  data: Record<string, unknown>;
  delivery: DeliveryState;
  delivered: Date | null;
  attempts: number;
  last_error: string | null;
  /** Of the process that delivers it just now. */
  claim: string | null;
}

export class NotificationLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  async page(filter: NotificationFilter): Promise<Page<StoredNotification>> {
    const { entries, next } = await newestFirst<NotificationRow>(
      this.#database,
      'mlops.notifications',
      [
        ['kind = ?', filter.kind],
        ['pipeline_id = ?', filter.pipelineId],
        ['execution_id = ?', filter.executionId],
        ['at >= ?', filter.since],
      ],
      filter,
    );
    return { entries: entries.map(toStored), ...(next === undefined ? {} : { next }) };
  }
}

function toStored(row: NotificationRow): StoredNotification {
  return {
    id: Number(row.id),
    at: row.at.toISOString(),
    kind: row.kind,
    ...(row.pipeline_id === null ? {} : { pipelineId: row.pipeline_id }),
    ...(row.execution_id === null ? {} : { executionId: row.execution_id }),
    ...(row.environment === null ? {} : { environment: row.environment }),
    subject: row.subject,
    message: row.message,
    data: row.data,
    delivery: row.delivery,
    ...(row.delivered === null ? {} : { delivered: row.delivered.toISOString() }),
    attempts: row.attempts,
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
  };
}
