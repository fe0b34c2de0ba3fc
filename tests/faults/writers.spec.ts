/**
 * One writer per stack: every fault in which the former writer cannot be proven dead, at every stage. All stages of one fault
 * share two services, so that it strikes long operations at each of them at once. The journal of the sandbox AWS is the witness.
 *
 * Takes minutes of waiting: `FAULT_MATRIX=all` or `FAULT_MATRIX=writers` runs it, `FAULT_REPEAT` times. one-writer.spec.ts has
 * two of the cases for every change.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type { Execution } from '../../automation/model.ts';
import { poll } from '../../automation/platform/polling.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { createDatabase } from '../support/database.ts';
import { createdTwice, leftInAccounts, longestOverlap, strikes, twiceInAccounts } from '../support/journal.ts';
import { processTree, signalTree } from '../support/process-tree.ts';
import { postmaster } from '../support/sandbox-database.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TIMEOUT_SCALE, until } from '../support/until.ts';
import { stagedRealtime } from '../workflows/support.ts';
import type { StartedService, WorkingChild } from './service-pair.ts';
import { ServicePair, skewedBy } from './service-pair.ts';
import type { HeldUp, WriterFault } from './writer-cells.ts';
import { FAILOVER_MS, HELD_UP_AT, WRITER_FAULTS, faultsOf, pipelineOf } from './writer-cells.ts';

const { FAULT_MATRIX: asked = '', FAULT_REPEAT: repeat = '1' } = process.env;
const IS_ASKED_FOR = asked.split(',').some((one) => one === 'all' || one === 'writers');
const HALF_A_DAY_MS = 12 * 3_600_000;
const WITHIN_MS = 240_000;
const INTERRUPTED = /^operation\.(fenced|not-fenced|recovered)$/;

interface Outcome {
  fault: string;
  row: string;
  /** Milliseconds from the fault (of a SIGSTOP: from its end) until the stack was recovered, or else until the stage was done. */
  recovery: number;
  overlap: number;
}

interface Case {
  row: HeldUp;
  pipelineId: string;
  executionId: string;
}

describe('one writer per stack, whatever happens at whichever stage', function () {
  this.timeout(600_000);
  const outcomes: Outcome[] = [];
  let tried = 0;

  if (!IS_ASKED_FOR) {
    it.skip('not run; FAULT_MATRIX=all or FAULT_MATRIX=writers runs it');
    return;
  }

  before(function () {
    // A PID namespace of one's own takes root.
    if (process.platform !== 'linux' || userInfo().uid !== 0) this.skip();
  });

  for (let run = 1; run <= Number(repeat); run++) {
    for (const fault of WRITER_FAULTS) {
      it(`${fault.name}, run ${run}`, async () => {
        tried += HELD_UP_AT.length;
        const struck = new StruckPair(fault);
        try {
          outcomes.push(...(await struck.run()));
        } finally {
          await struck.close();
        }
      });
    }
  }

  after(() => {
    if (tried > 0) process.stdout.write(table(outcomes, tried));
  });
});

class StruckPair {
  readonly #fault: WriterFault;
  readonly #closings: (() => Promise<void>)[] = [];

  constructor(fault: WriterFault) {
    this.#fault = fault;
  }

  async close(): Promise<void> {
    for (const close of this.#closings.reverse()) await close();
  }

  async run(): Promise<Outcome[]> {
    const { name, apart, outcome, pauseMs } = this.#fault;
    const database = await this.#database();
    const faults = faultsOf(HELD_UP_AT);
    const settings = { databaseUrl: database.url, faults, concurrency: HELD_UP_AT.length, apart };
    const pair = await ServicePair.open(settings);
    this.#closings.push(() => pair.close());
    const isSkewed = name === 'wall clocks a day apart';
    const first = await pair.start(
      name === 'partition from the database',
      isSkewed ? skewedBy(HALF_A_DAY_MS) : undefined,
    );
    const cases = await heldUp(first);
    await until(async () => (await strikes(pair.home)) === faults.length, 'every operation is held up', WITHIN_MS);
    const children = await pair.children(first);
    assert.equal(children.length, cases.length, JSON.stringify(children));
    const second = await pair.start(false, isSkewed ? skewedBy(-HALF_A_DAY_MS) : undefined);

    let struck = Date.now();
    const end = await this.#strike(pair, first, database.folder);
    if (pauseMs !== undefined) struck = Date.now();
    const done = await Promise.all(cases.map(async (one) => ({ one, at: await through(one, second) })));
    await end();

    await this.#childrenHaveEnded(children, first);
    for (const one of cases) await mustHaveBeen(outcome, one, pair);
    await mustBeWhole(pair, cases);
    const overlap = await longestOverlap(pair.home);
    assert.equal(overlap, 0, 'milliseconds with two writers at once');
    return await Promise.all(
      done.map(async ({ one, at }) => {
        const recovered = await recoveredAt(one, pair, struck);
        return { fault: name, row: one.row.name, recovery: (recovered ?? at) - struck, overlap };
      }),
    );
  }

  /** A failover needs a server of its own. */
  async #database(): Promise<{ url: string; folder: string }> {
    if (this.#fault.name !== 'failover of the database') {
      const database = await createDatabase();
      this.#closings.push(() => database.drop());
      return { url: database.url, folder: '' };
    }
    const { path, remove } = await temporaryFolder();
    const server = await startPostgres(join(path, 'postgres'));
    this.#closings.push(remove, () => server.stop());
    return { url: server.url, folder: path };
  }

  /** @returns ends what has not ended by itself */
  async #strike(pair: ServicePair, first: StartedService, databaseFolder: string): Promise<() => Promise<void>> {
    const { name, pauseMs } = this.#fault;
    const resume = () => signalTree(first.pid, 'SIGCONT');
    switch (name) {
      case 'partition from the database':
        pair.proxy.cut();
        return async () => pair.proxy.heal();
      case 'pause of the container':
        await signalTree(first.pid, 'SIGSTOP');
        return resume;
      case 'failover of the database': {
        // The server dies, and another one has its data and its address a while later.
        const { pid, port } = await postmaster(databaseFolder);
        process.kill(pid, 'SIGKILL');
        await delay(FAILOVER_MS);
        await startPostgres(join(databaseFolder, 'postgres'), port);
        break;
      }
      default:
        if (pauseMs === undefined) break;
        await signalTree(first.pid, 'SIGSTOP');
        await delay(pauseMs);
        await resume();
    }
    return async () => undefined;
  }

  async #childrenHaveEnded(children: readonly WorkingChild[], first: StartedService): Promise<void> {
    const isOver = async () => {
      const tree = await processTree(first.pid);
      return children.every(({ pid }) => !tree.includes(pid));
    };
    await until(isOver, 'the operations that were struck have ended', 30_000);
  }
}

/** Brings an execution to each of the stages, and sets them off at once. */
async function heldUp({ client }: StartedService): Promise<Case[]> {
  const waiting = await Promise.all(
    HELD_UP_AT.map(async (row) => {
      if (row.trigger === 'provision') return { row };
      const { execution_id: id = '' } = await client.provision(await stagedRealtime(row.model));
      let execution = await client.settled(id);
      if (row.environment === 'prod') {
        await client.approve(execution);
        execution = await client.settled(id);
      }
      assert.equal(execution.status, 'AwaitingApproval', JSON.stringify(execution));
      return { row, execution };
    }),
  );
  return await Promise.all(
    waiting.map(async ({ row, execution }): Promise<Case> => {
      const pipelineId = pipelineOf(row);
      if (!execution) {
        const { execution_id: executionId = '' } = await client.provision(await stagedRealtime(row.model));
        return { row, pipelineId, executionId };
      }
      if (row.trigger === 'approve') {
        await client.approve(execution);
        return { row, pipelineId, executionId: execution.executionId };
      }
      const answer = await client.call<{ execution_id: string }>('DELETE', `/pipelines/${pipelineId}`);
      return { row, pipelineId, executionId: answer.execution_id };
    }),
  );
}

/** @returns when the execution had come to where it would have come to without the fault */
async function through({ row, executionId }: Case, { client }: StartedService): Promise<number> {
  const deadline = Date.now() + WITHIN_MS * TIMEOUT_SCALE;
  return await poll(
    async () => {
      // The service answers 503 while the database is away.
      const answer = await client.execution(executionId).catch((error: Error) => error);
      if (!(answer instanceof Error) && isDone(row, answer)) return { value: Date.now() };
      assert.ok(Date.now() < deadline, `${row.name} is not done: ${inspect(answer)}`);
      return undefined;
    },
    { firstMs: 250 },
  );
}

/** @throws if it has come to something else */
function isDone({ environment, trigger, name }: HeldUp, { status, approval, stages, ...rest }: Execution): boolean {
  assert.ok(!['Failed', 'Cancelled', 'Superseded'].includes(status), JSON.stringify({ ...rest, status, stages }));
  if (trigger === 'destroy' || environment === 'prod') return status === 'Succeeded';
  const next = environment === 'dev' || name.startsWith('Approve') ? 'staging' : 'prod';
  return status === 'AwaitingApproval' && approval?.environment === next;
}

/** The events of the execution say that somebody else took over, or that nothing was interrupted. */
async function mustHaveBeen(
  outcome: WriterFault['outcome'],
  { row, executionId }: Case,
  pair: ServicePair,
): Promise<void> {
  const events = await pair.query<{ type: string }>(
    'SELECT type FROM mlops.execution_events WHERE execution_id = $1 ORDER BY sequence',
    [executionId],
  );
  const types = events.map(({ type }) => type).filter((type) => INTERRUPTED.test(type));
  const list = `${row.name}: ${types.join(', ')}`;
  if (outcome === 'undisturbed') assert.deepEqual(types, [], row.name);
  // A preview leaves the recovery to the deployment.
  else if (!row.name.startsWith('Approve')) {
    assert.ok(types.includes('operation.recovered'), list);
    if (outcome === 'taken over') assert.equal(types[0], 'operation.fenced', list);
  }
}

/** Nothing twice, and nothing left over. */
async function mustBeWhole(pair: ServicePair, cases: readonly Case[]): Promise<void> {
  assert.deepEqual(await createdTwice(pair.home), []);
  assert.deepEqual(await twiceInAccounts(pair.home), []);
  for (const { row, pipelineId } of cases) {
    if (row.trigger === 'destroy') assert.deepEqual(await leftInAccounts(pair.home, pipelineId), [], 'is left');
    const executions = await pair.query('SELECT id FROM mlops.executions WHERE pipeline_id = $1', [pipelineId]);
    assert.equal(executions.length, row.trigger === 'destroy' ? 2 : 1, row.name);
  }
  // A preview that was struck leaves the recovery of its stack, without a holder, to the deployment.
  const isFree = async () => (await pair.query(`SELECT 1 FROM mlops.stack_leases WHERE holder <> ''`)).length === 0;
  await until(isFree, 'no lease is held', 30_000);
  const locks = await readdir(join(pair.home, '.pulumi', 'locks'), { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  assert.deepEqual(
    locks.filter((entry) => entry.isFile()).map(({ name }) => name),
    [],
    'locks are left',
  );
}

async function recoveredAt({ executionId }: Case, pair: ServicePair, struck: number): Promise<number | undefined> {
  const [event] = await pair.query<{ at: Date }>(
    `SELECT at FROM mlops.execution_events WHERE execution_id = $1 AND type = 'operation.recovered' AND at > $2
      ORDER BY sequence LIMIT 1`,
    [executionId, new Date(struck)],
  );
  return event?.at.getTime();
}

function table(outcomes: readonly Outcome[], tried: number): string {
  const lines = WRITER_FAULTS.flatMap(({ name, outcome }) => {
    const mine = outcomes.filter(({ fault }) => fault === name);
    if (mine.length === 0) return [`      ${name}: not run, or failed`];
    const rows = HELD_UP_AT.map(({ name: row }) => {
      const times = mine.filter((one) => one.row === row).map(({ recovery }) => seconds(recovery));
      return `        ${row.padEnd(50)}${times.join(', ')}`;
    });
    return [`      ${name}: ${outcome}, ${mine.length} survived`, ...rows];
  });
  const times = outcomes
    .filter(({ fault }) => WRITER_FAULTS.some(({ name, outcome }) => name === fault && outcome !== 'undisturbed'))
    .map(({ recovery }) => recovery)
    .toSorted((a, b) => a - b);
  const at = (share: number) => seconds(times[Math.ceil(times.length * share) - 1] ?? 0);
  const overlap = Math.max(0, ...outcomes.map((one) => one.overlap));
  return (
    `\n${lines.join('\n')}\n      ${WRITER_FAULTS.length} faults × ${HELD_UP_AT.length} stages: ${outcomes.length} of ${tried} cases ` +
    `survived; recovery p50 ${at(0.5)}, p99 ${at(0.99)}; longest overlap of two writers ${overlap} ms` +
    `${TIMEOUT_SCALE > 1 ? `; time limits × ${TIMEOUT_SCALE}` : ''}\n`
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
