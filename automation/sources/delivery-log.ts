/** Reads the deliveries of configuration, and requests that one is processed again. They are written by deliveries.ts. */
import { addAuditEntry } from '../audit/record.ts';
import { OrchestratorError } from '../errors.ts';
import type { Database } from '../platform/database.ts';
import { inTransaction } from '../platform/database.ts';
import { announceDue } from '../platform/due-work.ts';
import type { Page, PageQuery } from '../platform/paging.ts';
import { newestFirst } from '../platform/paging.ts';
import type { DeliveryRow, DeliveryStatus, RequestResult } from './deliveries.ts';
import { AFRESH_SQL } from './deliveries.ts';
import type { People, SourceName } from './source.ts';

/** A delivery in the API. */
export interface DeliveryEntry {
  /** Increases over time. */
  id: number;
  source: SourceName;
  /** Id from the provider. */
  deliveryId: string;
  /** Such as `github:owner/repo@main`. */
  target: string;
  /** The commit, or the version of the object. */
  revision: string;
  status: DeliveryStatus;
  people: People;
  results: RequestResult[];
  /** Reason of the status, or what it is waiting for. */
  detail?: string;
  /** Attempts in this status. */
  attempts: number;
  accepted: string;
  updated: string;
}

/** Entries must match all given values. */
export interface DeliveryFilter extends PageQuery {
  source?: SourceName;
  status?: DeliveryStatus;
  target?: string;
  /** Not before. */
  since?: Date;
}

/** What the API calls. */
export interface DeliveryCalls {
  /** Newest first. */
  listDeliveries(filter: DeliveryFilter): Promise<Page<DeliveryEntry>>;
  /** Has a delivery that has ended processed again. */
  redeliver(deliveryId: number, caller: string): Promise<DeliveryEntry>;
}

interface LoggedRow extends DeliveryRow {
  detail: string | null;
  accepted: Date;
  updated: Date;
}

/** Being processed. */
const OPEN: readonly DeliveryStatus[] = ['Pending', 'Following'];

export class DeliveryLog implements DeliveryCalls {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async listDeliveries(filter: DeliveryFilter): Promise<Page<DeliveryEntry>> {
    return await newestFirst(
      this.#database,
      'mlops.config_deliveries',
      [
        ['source = ?', filter.source],
        ['status = ?', filter.status],
        ['target = ?', filter.target],
        ['accepted >= ?', filter.since],
      ],
      filter,
      toEntry,
    );
  }

  /** @throws OrchestratorError `DELIVERY_NOT_FOUND`, `DELIVERY_IN_PROGRESS` */
  async redeliver(deliveryId: number, caller: string): Promise<DeliveryEntry> {
    return await inTransaction(this.#database, async (transaction) => {
      const found = await transaction.query<LoggedRow>(
        'SELECT * FROM mlops.config_deliveries WHERE id = $1 FOR UPDATE',
        [deliveryId],
      );
      const [before] = found.rows;
      if (!before) {
        throw new OrchestratorError(
          'DELIVERY_NOT_FOUND',
          `There is no delivery ${deliveryId}. GET /deliveries lists the existing ones.`,
        );
      }
      if (OPEN.includes(before.status)) {
        throw new OrchestratorError(
          'DELIVERY_IN_PROGRESS',
          `Delivery ${deliveryId} is ${before.status}: it is still being processed. Redeliver it once it has ended.`,
        );
      }
      const { target, revision } = before;
      await addAuditEntry(transaction, {
        principal: caller,
        action: 'redeliver',
        detail: { deliveryId, target, revision, status: before.status },
      });
      const { rows } = await transaction.query<LoggedRow>(
        `UPDATE mlops.config_deliveries SET ${AFRESH_SQL}, claimed_by = NULL WHERE id = $1 RETURNING *`,
        [deliveryId],
      );
      await announceDue(transaction, 'deliveries');
      return toEntry(rows[0] ?? before);
    });
  }
}

function toEntry(row: LoggedRow): DeliveryEntry {
  return {
    id: Number(row.id),
    source: row.source,
    deliveryId: row.delivery_id,
    target: row.target,
    revision: row.revision,
    status: row.status,
    people: row.people,
    results: row.results,
    ...(row.detail === null ? {} : { detail: row.detail }),
    attempts: row.attempts,
    accepted: row.accepted.toISOString(),
    updated: row.updated.toISOString(),
  };
}
