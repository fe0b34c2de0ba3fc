/**
 * Migrates the schema `mlops` when the service starts: applies the SQL files in `migrations/`, each once, in numerical order.
 * Called by `openDatabase`, before anything else reads a table.
 */
import { runner } from 'node-pg-migrate';
import type { RunnerOption } from 'node-pg-migrate';
import pg from 'pg';
import type { Logger } from 'pino';
import { fileURLToPath } from 'node:url';
import { unlimitedConnectionSettings } from './connection.ts';

const FOLDER = fileURLToPath(new URL('migrations', import.meta.url));
const SCHEMA = 'mlops';

/** Which SQL files have been applied. `mlops.migrations` is the table of releases that kept migrations in code. */
const APPLIED_TABLE = 'applied_migrations';

/** An advisory lock that no other part of the service uses; releases that kept migrations in code take the same one. */
const MIGRATION_LOCK = 7_461_001;

/**
 * Applies the migrations that the database does not have yet, all of them or none. Processes that start at the same
 * time wait for each other.
 * @throws the error of PostgreSQL, if a migration fails; the database is then as it was.
 */
export async function migrate(databaseUrl: string, logger: Logger): Promise<void> {
  const client = new pg.Client(unlimitedConnectionSettings(databaseUrl));
  // A connection that breaks between two statements emits an error here; without a listener it would end the process.
  client.on('error', (error) => logger.warn({ error: error.message }, 'the connection of a migration broke'));
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const options: RunnerOption = {
      dbClient: client,
      dir: FOLDER,
      direction: 'up',
      migrationsSchema: SCHEMA,
      migrationsTable: APPLIED_TABLE,
      createMigrationsSchema: true,
      singleTransaction: true,
      // Our lock is already held: the adoption below must run under the same lock.
      noLock: true,
      logger: {
        debug: (message) => logger.debug(message),
        info: (message) => logger.debug(message),
        warn: (message) => logger.warn(message),
        error: (message) => logger.error(message),
      },
    };
    const adopted = await migrationsInCode(client);
    if (adopted > 0) await runner({ ...options, count: adopted, fake: true });
    const applied = await runner(options);
    if (applied.length > 0) {
      logger.info({ adopted, applied: applied.map(({ name }) => name) }, 'the database was migrated');
    }
  } finally {
    // Closing the session releases the lock in any case.
    await client.end();
  }
}

/**
 * How many of the first SQL files have already been applied, one for one, by a release that kept migrations in code. They
 * are marked as applied without being run. The old table stays: an older process may still start in parallel.
 */
async function migrationsInCode(client: pg.Client): Promise<number> {
  const inCode = await countRows(client, `${SCHEMA}.migrations`);
  return inCode === 0 ? 0 : Math.max(0, inCode - (await countRows(client, `${SCHEMA}.${APPLIED_TABLE}`)));
}

async function countRows(client: pg.Client, table: string): Promise<number> {
  const found = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
  if (!found.rows[0]?.exists) return 0;
  const counted = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return counted.rows[0]?.count ?? 0;
}
