/**
 * The fault matrix: SIGKILL for each part of the system at each moment that matters, on pipelines with three environments.
 * All of them share a home, where a service of the test's own process has brought each pipeline to its first approval. All
 * moments of one victim share a service process, so that one kill hits executions at every one of them.
 *
 * `FAULT_MATRIX=service,database` runs those victims, `FAULT_MATRIX=all` every one. By default the engine is left out: the
 * sandbox's runs within the child, so that its death is the child's.
 */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAlive } from '../../automation/platform/process-identity.ts';
import type { Execution } from '../../automation/model.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { startSandbox } from '../../sandbox/start.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import { createdTwice, journal, leftInAccounts } from '../support/journal.ts';
import { reusedChildren } from '../support/reused-children.ts';
import { ask, postmaster } from '../support/sandbox-database.ts';
import { startSandboxProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { stagedRealtime } from '../workflows/support.ts';
import type { Cell, Moment, Victim } from './matrix-cells.ts';
import {
  MOMENTS,
  VICTIMS,
  cellsOf,
  environmentOf,
  faultsOf,
  modelOf,
  pipelineOf,
  whyImpossible,
} from './matrix-cells.ts';

const { FAULT_MATRIX: asked = 'service,child,database' } = process.env;
const CHOSEN = VICTIMS.filter((victim) => asked === 'all' || asked.split(',').includes(victim));
/** On a busy machine a start alone takes half a minute. */
const RECOVERED_WITHIN_MS = 180_000;

/** Of the service, whoever runs it. */
const SETTINGS = {
  SANDBOX_SPEED: '0',
  MULTI_ACCOUNT: 'Yes',
  REQUESTER_MAY_APPROVE: 'Yes',
  STAGING_APPROVE_DESTROY: 'No',
  PROD_APPROVE_DESTROY: 'No',
};

/** An execution at its moment. */
interface HeldUp extends Cell {
  executionId: string;
  /** The execution that waited for approval before its moment came. */
  before: Execution;
  /** Who worked on the stack when the kill came. */
  child?: { pid: number; started: string };
}

/** What the engine keeps of an operation; in seconds since 1970. */
interface HistoryFile {
  startTime: number;
  endTime: number;
}

interface Outcome extends Cell {
  /** Milliseconds from the kill until the stack was recovered, or the service can be asked again. */
  recovery: number;
  /** Milliseconds until the execution had come to where it would have come to without the kill. */
  through: number;
}

describe('the fault matrix', function () {
  this.timeout(400_000);
  const outcomes: Outcome[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let waiting: ReadonlyMap<string, Execution>;

  before(async () => {
    folder = await temporaryFolder();
    waiting = await bringToFirstApproval(folder.path, CHOSEN.flatMap(cellsOf));
  });

  after(() => folder.remove());

  for (const victim of VICTIMS) {
    if (!CHOSEN.includes(victim)) {
      it.skip(`SIGKILL of the ${victim}: not run; FAULT_MATRIX=all runs every victim`);
      continue;
    }
    it(`SIGKILL of the ${victim} at every moment costs nothing but time`, async () => {
      const matrix = new VictimRun(victim, folder.path, waiting);
      try {
        outcomes.push(...(await matrix.run()));
      } finally {
        await matrix.stop();
      }
    });
  }

  after(() => process.stdout.write(table(outcomes)));
});

/**
 * What comes before the kills takes no part in them: it needs neither a process of its own nor a child an operation.
 * @returns the execution of each pipeline, deployed to dev and waiting for the approval of staging
 */
async function bringToFirstApproval(home: string, cells: readonly Cell[]): Promise<Map<string, Execution>> {
  const env = { ...process.env, SANDBOX_HOME: home, PORT: '0', ...SETTINGS };
  const sandbox = await startSandbox(env, { runner: reusedChildren });
  try {
    const client = new OrchestratorClient(sandbox.url);
    const executions = await Promise.all(
      cells.map(async (cell) => {
        const { execution_id: id = '' } = await client.provision(await stagedRealtime(modelOf(cell)));
        const execution = await client.settled(id);
        assert.equal(execution.approval?.environment, 'staging', JSON.stringify(execution));
        return [pipelineOf(cell), execution] as const;
      }),
    );
    return new Map(executions);
  } finally {
    await sandbox.stop();
  }
}

class VictimRun {
  readonly #victim: Victim;
  readonly #home: string;
  readonly #cells: readonly Cell[];
  readonly #waiting: ReadonlyMap<string, Execution>;
  #sandbox: SandboxProcess | undefined;

  constructor(victim: Victim, home: string, waiting: ReadonlyMap<string, Execution>) {
    this.#victim = victim;
    this.#home = home;
    this.#cells = cellsOf(victim);
    this.#waiting = waiting;
  }

  async run(): Promise<Outcome[]> {
    const struckBefore = await this.#strikes();
    await this.#start();
    const held = await Promise.all(this.#cells.map((cell) => this.#reach(cell)));
    // Every fault has struck: nothing moves any more.
    const wanted = faultsOf(this.#cells).length;
    const hasAllStruck = async () => (await this.#strikes()) === struckBefore + wanted;
    await until(hasAllStruck, `${wanted} faults have struck`, RECOVERED_WITHIN_MS);
    const family = await this.#recordChildren(held);
    const killed = Date.now();
    await this.#kill(held);
    const outcomes = await Promise.all(
      held.map(async (one): Promise<Outcome> => {
        const isThere = async () => (await fetch(`${this.#sandbox?.url}/readyz`)).status === 200;
        await until(isThere, 'the service is ready', RECOVERED_WITHIN_MS);
        const ready = Date.now() - killed;
        await this.#comesThrough(one);
        const through = Date.now() - killed;
        const recovery = one.child ? await this.#recovery(one, killed) : ready;
        return { victim: this.#victim, moment: one.moment, recovery, through };
      }),
    );
    for (const one of held) await this.#mustBeWhole(one);
    await this.#nothingMustBeLeft(family);
    return outcomes;
  }

  async stop(): Promise<void> {
    await this.#sandbox?.stop();
  }

  async #start(): Promise<void> {
    this.#sandbox = await startSandboxProcess({
      ...SETTINGS,
      SANDBOX_HOME: this.#home,
      SANDBOX_FAULTS: JSON.stringify(faultsOf(this.#cells)),
      // All of them are held up at once.
      WORKER_CONCURRENCY: String(this.#cells.length),
    });
  }

  get #client(): OrchestratorClient {
    assert.ok(this.#sandbox);
    return new OrchestratorClient(this.#sandbox.url);
  }

  /** Brings an execution on its way to its moment. */
  async #reach(cell: Cell): Promise<HeldUp> {
    const before = this.#waiting.get(pipelineOf(cell));
    assert.ok(before);
    const { executionId, pipelineId } = before;
    if (cell.moment === 'mid-destroy') {
      const { execution_id: removal = '' } = await this.#client.call<{ execution_id?: string }>(
        'DELETE',
        `/pipelines/${pipelineId}`,
      );
      return { ...cell, executionId: removal, before };
    }
    if (cell.moment !== 'waiting for approval') await this.#client.approve(before);
    return { ...cell, executionId, before };
  }

  /** How often faults have struck: each strike is a file in a folder of the fault. */
  async #strikes(): Promise<number> {
    const folder = join(this.#home, 'aws', 'faults');
    const faults = await readdir(folder).catch(() => []);
    const strikes = await Promise.all(faults.map((fault) => readdir(join(folder, fault))));
    return strikes.flat().length;
  }

  /** @returns every working child, to check later whether one was left. */
  async #recordChildren(held: readonly HeldUp[]): Promise<{ pid: number; started: string }[]> {
    const rows = await ask<{ stack: string; child_pid: number; child_started: string }>(
      this.#home,
      'SELECT stack, child_pid, child_started FROM mlops.stack_leases WHERE child_pid IS NOT NULL',
    );
    for (const one of held) {
      const stack = `${pipelineOf(one)}.${environmentOf(one.moment)}`;
      const row = rows.find((lease) => lease.stack.endsWith(`/${stack}`));
      if (one.moment === 'waiting for approval') assert.equal(row, undefined, `${stack} is worked on`);
      else assert.ok(row, `${stack} is not worked on`);
      if (row) one.child = { pid: row.child_pid, started: row.child_started };
    }
    return rows.map((row) => ({ pid: row.child_pid, started: row.child_started }));
  }

  async #kill(held: readonly HeldUp[]): Promise<void> {
    const children = held.flatMap(({ child }) => child?.pid ?? []);
    switch (this.#victim) {
      case 'service':
        await this.#sandbox?.kill();
        return await this.#start();
      case 'child':
        for (const pid of children) process.kill(pid, 'SIGKILL');
        return;
      case 'engine':
        // The sandbox engine runs within the child, the CLI next to it: in both cases it is in the child's group.
        for (const pid of children) process.kill(-pid, 'SIGKILL');
        return;
      case 'database': {
        const { pid, port } = await postmaster(this.#home);
        process.kill(pid, 'SIGKILL');
        const isAway = async () => (await fetch(`${this.#sandbox?.url}/pipelines`)).status === 503;
        await until(isAway, 'requests are answered 503');
        // What blocks them never ends; they are killed while no process can record what becomes of them.
        for (const child of children) process.kill(-child, 'SIGKILL');
        await startPostgres(join(this.#home, 'postgres'), port);
      }
    }
  }

  /** The execution comes to where it would have come to without the kill. */
  async #comesThrough({ moment, executionId, before }: HeldUp): Promise<void> {
    if (moment === 'mid-destroy') {
      const removal = await this.#client.finished(executionId);
      assert.equal(removal.status, 'Succeeded', JSON.stringify(removal));
      return;
    }
    if (moment === 'waiting for approval') {
      const waiting = await this.#client.execution(executionId);
      assert.deepEqual(waiting, before, 'it waits as before');
      // What was shown before the kill is approved after it.
      await this.#client.approve(before);
    }
    const next = await this.#client.settled(executionId);
    assert.equal(next.approval?.environment, 'prod', JSON.stringify(next));
  }

  /** @returns milliseconds from the kill until the stack was fit for the next operation */
  async #recovery({ moment, executionId }: HeldUp, killed: number): Promise<number> {
    const [event] = await ask<{ at: Date }>(
      this.#home,
      `SELECT min(at) AS at FROM mlops.execution_events
        WHERE execution_id = $1 AND type = 'operation.recovered' AND at > $2 HAVING count(*) > 0`,
      [executionId, new Date(killed)],
    );
    assert.ok(event, `${moment}: the stack was not recovered`);
    return event.at.getTime() - killed;
  }

  async #mustBeWhole({ moment, executionId, before }: HeldUp): Promise<void> {
    const { pipelineId, approval } = before;
    const executions = await this.#client.call<Execution[]>('GET', `/pipelines/${pipelineId}/executions`);
    const wanted = moment === 'mid-destroy' ? [executionId, before.executionId] : [executionId];
    assert.deepEqual(
      executions.map((one) => one.executionId),
      wanted,
      `${moment}: executions`,
    );
    const entries = await journal(this.#home, pipelineId);
    const approved = new Set(approval?.changes.map(({ urn }) => urn));
    const changed = entries.filter(({ urn }) => !urn.startsWith(`urn:pulumi:${pipelineId}.dev::`));
    const beyond = changed.filter(({ urn, operation }) => operation !== 'create' || !approved.has(urn));
    assert.deepEqual(beyond, [], `${moment}: changed without approval`);
    if (moment === 'mid-destroy') {
      assert.deepEqual(await leftInAccounts(this.#home, pipelineId), [], 'something is left');
    } else {
      assert.deepEqual(
        executions[0]?.decisions?.map(({ environment, changeHash }) => [environment, changeHash]),
        [['staging', approval?.changeHash]],
        `${moment}: asked once`,
      );
    }
    await this.#oneWriterAtATime(pipelineId, moment);
  }

  /** Operations on one stack do not overlap. Read where the engine keeps it: the API would start a process a stack. */
  async #oneWriterAtATime(pipelineId: string, moment: Moment): Promise<void> {
    const folder = join(this.#home, '.pulumi', 'history');
    const files = await readdir(folder, { recursive: true });
    // The names of a stack's files end with a time stamp.
    const ofPipeline = files.filter((file) => file.endsWith('.history.json') && file.includes(`${pipelineId}.`)).sort();
    assert.ok(ofPipeline.length > 0, `${moment}: no history`);
    for (const ofStack of Map.groupBy(ofPipeline, dirname).values()) {
      const entries = await Promise.all(
        ofStack.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as HistoryFile),
      );
      entries.slice(1).forEach((entry, index) => {
        const { endTime = 0 } = entries[index] ?? {};
        assert.ok(endTime <= entry.startTime, `${moment}: ${JSON.stringify([entries[index], entry])}`);
      });
    }
  }

  /** No resource twice, no lock, no lease, no process that worked when the kill came. */
  async #nothingMustBeLeft(family: readonly { pid: number; started: string }[]): Promise<void> {
    assert.deepEqual(await createdTwice(this.#home), []);
    assert.deepEqual(await ask(this.#home, 'SELECT stack, holder FROM mlops.stack_leases'), [], 'leases are left');
    const locks = join(this.#home, '.pulumi', 'locks');
    const left = await readdir(locks, { recursive: true, withFileTypes: true }).catch(() => []);
    assert.deepEqual(
      left.filter((entry) => entry.isFile()).map(({ name }) => name),
      [],
      'locks are left',
    );
    for (const { pid, started } of family) assert.ok(!(await isAlive(pid, started)), `process ${pid} is left`);
  }
}

function table(outcomes: readonly Outcome[]): string {
  const cell = (victim: Victim, moment: Moment): string => {
    const reason = whyImpossible(victim, moment);
    if (reason) return `cannot be: ${reason}`;
    const outcome = outcomes.find((one) => one.victim === victim && one.moment === moment);
    if (outcome)
      return `survived; recovered after ${seconds(outcome.recovery)}, through after ${seconds(outcome.through)}`;
    return CHOSEN.includes(victim) ? 'FAILED (see above)' : 'not run: FAULT_MATRIX=all runs it';
  };
  const rows = VICTIMS.flatMap((victim) =>
    MOMENTS.map((moment) => `      ${victim.padEnd(10)}${moment.padEnd(32)}${cell(victim, moment)}\n`),
  );
  const possible = CHOSEN.flatMap((victim) => MOMENTS.filter((moment) => !whyImpossible(victim, moment))).length;
  const times = outcomes.map(({ recovery }) => recovery).toSorted((a, b) => a - b);
  const at = (share: number) => seconds(times[Math.ceil(times.length * share) - 1] ?? 0);
  return `\n${rows.join('')}      ${outcomes.length} of ${possible} cases survived; recovery p50 ${at(0.5)}, p99 ${at(0.99)}\n`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
