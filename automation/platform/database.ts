/** The PostgreSQL connection: waits for the server at start, keeps the schema up to date, and survives outages of the server. */
import pg from 'pg';
import type { Logger } from 'pino';
import { OrchestratorError } from '../errors.ts';
import { tryClaim } from './claims.ts';
import { connectionSettings } from './connection.ts';
import { migrate } from './migrate.ts';
import { poll } from './polling.ts';

export type Database = pg.Pool;
export type Transaction = pg.PoolClient;

const WAIT_STEP_MS = 500;
/** A connection costs a process of the server and an exchange of passwords: one in use every now and then is kept. */
const IDLE_MS = 300_000;
/** At most, of one process. */
const CONNECTIONS = 10;
const REQUEST_CONNECTIONS = 4;

/**
 * Opens the pool once the server responds.
 * @throws OrchestratorError `DATABASE_UNAVAILABLE` after `waitSeconds`, naming host and reason (never the password).
 */
export async function openDatabase(settings: { url: string; waitSeconds: number }, logger: Logger): Promise<Database> {
  const pool = poolOf(settings.url, { max: CONNECTIONS }, logger);
  const deadline = Date.now() + settings.waitSeconds * 1_000;
  let announced = false;
  const answers = async () => {
    try {
      return { value: await pool.query('SELECT 1') };
    } catch (error) {
      if (Date.now() >= deadline) {
        await pool.end();
        throw new OrchestratorError(
          'DATABASE_UNAVAILABLE',
          `No database at ${describeUrl(settings.url)} within ${settings.waitSeconds} s: ${reasonOf(error)}. Check that DATABASE_URL is correct and the server is running.`,
          { cause: error },
        );
      }
      if (!announced) {
        logger.warn(
          { database: describeUrl(settings.url), reason: reasonOf(error), waitSeconds: settings.waitSeconds },
          'waiting for the database',
        );
        announced = true;
      }
      return undefined;
    }
  };
  await poll(answers, { firstMs: WAIT_STEP_MS });
  await migrate(settings.url, logger);
  return pool;
}

/**
 * Connections of their own for requests, so that these are answered while operations and event streams use all others. One is
 * made now, in the background, and kept.
 * @param url of a database that {@link openDatabase} has opened
 */
export function openForRequests(url: string, logger: Logger): Database {
  // An idle one keeps no process alive, such as one whose start has failed.
  const pool = poolOf(url, { max: REQUEST_CONNECTIONS, min: 1, allowExitOnIdle: true }, logger);
  // An outage is met again by whatever needs the database.
  pool.query('SELECT 1').catch(() => undefined);
  return pool;
}

function poolOf(url: string, size: Pick<pg.PoolConfig, 'max' | 'min' | 'allowExitOnIdle'>, logger: Logger): Database {
  const pool = new pg.Pool({ ...connectionSettings(url), ...size, idleTimeoutMillis: IDLE_MS });
  // A broken idle connection emits an error here; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ error: error.message }, 'an idle database connection broke'));
  return pool;
}

/** Host and database only. */
function describeUrl(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || '5432'}${pathname}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  const { code, message } = error as { code?: string; message?: string };
  return message || code || String(error);
}

/**
 * SQLSTATE classes and socket errors that mean "server unavailable" or "timeout", not "invalid statement".
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  // The disk or the memory of the server is full.
  '53100',
  '53200',
  // A limit of connection.ts: statement, lock, idle in a transaction.
  '57014',
  '55P03',
  '25P03',
]);

/** Error of `pg` for its own timeout; the connection still waits for the response and cannot be used again. */
const READ_TIMEOUT = /Query read timeout/;

/** @returns whether the error means that the database is currently unavailable. */
export function isDatabaseAway(error: unknown): boolean {
  for (let cause: unknown = error, depth = 0; cause && depth < 5; depth++) {
    const { code, message, errors } = cause as { code?: unknown; message?: unknown; errors?: unknown[] };
    if (typeof code === 'string' && (AWAY.has(code) || code.startsWith('08'))) return true;
    if (
      typeof message === 'string' &&
      /Connection terminated|timeout exceeded when trying to connect|not queryable|Query read timeout/.test(message)
    ) {
      return true;
    }
    if (Array.isArray(errors) && errors.some(isDatabaseAway)) return true;
    cause = (cause as { cause?: unknown }).cause;
  }
  return false;
}

/**
 * Runs database work that must not be lost, and retries it while the server is unavailable.
 * @param patienceMs how long to try before the last error is thrown.
 */
export async function untilDatabaseBack<T>(work: () => Promise<T>, patienceMs = 15 * 60_000): Promise<T> {
  const deadline = Date.now() + patienceMs;
  const attempt = async () => {
    try {
      return { value: await work() };
    } catch (error) {
      if (!isDatabaseAway(error) || Date.now() >= deadline) throw error;
      return undefined;
    }
  };
  return await poll(attempt, { firstMs: 100, longestMs: 2_000 });
}

/** Runs `work` in one transaction. */
export async function inTransaction<T>(database: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client = await database.connect();
  let broken: Error | undefined;
  // A connection that breaks between two statements raises here; without a listener it would end the process.
  const onError = (error: Error) => (broken = error);
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    if (READ_TIMEOUT.test((error as Error).message)) broken = error as Error;
    else await client.query('ROLLBACK').catch((rollback: Error) => (broken = rollback));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

const SETUP_CLAIM = 'set-up';
/** Longer than a set-up takes. */
const SETUP_CLAIM_SECONDS = 120;
const SETUP_POLL_MS = 100;

/**
 * Serializes the set-up of a library that does not support concurrent starts: one process at a time. Polls rather than
 * blocking in the database, because a blocked statement is a transaction that `CREATE INDEX CONCURRENTLY` waits for in turn.
 */
export async function withStartupLock<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const claim = await poll(
    async () => {
      const value = await tryClaim(database, SETUP_CLAIM, SETUP_CLAIM_SECONDS);
      return value && { value };
    },
    { firstMs: SETUP_POLL_MS },
  );
  try {
    return await work();
  } finally {
    // If the database is gone, the connection has already ended.
    await claim.release().catch(() => undefined);
  }
}
