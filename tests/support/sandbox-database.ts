/** Looks into the database of a sandbox, and at the server behind it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** Process and port of the server of a home. */
export async function postmaster(home: string): Promise<{ pid: number; port: number }> {
  // Line 1 is the process, line 4 the port: https://www.postgresql.org/docs/current/storage-file-layout.html
  const [pid, , , port] = (await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
  return { pid: Number(pid), port: Number(port) };
}

/** One query on a connection of its own. */
export async function ask<T extends pg.QueryResultRow>(
  home: string,
  query: string,
  values: unknown[] = [],
): Promise<T[]> {
  const password = (await readFile(join(home, 'postgres', 'password'), 'utf8')).trim();
  const { port } = await postmaster(home);
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'mlops', password, database: 'postgres' });
  await client.connect();
  try {
    return (await client.query<T>(query, values)).rows;
  } finally {
    await client.end();
  }
}
