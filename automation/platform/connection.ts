/**
 * Settings of every connection to PostgreSQL, including the durable engine's: nothing waits indefinitely for a hanging server,
 * for a lock, or for a process that stopped in the middle of a transaction. `DATABASE_URL` may set other limits with
 * parameters of the same names. Used by database.ts, events.ts and start.ts.
 * @see https://www.postgresql.org/docs/current/runtime-config-client.html
 */
import type pg from 'pg';

/** In milliseconds. The limits of the server are shorter than ours, so that its error gives the reason. */
export const LIMITS = {
  connectionTimeoutMillis: 5_000,
  lock_timeout: 10_000,
  statement_timeout: 15_000,
  /** For a server that does not respond at all. */
  query_timeout: 20_000,
  /** A paused process holds its locks no longer than this. */
  idle_in_transaction_session_timeout: 30_000,
} as const;

/** Migrations of the durable engine wait for the creation of indexes. */
const ENGINE_LIMITS = {
  lock_timeout: 10_000,
  statement_timeout: 120_000,
  query_timeout: 125_000,
  idle_in_transaction_session_timeout: 30_000,
  keepAlive: 1,
} as const;

/** For `pg.Pool` and `pg.Client`. Parameters in the URL take precedence. */
export function connectionSettings(url: string): pg.ClientConfig {
  return { connectionString: url, keepAlive: true, ...LIMITS };
}

/** For work of unlimited duration: migrations, and the session that holds the lock during setup. */
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
