/**
 * `npm run bench -- idle`: what a service without work costs, and how soon it starts work that comes. Linux only. The service
 * runs as `npm start` runs it, on a database of its own; a sandbox runs beside it, whose stand-ins for AWS are part of its
 * process, so that what they cost is the difference.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startPostgres } from '../../sandbox/postgres.ts';
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startSandboxProcess, startServiceProcess } from '../sandbox-process.ts';
import { cpuSeconds } from './processor-time.ts';
import { realtimeRequest } from './request.ts';
import { postmaster } from './sandbox-database.ts';
import { ms, quantile } from './statistics.ts';

/**
 * After this the start has left no traces: DBOS looks for schedules every second in the first minute, V8 compiles and collects
 * what the start left behind, and PostgreSQL analyzes its new tables once.
 */
const SETTLE_MS = 75_000;
/**
 * Two halves are printed, so that a figure that still falls is seen. Together they hold at least one full collection of garbage,
 * which comes about every 100 s, because each read from a socket takes a buffer of 64 KiB.
 */
const HALF_MS = 50_000;
const REQUESTS = 20;

export async function idle(home: string): Promise<void> {
  const database = await startPostgres(join(home, 'postgres'));
  const sandboxHome = join(home, 'sandbox');
  await mkdir(sandboxHome, { mode: 0o755 });
  const service = await startServiceProcess(new URL('bare-service.ts', import.meta.url), {
    SANDBOX_HOME: home,
    DATABASE_URL: database.url,
  });
  const sandbox = await startSandboxProcess({ SANDBOX_HOME: sandboxHome, SANDBOX_SPEED: '0' });
  try {
    const counting = new pg.Client({ connectionString: database.url });
    await counting.connect();
    const roots = {
      service: [service.pid],
      database: [(await postmaster(home)).pid],
      sandbox: [sandbox.pid],
      'its database': [(await postmaster(sandboxHome)).pid],
    };
    await delay(SETTLE_MS);
    const first = await look(roots, counting);
    await delay(HALF_MS);
    const second = await look(roots, counting);
    await delay(HALF_MS);
    const third = await look(roots, counting);
    const share = (name: keyof typeof roots) =>
      `${percent(first, third, name)} of a core (halves: ${percent(first, second, name)}, ${percent(second, third, name)})`;
    console.log(
      `at rest          ${sum(first, third, ['service', 'database'])} of a core, service and database together`,
    );
    console.log(`  service        ${share('service')}, children included`);
    console.log(`  database       ${share('database')}`);
    // Each look at the counter is a transaction itself.
    const transactions = (third.transactions - first.transactions - 2) / seconds(first, third);
    console.log(`  transactions   ${transactions.toFixed(2)} a second`);
    console.log(
      `a sandbox        ${sum(first, third, ['sandbox', 'its database'])} of a core: the same with what stands for AWS, in one process`,
    );
    await counting.end();
    const latencies: number[] = [];
    const client = new OrchestratorClient(service.url);
    // The first call of a client loads its half of HTTP, which is no cost of the service: 0.1 s.
    await client.call('GET', '/healthz');
    for (let i = 0; i < REQUESTS; i++) latencies.push(await startLatency(client, `idle-${i}`));
    console.log(
      `start of work    p50 ${ms(quantile(latencies, 0.5))}  p99 ${ms(quantile(latencies, 0.99))} after the request, the first one ${ms(latencies[0] ?? Number.NaN)}`,
    );
  } finally {
    await Promise.all([service.stop(), sandbox.stop()]);
    await database.stop();
  }
}

interface Look<Name extends string> {
  at: number;
  /** Processor time so far, in seconds. */
  cpu: Record<Name, number>;
  transactions: number;
}

async function look<Name extends string>(roots: Record<Name, number[]>, database: pg.Client): Promise<Look<Name>> {
  const cpu = Object.fromEntries(
    Object.entries<number[]>(roots).map(([name, pids]) => [name, cpuSeconds(pids)]),
  ) as Record<Name, number>;
  return { at: performance.now(), cpu, transactions: await transactions(database) };
}

function seconds(before: Look<never>, after: Look<never>): number {
  return (after.at - before.at) / 1_000;
}

function percent<Name extends string>(before: Look<Name>, after: Look<Name>, name: Name): string {
  return sum(before, after, [name]);
}

function sum<Name extends string>(before: Look<Name>, after: Look<Name>, names: readonly Name[]): string {
  const spent = names.reduce((total, name) => total + after.cpu[name] - before.cpu[name], 0);
  return `${((spent / seconds(before, after)) * 100).toFixed(2)} %`;
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
