/** The PostgreSQL connection: waits for the server at start, keeps the schema up to date, and survives a server that goes away. */
import pg from 'pg';
import type { Logger } from 'pino';
import { OrchestratorError } from '../errors.ts';
import { migrate } from './migrate.ts';
import { poll } from './polling.ts';

export type Database = pg.Pool;
export type Transaction = pg.PoolClient;

const WAIT_STEP_MS = 500;

/**
 * Opens the pool once the server answers.
 * @throws OrchestratorError `DATABASE_UNAVAILABLE` after `waitSeconds`, naming host and reason (never the password).
 */
export async function openDatabase(settings: { url: string; waitSeconds: number }, logger: Logger): Promise<Database> {
  const pool = new pg.Pool({ connectionString: settings.url, max: 10, connectionTimeoutMillis: 5_000 });
  // An idle connection that breaks raises here; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ error: error.message }, 'an idle database connection broke'));
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
          `No database at ${describeUrl(settings.url)} within ${settings.waitSeconds} s: ${reasonOf(error)}. Is DATABASE_URL right and the server running?`,
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
  await migrate(pool, logger);
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

/** SQLSTATE classes and socket errors that mean "the server is away", not "the statement is wrong". */
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
]);

/** @returns whether the error says that the database cannot be reached just now. */
export function isDatabaseAway(error: unknown): boolean {
  for (let cause: unknown = error, depth = 0; cause && depth < 5; depth++) {
    const { code, message, errors } = cause as { code?: unknown; message?: unknown; errors?: unknown[] };
    if (typeof code === 'string' && (AWAY.has(code) || code.startsWith('08'))) return true;
    if (
      typeof message === 'string' &&
      /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(message)
    ) {
      return true;
    }
    if (Array.isArray(errors) && errors.some(isDatabaseAway)) return true;
    cause = (cause as { cause?: unknown }).cause;
  }
  return false;
}

/**
 * Runs database work that must not be lost, again and again while the server is away.
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
    await client.query('ROLLBACK').catch((rollback: Error) => (broken = rollback));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Held by the one process that sets the database up: any number that nothing else on this database uses. */
const SETUP_LOCK = 7_461_003;
const SETUP_POLL_MS = 100;

/**
 * Runs the set-up of a library that does not expect company: one process at a time. Asked again and again rather than
 * waited for in the database, because a waiting statement is a transaction that `CREATE INDEX CONCURRENTLY` waits for in turn.
 */
export async function oneAtATime<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const client = await database.connect();
  // Without a listener a connection that breaks would end the process; the work has connections of its own to fail on.
  client.on('error', () => undefined);
  try {
    const tryLock = async () => {
      const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [SETUP_LOCK]);
      return rows[0]?.mine ? { value: true } : undefined;
    };
    await poll(tryLock, { firstMs: SETUP_POLL_MS });
    return await work();
  } finally {
    // Closing the session gives the lock back, whatever happened.
    client.release(true);
  }
}
