/**
 * The store of express-rate-limit that counts in the database, so that a limit holds for all processes together. While the
 * database is unavailable, requests pass uncounted: a limit protects the service and must not stop it.
 */
import type { ClientRateLimitInfo, Options, Store } from 'express-rate-limit';
import type { Logger } from 'pino';
import type { RequestCounts } from '../../automation/platform/request-counts.ts';
import { within } from '../../automation/platform/within.ts';

/** Counting takes a millisecond or two; no request waits longer than this for it. */
const PATIENCE_MS = 1_000;
/** After a failure the database is not used for this long, so that not every request has to wait for a timeout. */
const PAUSE_MS = 5_000;

export class SharedStore implements Store {
  readonly localKeys = false;
  readonly prefix: string;
  readonly #counts: RequestCounts;
  readonly #logger: Logger;
  #windowMs = 60_000;
  #pausedUntil = 0;
  #failing = false;

  /** @param name of the limit, so that limits do not count each other's requests */
  constructor(name: string, counts: RequestCounts, logger: Logger) {
    this.prefix = `${name}:`;
    this.#counts = counts;
    this.#logger = logger;
  }

  init({ windowMs }: Options): void {
    this.#windowMs = windowMs;
  }

  async increment(key: string): Promise<ClientRateLimitInfo> {
    if (performance.now() < this.#pausedUntil) return this.#uncounted();
    try {
      const { hits, resetsInMs } = await within(
        PATIENCE_MS,
        'The database',
        this.#counts.increment(this.prefix + key, this.#windowMs),
      );
      if (this.#failing) this.#logger.info('requests are counted again: rate limits apply');
      this.#failing = false;
      return { totalHits: hits, resetTime: new Date(Date.now() + resetsInMs) };
    } catch (error) {
      this.#pausedUntil = performance.now() + PAUSE_MS;
      if (!this.#failing) this.#logger.warn({ err: error }, 'requests cannot be counted: rate limits do not apply');
      this.#failing = true;
      return this.#uncounted();
    }
  }

  async decrement(key: string): Promise<void> {
    await this.#counts.decrement(this.prefix + key);
  }

  async resetKey(key: string): Promise<void> {
    await this.#counts.reset(this.prefix + key);
  }

  #uncounted(): ClientRateLimitInfo {
    return { totalHits: 1, resetTime: new Date(Date.now() + this.#windowMs) };
  }
}
