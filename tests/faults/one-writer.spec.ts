/**
 * One writer per stack where the former one cannot be proven dead: its worker is cut off from the database, or all of it is
 * stopped (a paused container), or both bear one host name in PID namespaces of their own; and where their wall clocks
 * differ. The journal of the sandbox AWS is the witness.
 *
 * By default one moment of each; `FAULT_MATRIX=all` runs every fault at every moment, `FAULT_REPEAT` times.
 */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Execution, ExecutionEvent } from '../../automation/model.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { createdTwice, journal, longestOverlap } from '../support/journal.ts';
import { processTree, signalTree } from '../support/process-tree.ts';
import { startSharedService } from '../support/service-process.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { ACCOUNTS, stagedRealtime } from '../workflows/support.ts';

const { FAULT_MATRIX: asked = '', FAULT_REPEAT: repeat = '1' } = process.env;
const TAKE_OVER_SECONDS = 6;
/** Longer than the successor takes to start on a busy machine and to take over: the operation is still held up when it does. */
const HELD_UP_MS = 60_000;

const HOUR_MS = 3_600_000;
const SKEWED_CLOCK = fileURLToPath(new URL('../support/skewed-clock.cjs', import.meta.url));

/** For a service and all its processes: another wall clock; the monotonic one is as it is. */
function skewedBy(milliseconds: number): Record<string, string> {
  return { CLOCK_SKEW_MS: String(milliseconds), NODE_OPTIONS: `--require ${SKEWED_CLOCK}` };
}

const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const MODEL = 'aws:sagemaker/model:Model';

/** Where the operation is held up when its worker is struck. */
const MOMENTS = {
  'before a creation': { type: ENDPOINT, operation: 'create', action: 'delay', latencyMs: HELD_UP_MS },
  'between a creation and its record': { type: MODEL, operation: 'create', when: 'after', action: 'hang' },
  'before the first call': {
    type: 'pulumi:providers:aws',
    operation: 'configure',
    action: 'delay',
    latencyMs: HELD_UP_MS,
  },
} as const;
type Moment = keyof typeof MOMENTS;

const FAULTS = ['partition from the database', 'pause of the container'] as const;
type Fault = (typeof FAULTS)[number];

const DEFAULT_CELLS: readonly [Fault, Moment][] = [
  ['partition from the database', 'before a creation'],
  ['pause of the container', 'between a creation and its record'],
];
const CELLS =
  asked === 'all'
    ? FAULTS.flatMap((fault) => Object.keys(MOMENTS).map((moment) => [fault, moment as Moment] as const))
    : DEFAULT_CELLS;

describe('one writer per stack', function () {
  this.timeout(180_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: TestDatabase;
  let proxy: TcpProxy;
  const services: SandboxProcess[] = [];

  before(function () {
    // A PID namespace of one's own takes root.
    if (process.platform !== 'linux' || userInfo().uid !== 0) this.skip();
  });

  beforeEach(async () => {
    folder = await temporaryFolder();
    database = await createDatabase();
    proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(database.url).port) });
  });

  afterEach(async () => {
    for (const { pid } of services.splice(0)) await signalTree(pid, 'SIGKILL');
    await proxy.close();
    await database.drop();
    await folder.remove();
  });

  /** As in a container: process ids of its own, and the host name of the other. */
  async function startContainer(url: string, fault: object, env: Record<string, string> = {}): Promise<SandboxProcess> {
    const service = await startSharedService(
      {
        DATABASE_URL: url,
        SANDBOX_HOME: folder.path,
        SANDBOX_SPEED: '0',
        SANDBOX_FAULTS: JSON.stringify([{ ...fault, match: '.dev', times: 1 }]),
        MULTI_ACCOUNT: 'Yes',
        DEV_ACCOUNT_ID: ACCOUNTS.dev,
        STAGING_ACCOUNT_ID: ACCOUNTS.staging,
        PROD_ACCOUNT_ID: ACCOUNTS.prod,
        WORKER_CONCURRENCY: '2',
        WORKER_TAKE_OVER_SECONDS: String(TAKE_OVER_SECONDS),
        ...env,
      },
      { launcher: ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'] },
    );
    services.push(service);
    return service;
  }

  function behindProxy(): string {
    const url = new URL(database.url);
    url.port = String(proxy.port);
    return url.href;
  }

  async function leases(): Promise<{ child_pid: number | null }[]> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query<{ child_pid: number | null }>('SELECT child_pid FROM mlops.stack_leases')).rows;
    } finally {
      await client.end();
    }
  }

  /** The fault has struck: its file is there. */
  async function isHeldUp(): Promise<boolean> {
    const faults = join(folder.path, 'aws', 'faults');
    const strikes = await readdir(faults, { recursive: true, withFileTypes: true }).catch(() => []);
    return strikes.some((entry) => entry.isFile());
  }

  /** The child that works, by the id that it has outside of its namespace. */
  async function childOf(service: SandboxProcess): Promise<number> {
    const inside = (await leases())[0]?.child_pid;
    for (const pid of await processTree(service.pid)) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const ids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
      if (ids.length > 1 && Number(ids.at(-1)) === inside) return pid;
    }
    return assert.fail(`no process ${String(inside)} below ${service.pid}`);
  }

  async function eventsOf(client: OrchestratorClient, execution: Execution): Promise<ExecutionEvent[]> {
    const events: ExecutionEvent[] = [];
    for await (const event of client.follow(execution.executionId)) {
      events.push(event);
      if (event.type === 'approval.requested') break;
    }
    return events;
  }

  for (const [fault, moment] of CELLS) {
    for (let run = 1; run <= Number(repeat); run++) {
      it(`after a ${fault} ${moment}${run > 1 ? `, run ${run}` : ''}`, async () => {
        const struck = await startContainer(behindProxy(), MOMENTS[moment]);
        const first = new OrchestratorClient(struck.url);
        const { execution_id: id = '' } = await first.provision(await stagedRealtime('contested'));
        await until(isHeldUp, 'the operation is held up', 60_000);
        const child = await childOf(struck);
        const successor = await startContainer(database.url, MOMENTS[moment]);
        const second = new OrchestratorClient(successor.url);

        if (fault === 'pause of the container') await signalTree(struck.pid, 'SIGSTOP');
        else proxy.cut();
        const execution = await second.settled(id);
        if (fault === 'pause of the container') await signalTree(struck.pid, 'SIGCONT');
        else proxy.heal();

        assert.equal(execution.status, 'AwaitingApproval', JSON.stringify(execution));
        assert.equal(execution.stages.find(({ environment }) => environment === 'dev')?.status, 'Succeeded');
        const events = await eventsOf(second, execution);
        const types = events.map(({ type }) => type);
        assert.ok(types.includes('operation.fenced'), types.join(', '));
        assert.ok(
          types.indexOf('operation.fenced') < types.indexOf('operation.recovered'),
          `fenced before it recovered: ${types.join(', ')}`,
        );

        // The affected process ends what it had in progress, and writes no more.
        const written = (await journal(folder.path)).length;
        await until(async () => !(await processTree(struck.pid)).includes(child), 'its operation has ended', 30_000);
        assert.deepEqual(await createdTwice(folder.path), []);
        assert.equal((await journal(folder.path)).length, written, 'the former writer wrote after its successor');
        const sessions = new Set((await journal(folder.path)).map(({ caller }) => caller));
        assert.equal(sessions.size, 2, 'the successor wrote under a session of its own');
        assert.equal(await longestOverlap(folder.path), 0, 'milliseconds with two writers at once');
        await until(async () => (await leases()).length === 0, 'no lease is left', 30_000);
      });
    }
  }

  it('with wall clocks a day apart, nothing is taken over from a worker that is alive', async () => {
    const ahead = await startContainer(database.url, MOMENTS['before a creation'], skewedBy(12 * HOUR_MS));
    const first = new OrchestratorClient(ahead.url);
    const { execution_id: id = '' } = await first.provision(await stagedRealtime('skewed'));
    await until(isHeldUp, 'the operation is held up', 60_000);
    // Its own provider has no fault left: the operation is held up for longer than a take-over, beside a successor in waiting.
    const behind = await startContainer(database.url, MOMENTS['before a creation'], skewedBy(-12 * HOUR_MS));
    const second = new OrchestratorClient(behind.url);
    const execution = await second.settled(id);
    assert.equal(execution.status, 'AwaitingApproval', JSON.stringify(execution));
    const types = (await eventsOf(second, execution)).map(({ type }) => type);
    assert.ok(!types.some((type) => /^operation\.(fenced|not-fenced|recovered)$/.test(type)), types.join(', '));
    assert.deepEqual(await createdTwice(folder.path), []);
    assert.equal(await longestOverlap(folder.path), 0);
  });
});
