/** `npm run bench -- idle`: what a service without work costs, and how soon it starts work that comes. Linux only. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { TICKS_PER_SECOND, processIds, processStatSync } from '../../automation/platform/process-stat.ts';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startSandboxProcess } from '../sandbox-process.ts';
import { realtimeRequest } from './request.ts';
import { databaseUrlOf, postmaster } from './sandbox-database.ts';
import { ms, quantile } from './statistics.ts';

/** DBOS looks for schedules every second in the first minute. */
const SETTLE_MS = 65_000;
const MEASURE_MS = 30_000;
const REQUESTS = 10;

export async function idle(home: string): Promise<void> {
  const sandbox = await startSandboxProcess({ SANDBOX_HOME: home, SANDBOX_SPEED: '0' });
  try {
    const database = new pg.Client({ connectionString: await databaseUrlOf(home) });
    await database.connect();
    const { pid: server } = await postmaster(home);
    await delay(SETTLE_MS);
    const before = { cpu: cpuSeconds([sandbox.pid, server]), transactions: await transactions(database) };
    await delay(MEASURE_MS);
    const after = { cpu: cpuSeconds([sandbox.pid, server]), transactions: await transactions(database) };
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

async function transactions(database: pg.Client): Promise<number> {
  await database.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await database.query<{ count: string }>(
    'SELECT sum(xact_commit + xact_rollback) AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.count);
}

/** Processor time of some processes and all below them, ended ones included. */
function cpuSeconds(roots: readonly number[]): number {
  const processes = new Map(processIds().map((pid) => [pid, processStatSync(pid)]));
  const isBelow = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent;
    return roots.includes(pid) || (parent !== undefined && parent > 0 && isBelow(parent));
  };
  const ticksOf = (pid: number) => {
    const { ownTicks = 0, childrenTicks = 0 } = processes.get(pid) ?? {};
    return isBelow(pid) ? ownTicks + childrenTicks : 0;
  };
  return [...processes.keys()].reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND;
}
