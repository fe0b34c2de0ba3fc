/**
 * Deliveries in PostgreSQL: what was accepted is kept before it is answered, and worked on by any process that works. A
 * claim is a column of the row, and is valid while its process is among `mlops.workers`: that of one that died or stopped
 * is free once its heartbeats are missed. An index makes sure that no two of one target are claimed.
 */
import { createHash } from 'node:crypto';
import type { Database, Transaction } from '../platform/database.ts';
import { announceDue } from '../platform/due-work.ts';
import type { Worker } from '../platform/workers.ts';
import type { NewDelivery, People, Place, SourceName } from './source.ts';
import { storableJson, storableText } from '../platform/storable.ts';

/**
 * `Pending`: not processed yet. `Following`: requests were made, and their executions are awaited. All others are final:
 * `Provisioned`, `Partial` (some requests only), `Invalid` (nothing was provisioned), `Absent` (no such file),
 * `Superseded` (not the newest version), `Failed` (given up).
 */
export type DeliveryStatus = 'Pending' | 'Following' | DeliveryEnd;
export type DeliveryEnd = 'Provisioned' | 'Partial' | 'Invalid' | 'Absent' | 'Superseded' | 'Failed';

/** What became of one request of the file. */
export interface RequestResult {
  /** Position in the list; 0 where the file is one request. */
  index: number;
  pipelineId: string;
  message: string;
  /** Absent where nothing was to be done, or the request was refused. */
  executionId?: string;
  /** Set where the request was valid, but was refused. */
  refused?: true;
}

export interface Delivery extends NewDelivery {
  readonly id: string;
  readonly status: DeliveryStatus;
  readonly results: readonly RequestResult[];
  /** Tries in this status, this one included. */
  readonly attempts: number;
  readonly ageMs: number;
}

/** The columns of `mlops.config_deliveries` that every query returns. */
export interface DeliveryRow {
  id: string;
  source: SourceName;
  delivery_id: string;
  target: string;
  revision: string;
  people: People;
  status: DeliveryStatus;
  results: RequestResult[];
  attempts: number;
}

interface ClaimedRow extends DeliveryRow {
  place: Place;
  age_ms: number;
}

/** For an UPDATE: the delivery is processed from the beginning, now. */
export const AFRESH_SQL = `status = 'Pending', attempts = 0, results = '[]', detail = NULL, next_attempt = now(),
             accepted = now(), updated = now()`;

/** In characters; ids of the providers have 36. */
const LONGEST_ID = 200;
/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNIQUE_VIOLATION = '23505';

export class Deliveries {
  readonly #database: Database;
  readonly #self: string;
  /** Claims that this process works on now: one that it holds without working on it was left by an error. */
  readonly #held = new Set<string>();
  #claiming: Promise<unknown> = Promise.resolve();

  constructor(database: Database, self: Worker) {
    this.#database = database;
    this.#self = self.id;
  }

  /**
   * Stores a delivery. A known one changes nothing, unless it had failed: then it is processed again.
   * @returns whether there is something to do.
   */
  async accept(
    { source, deliveryId, target, revision, place, people = {} }: NewDelivery,
    database: Database | Transaction = this.#database,
  ): Promise<boolean> {
    const { rowCount } = await database.query(
      `INSERT INTO mlops.config_deliveries AS known (source, delivery_id, target, revision, place, people)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (source, delivery_id) DO UPDATE
         SET ${AFRESH_SQL}
       WHERE known.status = 'Failed'`,
      [source, storedId(deliveryId), target, revision, storableJson(place), storableJson(people)],
    );
    if (rowCount === 1) await announceDue(database, 'deliveries');
    return rowCount === 1;
  }

  /** Claims the next delivery that is due and whose target is not being processed; undefined if there is none. */
  async claim(): Promise<Delivery | undefined> {
    // One after the other within this process: until it is known what was claimed, its claim looks like a left one.
    const claiming = this.#claiming.then(() => this.#claimNext());
    this.#claiming = claiming.catch(() => undefined);
    return await claiming;
  }

  async #claimNext(): Promise<Delivery | undefined> {
    await this.#database.query(
      `UPDATE mlops.config_deliveries SET claimed_by = NULL
        WHERE status IN ('Pending', 'Following') AND claimed_by IS NOT NULL
          AND CASE WHEN claimed_by = $1 THEN NOT id = ANY($2::bigint[])
                   ELSE claimed_by NOT IN (SELECT id FROM mlops.workers WHERE ended IS NULL) END`,
      [this.#self, [...this.#held]],
    );
    const { rows } = await this.#database
      .query<ClaimedRow>(
        `UPDATE mlops.config_deliveries SET claimed_by = $1, attempts = attempts + 1, updated = now()
          WHERE id = (SELECT id FROM mlops.config_deliveries
                       WHERE status IN ('Pending', 'Following') AND claimed_by IS NULL AND next_attempt <= now()
                         AND target NOT IN (SELECT target FROM mlops.config_deliveries
                                             WHERE status IN ('Pending', 'Following') AND claimed_by IS NOT NULL)
                       ORDER BY next_attempt, id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING *, (extract(epoch FROM now() - accepted) * 1000)::float8 AS age_ms`,
        [this.#self],
      )
      .catch((error: { code?: string }) => {
        // Another process has claimed one of the same target at this very moment.
        if (error.code === UNIQUE_VIOLATION) return { rows: [] };
        throw error;
      });
    const [row] = rows;
    if (!row) return undefined;
    this.#held.add(row.id);
    return toDelivery(row);
  }

  /** Keeps what was done so far, so that it is known after a crash. */
  async record(delivery: Delivery, results: readonly RequestResult[]): Promise<void> {
    await this.#update(delivery, 'results = $3', [storableJson(results)]);
  }

  /** Forgets a claim that could not be written: the row is free for the next claim of this process. */
  abandon(delivery: Delivery): void {
    this.#held.delete(delivery.id);
  }

  /** Postpones a delivery. */
  async postpone(delivery: Delivery, delayMs: number, detail: string | null): Promise<void> {
    await this.#update(
      delivery,
      `claimed_by = NULL, detail = $4, next_attempt = now() + $3 * interval '1 millisecond'`,
      [delayMs, textOrNull(detail)],
    );
    this.#held.delete(delivery.id);
  }

  /** The delivery now waits for its executions. */
  async awaitExecutions(delivery: Delivery, delayMs: number): Promise<void> {
    await this.#update(
      delivery,
      `status = 'Following', attempts = 0, claimed_by = NULL, next_attempt = now() + $3 * interval '1 millisecond'`,
      [delayMs],
    );
    this.#held.delete(delivery.id);
  }

  async finish(delivery: Delivery, end: DeliveryEnd, detail: string | null): Promise<void> {
    await this.#update(delivery, 'status = $3, detail = $4, claimed_by = NULL', [end, textOrNull(detail)]);
    this.#held.delete(delivery.id);
  }

  /** Only what is still ours: who was thought dead and was taken over from must not overwrite what the other did. */
  async #update(delivery: Delivery, changes: string, values: unknown[]): Promise<void> {
    await this.#database.query(
      `UPDATE mlops.config_deliveries SET ${changes}, updated = now() WHERE id = $1 AND claimed_by = $2`,
      [delivery.id, this.#self, ...values],
    );
  }
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

/** Senders choose their ids, and an index entry of PostgreSQL has room for 2,704 bytes: a long id is kept as its hash. */
function storedId(deliveryId: string): string {
  return deliveryId.length <= LONGEST_ID
    ? deliveryId
    : `sha256:${createHash('sha256').update(deliveryId).digest('hex')}`;
}

function toDelivery(row: ClaimedRow): Delivery {
  const { id, source, target, revision, place, people, status, results, attempts } = row;
  return {
    id,
    source,
    deliveryId: row.delivery_id,
    target,
    revision,
    place,
    people,
    status,
    results,
    attempts,
    ageMs: row.age_ms,
  };
}
