/** The PostgreSQL connection: waits for the server at start, keeps the schema up to date, and survives a server that goes away. */
import pg from 'pg';
import type { Logger } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestratorError } from '../errors.ts';

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
  for (let announced = false; ;) {
    try {
      await pool.query('SELECT 1');
      break;
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
      await delay(WAIT_STEP_MS);
    }
  }
  await migrate(pool);
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
  for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || Date.now() >= deadline) throw error;
      await delay(wait);
    }
  }
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

/** Any number that nothing else on this database uses for an advisory lock. */
const MIGRATION_LOCK = 7_461_001;

/** Held by the one process that sets the database up. */
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
    for (let mine = false; !mine;) {
      const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [SETUP_LOCK]);
      mine = rows[0]?.mine ?? false;
      if (!mine) await delay(SETUP_POLL_MS);
    }
    return await work();
  } finally {
    // Closing the session gives the lock back, whatever happened.
    client.release(true);
  }
}

/** Each entry is applied once, in order, and never changed afterwards. */
const MIGRATIONS = [
  `
  CREATE TABLE mlops.pipelines (
    id            text PRIMARY KEY,
    pipeline_type text NOT NULL,
    model_name    text NOT NULL,
    revision      integer NOT NULL DEFAULT 0,
    deleted       boolean NOT NULL DEFAULT false,
    created       timestamptz NOT NULL DEFAULT now(),
    updated       timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE mlops.revisions (
    pipeline_id  text NOT NULL REFERENCES mlops.pipelines (id),
    number       integer NOT NULL,
    digest       text NOT NULL,
    request      jsonb NOT NULL,
    requested_by text NOT NULL,
    created      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pipeline_id, number)
  );
  CREATE TABLE mlops.executions (
    id            uuid PRIMARY KEY,
    pipeline_id   text NOT NULL REFERENCES mlops.pipelines (id),
    kind          text NOT NULL,
    revision      integer NOT NULL,
    ordinal       bigint GENERATED ALWAYS AS IDENTITY,
    status        text NOT NULL,
    requested_by  text NOT NULL,
    stages        jsonb NOT NULL,
    last_sequence bigint NOT NULL DEFAULT 0,
    dispatched    timestamptz,
    created       timestamptz NOT NULL DEFAULT now(),
    updated       timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX executions_by_pipeline ON mlops.executions (pipeline_id, ordinal);
  CREATE INDEX executions_unfinished ON mlops.executions (status) WHERE status IN ('Queued', 'InProgress');
  CREATE TABLE mlops.execution_events (
    execution_id uuid NOT NULL REFERENCES mlops.executions (id),
    sequence     bigint NOT NULL,
    at           timestamptz NOT NULL,
    type         text NOT NULL,
    stage        text,
    environment  text,
    data         jsonb NOT NULL,
    PRIMARY KEY (execution_id, sequence)
  );
  CREATE TABLE mlops.workers (
    id        text PRIMARY KEY,
    host      text NOT NULL,
    pid       integer NOT NULL,
    started   text NOT NULL,
    heartbeat timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE mlops.stack_leases (
    stack         text PRIMARY KEY,
    token         uuid NOT NULL,
    holder        text NOT NULL,
    worker_id     text NOT NULL,
    host          text NOT NULL,
    child_pid     integer,
    child_started text,
    acquired      timestamptz NOT NULL DEFAULT now()
  );
  `,
  // Promotion: what waits for approval, what was decided, who asked for what, and who was told.
  `
  ALTER TABLE mlops.executions
    ADD COLUMN approval          jsonb,
    ADD COLUMN decisions         jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN approved          jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN attempt           integer NOT NULL DEFAULT 1,
    ADD COLUMN cancelled_by      text,
    ADD COLUMN waits_for         uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN blueprint_version text;
  DROP INDEX mlops.executions_unfinished;
  CREATE INDEX executions_unfinished ON mlops.executions (status)
    WHERE status IN ('Queued', 'InProgress', 'AwaitingApproval');
  CREATE TABLE mlops.notifications (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT now(),
    kind         text NOT NULL,
    pipeline_id  text,
    execution_id uuid,
    environment  text,
    subject      text NOT NULL,
    message      text NOT NULL,
    data         jsonb NOT NULL DEFAULT '{}',
    attempts     integer NOT NULL DEFAULT 0,
    delivered    timestamptz
  );
  CREATE INDEX notifications_undelivered ON mlops.notifications (id) WHERE delivered IS NULL;
  CREATE INDEX notifications_by_pipeline ON mlops.notifications (pipeline_id, id);
  CREATE TABLE mlops.audit (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT now(),
    principal    text NOT NULL,
    action       text NOT NULL,
    pipeline_id  text,
    execution_id uuid,
    environment  text,
    detail       jsonb NOT NULL DEFAULT '{}'
  );
  CREATE INDEX audit_by_pipeline ON mlops.audit (pipeline_id, id);
  CREATE INDEX audit_by_principal ON mlops.audit (principal, id);
  `,
  // Delivery of notifications, each on its own; reading of audit and notifications by execution.
  `
  ALTER TABLE mlops.notifications
    ADD COLUMN delivery     text NOT NULL DEFAULT 'pending',
    ADD COLUMN next_attempt timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN last_error   text;
  UPDATE mlops.notifications SET delivery = 'delivered' WHERE delivered IS NOT NULL;
  DROP INDEX mlops.notifications_undelivered;
  CREATE INDEX notifications_pending ON mlops.notifications (pipeline_id, id) WHERE delivery = 'pending';
  CREATE INDEX notifications_by_execution ON mlops.notifications (execution_id, id);
  CREATE INDEX audit_by_execution ON mlops.audit (execution_id, id);
  `,
  // Drift: looks at whether environments still are what was deployed to them; one at a time for each stack.
  `
  CREATE TABLE mlops.drift_checks (
    id           uuid PRIMARY KEY,
    pipeline_id  text NOT NULL REFERENCES mlops.pipelines (id),
    environment  text NOT NULL,
    stack        text NOT NULL,
    ordinal      bigint GENERATED ALWAYS AS IDENTITY,
    status       text NOT NULL,
    requested_by text NOT NULL,
    created      timestamptz NOT NULL DEFAULT now(),
    dispatched   timestamptz,
    started      timestamptz,
    ended        timestamptz,
    findings     jsonb NOT NULL DEFAULT '[]',
    error        jsonb
  );
  CREATE INDEX drift_checks_by_pipeline ON mlops.drift_checks (pipeline_id, environment, ordinal);
  CREATE INDEX drift_checks_undispatched ON mlops.drift_checks (ordinal) WHERE dispatched IS NULL;
  CREATE UNIQUE INDEX drift_checks_unfinished ON mlops.drift_checks (stack) WHERE status IN ('Queued', 'InProgress');
  `,
  // Configuration as data: what was delivered and what became of it, and how far each polled remote has been read.
  `
  CREATE TABLE mlops.config_deliveries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source       text NOT NULL,
    delivery_id  text NOT NULL,
    target       text NOT NULL,
    revision     text NOT NULL,
    place        jsonb NOT NULL,
    status       text NOT NULL DEFAULT 'Pending',
    results      jsonb NOT NULL DEFAULT '[]',
    detail       text,
    attempts     integer NOT NULL DEFAULT 0,
    next_attempt timestamptz NOT NULL DEFAULT now(),
    claimed_by   text,
    accepted     timestamptz NOT NULL DEFAULT now(),
    updated      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, delivery_id)
  );
  CREATE INDEX config_deliveries_open ON mlops.config_deliveries (next_attempt) WHERE status IN ('Pending', 'Following');
  CREATE TABLE mlops.config_polls (
    target      text PRIMARY KEY,
    last_commit text,
    failures    integer NOT NULL DEFAULT 0,
    next_poll   timestamptz NOT NULL DEFAULT now()
  );
  `,
];

async function migrate(database: Database): Promise<void> {
  await inTransaction(database, async (transaction) => {
    await transaction.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await transaction.query('CREATE SCHEMA IF NOT EXISTS mlops');
    await transaction.query('CREATE TABLE IF NOT EXISTS mlops.migrations (number integer PRIMARY KEY)');
    const { rows } = await transaction.query<{ count: number }>('SELECT count(*)::int AS count FROM mlops.migrations');
    for (let number = rows[0]?.count ?? 0; number < MIGRATIONS.length; number++) {
      await transaction.query(MIGRATIONS[number] ?? '');
      await transaction.query('INSERT INTO mlops.migrations VALUES ($1)', [number]);
    }
  });
}
