/**
 * One PostgreSQL for all specs of a run, with a database of its own for each that asks. The server is started by the first
 * one, whichever process of the run it is in, and stopped when the run ends (run-hooks.ts).
 *
 * Setting up the tables of the service and of DBOS takes half a second of CPU time, most of it the server's. It is done once, in
 * a template of which the others are copies: as where a service is started again. A first start has its own specs
 * (tests/workflows/migrations.spec.ts, tests/faults/takeover.spec.ts).
 */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Postgres } from '../../sandbox/postgres.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { withFolderLock } from './folder-lock.ts';

export interface TestDatabase {
  /** For `DATABASE_URL`. */
  readonly url: string;
  /** Ends every session and removes the database. */
  drop(): Promise<void>;
}

/** Has the tables of the service, and nothing in them. */
const TEMPLATE = 'service_template';
/** Some times of what it takes on a busy machine. */
const BEGUN_WITHIN_MS = 60_000;

let server: Promise<Postgres> | undefined;

/** A database that a service has set up. */
export async function createDatabase(): Promise<TestDatabase> {
  // Copied file by file: a third cheaper here than through the log.
  return await create(` TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
}

/** A database that no service has used yet. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return await create('');
}

async function create(options: string): Promise<TestDatabase> {
  const { url: adminUrl } = await (server ??= startOnce());
  const name = `spec_${randomUUID().replaceAll('-', '')}`;
  await query(adminUrl, `CREATE DATABASE ${name}${options}`);
  return {
    url: databaseUrl(adminUrl, name),
    drop: async () => void (await query(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** @param runFolder of a run that has ended */
export async function stopServer(runFolder: string): Promise<void> {
  const home = join(runFolder, 'postgres');
  const isMade = await stat(home).catch(() => undefined);
  if (isMade) await (await startPostgres(home)).stop();
}

/** Starting twice is safe, but not at the same time. */
async function startOnce(): Promise<Postgres> {
  const folder = process.env.TEST_RUN_FOLDER;
  if (!folder)
    throw new Error('TEST_RUN_FOLDER is not set: run specs with mocha and the .mocharc.cjs of this repository.');
  const lock = join(folder, 'postgres.lock');
  return await withFolderLock(lock, 'another process has started the server', BEGUN_WITHIN_MS, async () => {
    const started = await startPostgres(join(folder, 'postgres'));
    await makeTemplate(started.url);
    return started;
  });
}

/** If another process of the run has not made it already. What a killed one left is made again. */
async function makeTemplate(adminUrl: string): Promise<void> {
  // Most processes that import this file never get here.
  const [{ ensureSystemDatabase }, { GlobalLogger }, { pino }, { migrate }] = await Promise.all([
    import('@dbos-inc/dbos-sdk/internal/system_database'),
    import('@dbos-inc/dbos-sdk/internal/telemetry/logs'),
    import('pino'),
    import('../../automation/platform/migrate.ts'),
  ]);
  const making = `${TEMPLATE}_making`;
  const made = await query(adminUrl, `SELECT FROM pg_database WHERE datname = '${TEMPLATE}'`);
  if (made > 0) return;
  await query(adminUrl, `DROP DATABASE IF EXISTS ${making} WITH (FORCE)`);
  await query(adminUrl, `CREATE DATABASE ${making}`);
  await migrate(databaseUrl(adminUrl, making), pino({ level: 'silent' }));
  // It would say that it migrates, in the middle of the test report.
  const silent = Object.assign(new GlobalLogger(), { info: () => undefined });
  await ensureSystemDatabase(databaseUrl(adminUrl, making), silent);
  await query(adminUrl, `ALTER DATABASE ${making} RENAME TO ${TEMPLATE}`);
}

function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** @returns how many rows it has found */
async function query(url: string, text: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query(text);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
