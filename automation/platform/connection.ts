/**
 * How every connection to PostgreSQL is made, the durable engine's included: nothing waits without end for a server that
 * hangs, for a lock, or for a process that stopped in the middle of a transaction. `DATABASE_URL` may set other limits by
 * parameters of the same names. Used by database.ts, events.ts and start.ts.
 * @see https://www.postgresql.org/docs/current/runtime-config-client.html
 */
import type pg from 'pg';

/** In milliseconds. The server's own limits are shorter than ours, so that its answer says what it was. */
export const LIMITS = {
  connectionTimeoutMillis: 5_000,
  lock_timeout: 10_000,
  statement_timeout: 15_000,
  /** Until the answer is there, for a server that does not even refuse any more. */
  query_timeout: 20_000,
  /** A process that was stopped holds its locks no longer than this. */
  idle_in_transaction_session_timeout: 30_000,
} as const;

/** Migrations of the durable engine wait for indexes to be made. */
const ENGINE_LIMITS = {
  lock_timeout: 10_000,
  statement_timeout: 120_000,
  query_timeout: 125_000,
  idle_in_transaction_session_timeout: 30_000,
  keepAlive: 1,
} as const;

/** For `pg.Pool` and `pg.Client`. What the URL says itself goes before. */
export function connectionSettings(url: string): pg.ClientConfig {
  return { connectionString: url, keepAlive: true, ...LIMITS };
}

/** For work that takes as long as it takes: migrations, and the session that holds the lock of the set-up. */
export function unlimitedConnectionSettings(url: string): pg.ClientConfig {
  return { connectionString: url, keepAlive: true, connectionTimeoutMillis: LIMITS.connectionTimeoutMillis };
}

/** The URL for a library that makes its own connections. */
export function limitedUrl(url: string): string {
  const limited = new URL(url);
  for (const [name, value] of Object.entries(ENGINE_LIMITS)) {
    if (!limited.searchParams.has(name)) limited.searchParams.set(name, String(value));
  }
  return limited.href;
}
