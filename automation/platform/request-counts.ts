/** Counts requests for the rate limits of all API processes together. Used by api/middleware/shared-store.ts. */
import { createHash } from 'node:crypto';
import type { Database } from './database.ts';

export interface RequestCount {
  /** In the current window, including this request. */
  readonly hits: number;
  readonly resetsInMs: number;
}

/** Interval between two removals of expired counts. */
const CLEAN_EVERY_MS = 60_000;

export class RequestCounts {
  readonly #database: Pick<Database, 'query'>;
  #cleaned = performance.now();

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /**
   * Counts one request. The first one after the end of a window starts the next window.
   * @param key of any length: its hash is stored
   */
  async increment(key: string, windowMs: number): Promise<RequestCount> {
    this.#clean();
    const { rows } = await this.#database.query<{ hits: number; ms: number }>(
      `INSERT INTO mlops.request_counts AS kept (key, hits, resets) VALUES ($1, 1, now() + make_interval(secs => $2))
       ON CONFLICT (key) DO UPDATE SET
         hits = CASE WHEN kept.resets <= now() THEN 1 ELSE kept.hits + 1 END,
         resets = CASE WHEN kept.resets <= now() THEN excluded.resets ELSE kept.resets END
       RETURNING hits, (extract(epoch FROM resets - now()) * 1000)::float8 AS ms`,
      [hashOf(key), windowMs / 1_000],
    );
    const [row] = rows;
    if (!row) throw new Error('The count of requests was not returned.');
    return { hits: row.hits, resetsInMs: Math.max(0, row.ms) };
  }

  async decrement(key: string): Promise<void> {
    await this.#database.query('UPDATE mlops.request_counts SET hits = hits - 1 WHERE key = $1 AND hits > 0', [
      hashOf(key),
    ]);
  }

  async reset(key: string): Promise<void> {
    await this.#database.query('DELETE FROM mlops.request_counts WHERE key = $1', [hashOf(key)]);
  }

  /** Runs in the background of a request, which does not wait for it; a failed cleanup is repeated the next time. */
  #clean(): void {
    if (performance.now() - this.#cleaned < CLEAN_EVERY_MS) return;
    this.#cleaned = performance.now();
    this.#database
      .query(
        `DELETE FROM mlops.request_counts WHERE key IN
           (SELECT key FROM mlops.request_counts WHERE resets < now() ORDER BY resets LIMIT 10000 FOR UPDATE SKIP LOCKED)`,
      )
      .catch(() => undefined);
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
