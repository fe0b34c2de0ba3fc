/** Writes the events of one operation in order and in batches, so that a verbose engine does not cause a query per event. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { untilDatabaseBack } from '../platform/database.ts';
import type { ExecutionEvents, NewEvent } from './events.ts';

/** An event stream is for people: further events of an operation are dropped, which is reported. */
const EVENTS_AT_MOST = 5_000;
/** Between two batches: each is a transaction, and a query for every subscriber. */
const PAUSE_MS = 100;

export class EventWriter {
  readonly #events: ExecutionEvents;
  readonly #executionId: string;
  readonly #place: Pick<NewEvent, 'stage' | 'environment'>;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #waiting: NewEvent[] = [];
  #writing: Promise<void> | undefined;
  #count = 0;

  constructor(
    events: ExecutionEvents,
    executionId: string,
    place: Pick<NewEvent, 'stage' | 'environment'>,
    log: Logger,
  ) {
    this.#events = events;
    this.#executionId = executionId;
    this.#place = place;
    this.#log = log;
  }

  /** Accepts an event (or nothing); returns immediately. */
  add(event: Omit<NewEvent, 'stage' | 'environment'> | undefined): void {
    if (!event || ++this.#count > EVENTS_AT_MOST) return;
    this.#waiting.push(
      this.#count === EVENTS_AT_MOST
        ? { ...this.#place, type: 'events.truncated', data: { limit: EVENTS_AT_MOST } }
        : { ...this.#place, ...event },
    );
    this.#writing ??= this.#write();
  }

  /** Resolves when everything is stored. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      // The first event is written at once; meanwhile, and in the pause after it, the next batch is collected.
      while (this.#waiting.length > 0) {
        const batch = this.#waiting;
        this.#waiting = [];
        await untilDatabaseBack(() => this.#events.append(this.#executionId, batch));
        await delay(PAUSE_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    } catch (error) {
      this.#log.error({ err: error }, 'events could not be stored');
    } finally {
      this.#writing = undefined;
    }
  }
}
