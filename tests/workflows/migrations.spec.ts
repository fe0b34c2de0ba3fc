import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { openDatabase } from '../../automation/platform/database.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { silent } from '../support/empty-database.ts';

const FOLDER = join(import.meta.dirname, '../../automation/platform/migrations');

const STAGES_WITHOUT_KIND = [
  { name: 'Source', status: 'Succeeded' },
  { name: 'DeployDev', status: 'Succeeded', environment: 'dev', outputs: { endpointName: 'churn' } },
  { name: 'ApproveStaging', status: 'Pending', environment: 'staging' },
  { name: 'Destroy', status: 'Pending', environment: 'main' },
];

/** What the catalogue says of our tables: every column with its type and default, every index. */
async function schemaOf(database: pg.Pool): Promise<unknown> {
  const columns = await database.query(
    `SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
     WHERE table_schema = 'mlops' AND table_name NOT IN ('migrations', 'applied_migrations')
     ORDER BY table_name, column_name`,
  );
  const indexes = await database.query(
    `SELECT indexdef FROM pg_indexes WHERE schemaname = 'mlops' AND tablename NOT IN ('migrations', 'applied_migrations')
     ORDER BY indexdef`,
  );
  return [columns.rows, indexes.rows];
}

describe('Migrations of the database', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let admin: pg.Pool;
  const files: string[] = [];

  before(async () => {
    folder = await temporaryFolder();
    server = await startPostgres(join(folder.path, 'postgres'));
    admin = new pg.Pool({ connectionString: server.url, max: 1 });
    files.push(...(await readdir(FOLDER)).sort());
  });
  after(async () => {
    await admin.end();
    await server.stop();
    await folder.remove();
  });

  async function createDatabase(name: string): Promise<string> {
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  function open(url: string, logger: Logger = silent) {
    return openDatabase({ url, waitSeconds: 30 }, logger);
  }

  async function appliedTo(database: pg.Pool): Promise<string[]> {
    const { rows } = await database.query<{ name: string }>('SELECT name FROM mlops.applied_migrations ORDER BY id');
    return rows.map(({ name }) => `${name}.sql`);
  }

  it('applies every file once, in order, however many processes start at the same time', async () => {
    const url = await createDatabase('several');
    const pools = await Promise.all([open(url), open(url), open(url)]);
    try {
      assert.deepEqual(await appliedTo(pools[0]), files);
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
    }
  });

  it('goes on from the version of a release that kept migrations in code, and keeps its rows', async () => {
    const fresh = await open(await createDatabase('fresh'));
    const expected = await schemaOf(fresh);
    await fresh.end();
    for (const version of [1, 3, 5]) {
      const url = await createDatabase(`version_${version}`);
      const old = new pg.Pool({ connectionString: url });
      await old.query('CREATE SCHEMA mlops; CREATE TABLE mlops.migrations (number integer PRIMARY KEY)');
      for (let number = 0; number < version; number++) {
        await old.query(await readFile(join(FOLDER, files[number] ?? ''), 'utf8'));
        await old.query('INSERT INTO mlops.migrations VALUES ($1)', [number]);
      }
      await old.query(`INSERT INTO mlops.pipelines (id, pipeline_type, model_name) VALUES ('kept', 'byom', 'churn')`);
      await old.query(
        `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages)
         VALUES (gen_random_uuid(), 'kept', 'provision', 1, 'Succeeded', 'ann', $1)`,
        [JSON.stringify(STAGES_WITHOUT_KIND)],
      );
      await old.end();

      const database = await open(url);
      try {
        assert.deepEqual(await appliedTo(database), files, `from version ${version}`);
        assert.deepEqual(await schemaOf(database), expected, `from version ${version}`);
        const { rows } = await database.query('SELECT id FROM mlops.pipelines');
        assert.deepEqual(rows, [{ id: 'kept' }]);
        const { rows: executions } = await database.query<{ stages: unknown }>('SELECT stages FROM mlops.executions');
        assert.deepEqual(executions, [
          {
            stages: [
              { ...STAGES_WITHOUT_KIND[0], kind: 'source' },
              { ...STAGES_WITHOUT_KIND[1], kind: 'deploy' },
              { ...STAGES_WITHOUT_KIND[2], kind: 'approve' },
              { ...STAGES_WITHOUT_KIND[3], kind: 'destroy' },
            ],
          },
        ]);
      } finally {
        await database.end();
      }
    }
  });

  it('finishes an adoption that broke off half-way', async () => {
    const url = await createDatabase('half');
    const old = new pg.Pool({ connectionString: url });
    await old.query('CREATE SCHEMA mlops; CREATE TABLE mlops.migrations (number integer PRIMARY KEY)');
    for (let number = 0; number < 5; number++) {
      await old.query(await readFile(join(FOLDER, files[number] ?? ''), 'utf8'));
      await old.query('INSERT INTO mlops.migrations VALUES ($1)', [number]);
    }
    await old.query(
      `CREATE TABLE mlops.applied_migrations (id serial PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);
       INSERT INTO mlops.applied_migrations (name, run_on) VALUES ('${(files[0] ?? '').replace('.sql', '')}', now())`,
    );
    await old.end();
    const database = await open(url);
    assert.deepEqual(await appliedTo(database), files);
    await database.end();
  });

  it('orders the files by a number of their own', () => {
    for (const file of files) assert.match(file, /^\d{4}_[a-z-]+\.sql$/);
    assert.equal(new Set(files.map((file) => file.slice(0, 4))).size, files.length);
  });
});
