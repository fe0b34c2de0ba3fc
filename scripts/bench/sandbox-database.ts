/** The database of a running sandbox, for benchmarks that look into it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** @param home `SANDBOX_HOME` */
export async function databaseUrlOf(home: string): Promise<string> {
  const password = (await readFile(join(home, 'postgres', 'password'), 'utf8')).trim();
  return `postgresql://mlops:${encodeURIComponent(password)}@127.0.0.1:${(await postmaster(home)).port}/postgres`;
}

/** Process and port of the server. @see https://www.postgresql.org/docs/current/storage-file-layout.html */
export async function postmaster(home: string): Promise<{ pid: number; port: number }> {
  const [pid, , , port] = (await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
  return { pid: Number(pid), port: Number(port) };
}
