/**
 * The latest result of a query that anyone may cause at any rate, such as the counts of `GET /metrics`: one query at a time,
 * and its result is kept for a while.
 */
import { within } from './within.ts';

export interface CachedSettings {
  /** How long a result is kept. */
  readonly keepMs: number;
  /** How long a caller waits for a query; the query itself goes on. */
  readonly patienceMs: number;
}

export class Cached<T> {
  readonly #read: () => Promise<T>;
  readonly #settings: CachedSettings;
  #latest: { result: Promise<T>; until: number } | undefined;

  constructor(read: () => Promise<T>, settings: CachedSettings) {
    this.#read = read;
    this.#settings = settings;
  }

  /** @throws the error of the query, which is not kept; Error if it takes too long */
  async get(): Promise<T> {
    return await within(this.#settings.patienceMs, 'The database', this.#current());
  }

  #current(): Promise<T> {
    if (this.#latest && performance.now() < this.#latest.until) return this.#latest.result;
    const latest = { result: this.#read(), until: Infinity };
    this.#latest = latest;
    latest.result.then(
      () => (latest.until = performance.now() + this.#settings.keepMs),
      () => (latest.until = 0),
    );
    return latest.result;
  }
}

/** Scrapers call every 15 to 60 s and wait 10 s, in which two of these may have to be waited for. */
export const FOR_METRICS: CachedSettings = { keepMs: 10_000, patienceMs: 4_000 };
