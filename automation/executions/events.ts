/** The events of executions, in order: stored in PostgreSQL, and streamed to live subscribers. */
import { EventEmitter, once } from 'node:events';
import type { Database } from '../platform/database.ts';
import type { Listener } from '../platform/listener.ts';
import type { ExecutionEvent, ExecutionStatus } from '../model.ts';
import { hasEnded } from './status.ts';
import { storableJson } from '../platform/storable.ts';

/** An event without a sequence number yet. */
export type NewEvent = Omit<ExecutionEvent, 'sequence' | 'at'> & { at?: string };

/** PostgreSQL notifications: the payload is the execution with new events. */
export const EVENTS_CHANNEL = 'mlops_execution_events';
/** A notification may be lost with its connection; a subscriber polls after this long at the latest. */
const LOOK_AGAIN_MS = 2_000;
const PAGE = 500;

interface EventRow {
  sequence: string;
  at: Date;
  type: string;
  stage: string | null;
  environment: ExecutionEvent['environment'] | null;
  data: Record<string, unknown>;
}

export class ExecutionEvents {
  readonly #database: Database;
  readonly #news = new EventEmitter().setMaxListeners(0);
  #closed = false;

  /** @param listener receives the events of all processes */
  constructor(database: Database, listener: Listener) {
    this.#database = database;
    listener.subscribe(EVENTS_CHANNEL, (executionId) => {
      for (const name of executionId === undefined ? this.#news.eventNames() : [executionId]) this.#news.emit(name);
    });
  }

  /**
   * Appends events; the sequence numbers come from the row of the execution, so concurrent writers cannot collide.
   * @param database a transaction if the events report what that transaction does
   */
  async append(
    executionId: string,
    events: NewEvent[],
    database: Pick<Database, 'query'> = this.#database,
  ): Promise<void> {
    if (events.length === 0) return;
    const at = new Date().toISOString();
    await database.query(
      `WITH counter AS (
         UPDATE mlops.executions SET last_sequence = last_sequence + $2, updated = now() WHERE id = $1
         RETURNING last_sequence - $2 AS base
       ), inserted AS (
         INSERT INTO mlops.execution_events (execution_id, sequence, at, type, stage, environment, data)
         SELECT $1, counter.base + e.position, (e.event->>'at')::timestamptz, e.event->>'type', e.event->>'stage',
                e.event->>'environment', e.event->'data'
           FROM counter, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e (event, position)
       )
       SELECT pg_notify('${EVENTS_CHANNEL}', $1::text)`,
      [executionId, events.length, storableJson(events.map((event) => ({ at, ...event })))],
    );
  }

  /** Events after a sequence number, oldest first. */
  async after(executionId: string, sequence: number, limit = PAGE): Promise<ExecutionEvent[]> {
    const { rows } = await this.#database.query<EventRow>(
      `SELECT sequence, at, type, stage, environment, data FROM mlops.execution_events
        WHERE execution_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
      [executionId, sequence, limit],
    );
    return rows.map((row) => ({
      sequence: Number(row.sequence),
      at: row.at.toISOString(),
      type: row.type,
      ...(row.stage ? { stage: row.stage } : {}),
      ...(row.environment ? { environment: row.environment } : {}),
      data: row.data,
    }));
  }

  /** Replays from `afterSequence`, then streams live events; ends when the execution has ended and all events were sent. */
  async *stream(executionId: string, afterSequence: number, signal: AbortSignal): AsyncIterable<ExecutionEvent> {
    for (let last = afterSequence; !signal.aborted && !this.#closed;) {
      const news = this.#nextNews(executionId, signal);
      // The status is read before the events: the end of an execution is written after its last event.
      const ended = await this.#hasEnded(executionId);
      const events = await this.after(executionId, last);
      for (const event of events) {
        yield event;
        last = event.sequence;
      }
      if (events.length === PAGE) continue;
      if (ended) return;
      await news;
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#closed = true;
    for (const name of this.#news.eventNames()) this.#news.emit(name);
  }

  async #nextNews(executionId: string, signal: AbortSignal): Promise<void> {
    const timeout = AbortSignal.timeout(LOOK_AGAIN_MS);
    await once(this.#news, executionId, { signal: AbortSignal.any([signal, timeout]) }).catch(() => undefined);
  }

  async #hasEnded(executionId: string): Promise<boolean> {
    const { rows } = await this.#database.query<{ status: ExecutionStatus }>(
      'SELECT status FROM mlops.executions WHERE id = $1',
      [executionId],
    );
    return !rows[0] || hasEnded(rows[0]);
  }
}
