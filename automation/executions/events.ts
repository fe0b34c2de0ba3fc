/** The events of executions, in order: stored in PostgreSQL, and streamed to live subscribers. */
import { EventEmitter } from 'node:events';
import type { Database } from '../platform/database.ts';
import type { Listener } from '../platform/listener.ts';
import type { ExecutionEvent, ExecutionStatus } from '../model.ts';
import type { Insertion } from '../platform/combined.ts';
import { EventReads, PAGE } from './event-reads.ts';
import { executionNotFound } from './not-found.ts';
import { hasEnded } from './status.ts';
import { storableJson } from '../platform/storable.ts';

/** An event without a sequence number yet. */
export type NewEvent = Omit<ExecutionEvent, 'sequence' | 'at'> & { at?: string };

/** PostgreSQL notifications: the payload is the execution with new events. */
export const EVENTS_CHANNEL = 'mlops_execution_events';
/** A notification may be lost with its connection; a subscriber polls after this long at the latest. */
const LOOK_AGAIN_MS = 2_000;
export const FIRST_SEQUENCE = 1;

/**
 * The first event of an execution that is stored with it, and with a `last_sequence` of {@link FIRST_SEQUENCE}. Not announced:
 * nobody can have subscribed to the events of an execution that did not exist.
 */
export function firstEvent(executionId: string, { type, data }: Pick<NewEvent, 'type' | 'data'>): Insertion {
  return {
    into: 'mlops.execution_events',
    row: { execution_id: executionId, sequence: FIRST_SEQUENCE, at: new Date(), type, data: storableJson(data) },
  };
}

export class ExecutionEvents {
  readonly #database: Database;
  readonly #reads: EventReads;
  readonly #news = new EventEmitter().setMaxListeners(0);
  #closed = false;

  /** @param listener receives the events of all processes */
  constructor(database: Database, listener: Listener) {
    this.#database = database;
    this.#reads = new EventReads(database);
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
    await database.query({
      // Planning costs as much as running it.
      name: 'append-events',
      text: `WITH counter AS (
               UPDATE mlops.executions SET last_sequence = last_sequence + $2, updated = now() WHERE id = $1
               RETURNING last_sequence - $2 AS base
             ), inserted AS (
               INSERT INTO mlops.execution_events (execution_id, sequence, at, type, stage, environment, data)
               SELECT $1, counter.base + e.position, (e.event->>'at')::timestamptz, e.event->>'type', e.event->>'stage',
                      e.event->>'environment', e.event->'data'
                 FROM counter, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e (event, position)
             )
             SELECT pg_notify('${EVENTS_CHANNEL}', $1::text)`,
      values: [executionId, events.length, storableJson(events.map((event) => ({ at, ...event })))],
    });
  }

  /**
   * The status of an execution, for its subscribers.
   * @throws OrchestratorError `EXECUTION_NOT_FOUND`
   */
  async status(executionId: string): Promise<ExecutionStatus> {
    const { status } = await this.#reads.after(executionId, Number.MAX_SAFE_INTEGER);
    if (!status) throw executionNotFound(executionId);
    return status;
  }

  /** Replays from `afterSequence`, then streams live events; ends when the execution has ended and all events were sent. */
  async *stream(executionId: string, afterSequence: number, signal: AbortSignal): AsyncIterable<ExecutionEvent> {
    for (let last = afterSequence; !signal.aborted && !this.#closed;) {
      const news = this.#nextNews(executionId, signal);
      try {
        const { events, status } = await this.#reads.after(executionId, last);
        for (const event of events) {
          yield event;
          last = event.sequence;
        }
        if (events.length === PAGE) continue;
        if (!status || hasEnded({ status })) return;
        await news.come;
      } finally {
        news.stop();
      }
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#closed = true;
    for (const name of this.#news.eventNames()) this.#news.emit(name);
  }

  /** Called for every batch of events by every subscriber: plain listeners cost a tenth of what combined signals do. */
  #nextNews(executionId: string, signal: AbortSignal): { come: Promise<undefined>; stop: () => void } {
    const { promise: come, resolve } = Promise.withResolvers<undefined>();
    const onNews = () => resolve(undefined);
    const timeout = setTimeout(onNews, LOOK_AGAIN_MS).unref();
    this.#news.once(executionId, onNews);
    signal.addEventListener('abort', onNews, { once: true });
    return {
      come,
      stop: () => {
        clearTimeout(timeout);
        this.#news.off(executionId, onNews);
        signal.removeEventListener('abort', onNews);
      },
    };
  }
}
