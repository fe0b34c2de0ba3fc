/** `npm run bench -- idle`: what a service without work costs, and how soon it starts work that comes. Linux only. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startSandboxProcess } from '../sandbox-process.ts';
import { realtimeRequest } from './request.ts';
import { ms, quantile } from './statistics.ts';

const SETTLE_MS = 10_000;
const MEASURE_MS = 30_000;
const REQUESTS = 10;
/** Clock ticks a second of proc(5): 100 on every Linux that Node runs on. */
const TICKS = 100;

export async function idle(home: string): Promise<void> {
  const sandbox = await startSandboxProcess({ SANDBOX_HOME: home, SANDBOX_SPEED: '0' });
  try {
    const database = await connect(home);
    const server = Number((await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    await delay(SETTLE_MS);
    const before = { cpu: await cpuSeconds([sandbox.pid, server]), transactions: await transactions(database) };
    await delay(MEASURE_MS);
    const after = { cpu: await cpuSeconds([sandbox.pid, server]), transactions: await transactions(database) };
    const seconds = MEASURE_MS / 1_000;
    const share = ((after.cpu - before.cpu) / seconds) * 100;
    console.log(`at rest          ${share.toFixed(2)} % of a core (service, children and database)`);
    // The two looks at the counter are transactions themselves.
    console.log(`transactions     ${((after.transactions - before.transactions - 1) / seconds).toFixed(2)} a second`);
    const client = new OrchestratorClient(sandbox.url);
    const latencies: number[] = [];
    for (let i = 0; i < REQUESTS; i++) latencies.push(await startLatency(client, `idle-${i}`));
    console.log(
      `start of work    p50 ${ms(quantile(latencies, 0.5))}  p99 ${ms(quantile(latencies, 0.99))} after the request`,
    );
    await database.end();
  } finally {
    await sandbox.stop();
  }
}

/** From the request until the first stage has begun. */
async function startLatency(client: OrchestratorClient, model: string): Promise<number> {
  const body = await realtimeRequest(model);
  const begun = performance.now();
  const { execution_id: id = '' } = await client.provision(body);
  let latency = Number.NaN;
  for await (const event of client.follow(id)) {
    if (event.type === 'stage.started' && Number.isNaN(latency)) latency = performance.now() - begun;
  }
  return latency;
}

async function connect(home: string): Promise<pg.Client> {
  const password = (await readFile(join(home, 'postgres', 'password'), 'utf8')).trim();
  const [, , , port] = (await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(port),
    user: 'mlops',
    password,
    database: 'postgres',
  });
  await client.connect();
  return client;
}

async function transactions(database: pg.Client): Promise<number> {
  await database.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await database.query<{ count: string }>(
    'SELECT sum(xact_commit + xact_rollback) AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.count);
}

/** Processor time of some processes and all below them, ended ones included. */
async function cpuSeconds(roots: readonly number[]): Promise<number> {
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of (await readdir('/proc')).filter((one) => /^\d+$/.test(one))) {
    const stat = await readFile(join('/proc', name, 'stat'), 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Fields 14 to 17 of proc(5): own time, and that of children that have been waited for.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    processes.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  const isBelow = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent;
    return roots.includes(pid) || (parent !== undefined && parent > 0 && isBelow(parent));
  };
  const ticks = [...processes].reduce((sum, [pid, one]) => sum + (isBelow(pid) ? one.ticks : 0), 0);
  return ticks / TICKS;
}
