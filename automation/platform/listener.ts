/**
 * One connection that receives PostgreSQL notifications for the whole process, and connects again after an outage.
 * Notifications sent in the meantime are lost: subscribers poll slowly as well.
 * @see https://www.postgresql.org/docs/current/sql-notify.html
 */
import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { connectionSettings } from './connection.ts';

const RECONNECT_MS = 2_000;

/** @param payload undefined after a reconnection: there may have been any */
type Subscriber = (payload: string | undefined) => void;

export class Listener {
  readonly #connectionString: string;
  readonly #logger: Logger;
  readonly #subscribers = new Map<string, Subscriber[]>();
  readonly #closed = new AbortController();
  #client: pg.Client | undefined;

  constructor(connectionString: string, logger: Logger) {
    this.#connectionString = connectionString;
    this.#logger = logger;
  }

  /** Call it before {@link start}. @param channel an SQL identifier */
  subscribe(channel: string, subscriber: Subscriber): void {
    this.#subscribers.set(channel, [...(this.#subscribers.get(channel) ?? []), subscriber]);
  }

  /** @throws the error of the first connection */
  async start(): Promise<void> {
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(connectionSettings(this.#connectionString));
    client.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''));
    let isListening = false;
    client.on('error', (error) => {
      // Before, the error is that of the connection or of a statement, and is thrown there.
      if (!isListening || this.#client !== client) return;
      this.#client = undefined;
      this.#logger.warn({ error: error.message }, 'the listener for notifications of the database lost its connection');
      void this.#reconnect();
    });
    try {
      await client.connect();
      for (const channel of this.#subscribers.keys()) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    isListening = true;
    if (this.#closed.signal.aborted) await client.end().catch(() => undefined);
    else this.#client = client;
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted && !this.#client) {
      await delay(RECONNECT_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#connect().catch(() => undefined);
    }
    for (const channel of this.#subscribers.keys()) this.#tell(channel, undefined);
  }

  #tell(channel: string, payload: string | undefined): void {
    for (const subscriber of this.#subscribers.get(channel) ?? []) subscriber(payload);
  }
}
