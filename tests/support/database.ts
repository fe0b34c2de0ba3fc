/**
 * One PostgreSQL for all specs of a run, with a database of its own for each that asks. The server is started by the first
 * one, whichever process of the run it is in, and stopped when the run ends (run-hooks.ts).
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

let server: Promise<Postgres> | undefined;

/** An empty database. */
export async function createDatabase(): Promise<TestDatabase> {
  const { url: adminUrl } = await (server ??= startOnce());
  const name = `spec_${randomUUID().replaceAll('-', '')}`;
  await query(adminUrl, `CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => query(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
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
  return withFolderLock(join(folder, 'postgres.lock'), 'another process has started the server', 60_000, () =>
    startPostgres(join(folder, 'postgres')),
  );
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
