/**
 * The fault matrix: SIGKILL for each part of the system at each moment that matters, on pipelines with three environments.
 * All of them share a home, where a service of the test's own process has brought each pipeline to its first approval. One kill
 * hits executions at every moment at once, and the next one hits them again in what resumed them (matrix-cells.ts).
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
import { createdTwice, journal, leftInAccounts, strikes } from '../support/journal.ts';
import { reusedChildren } from '../support/reused-children.ts';
import { ask, postmaster } from '../support/sandbox-database.ts';
import { startSandboxProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { stagedRealtime } from '../workflows/support.ts';
import type { Cell, Journey, Moment, Victim } from './matrix-cells.ts';
import { MOMENTS, VICTIMS, environmentOf, faultsOf, journeysOf, pipelineOf, whyImpossible } from './matrix-cells.ts';

const { FAULT_MATRIX: asked = 'service,child,database' } = process.env;
const CHOSEN = VICTIMS.filter((victim) => asked === 'all' || asked.split(',').includes(victim));
const JOURNEYS = journeysOf(CHOSEN);
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

/** A pipeline on its way. */
interface Traveller {
  journey: Journey;
  /** The execution that waited for approval before its first moment came. */
  before: Execution;
  /** Undefined until it has set off. */
  executionId?: string;
}

/** What the engine keeps of an operation; in seconds since 1970. */
interface HistoryFile {
  startTime: number;
  endTime: number;
}

interface Outcome extends Pick<Cell, 'victim' | 'moment'> {
  /**
   * Milliseconds from the kill until the stack was recovered, or the service can be asked again; undefined where the next kill
   * hit the recovery.
   */
  recovery: number | undefined;
}

describe('the fault matrix', function () {
  this.timeout(400_000);
  const outcomes: Outcome[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let matrix: Matrix | undefined;

  before(async () => {
    folder = await temporaryFolder();
    matrix = new Matrix(folder.path, await bringToFirstApproval(folder.path));
    await matrix.start();
  });

  after(async () => {
    await matrix?.stop();
    await folder.remove();
  });

  for (const victim of VICTIMS) {
    if (CHOSEN.includes(victim)) {
      it(`SIGKILL of the ${victim} at every moment`, async () => await matrix?.strike(victim));
    } else it.skip(`SIGKILL of the ${victim}: not run; FAULT_MATRIX=all runs every victim`);
  }

  it('costs nothing but time', async () => {
    outcomes.push(...((await matrix?.comeThrough()) ?? []));
  });

  after(() => process.stdout.write(table(outcomes)));
});

/**
 * What comes before the kills takes no part in them: it needs neither a process of its own nor a child an operation.
 * @returns all pipelines, deployed to dev and waiting for the approval of staging
 */
async function bringToFirstApproval(home: string): Promise<Traveller[]> {
  const env = { ...process.env, SANDBOX_HOME: home, PORT: '0', ...SETTINGS };
  const sandbox = await startSandbox(env, { runner: reusedChildren });
  try {
    const client = new OrchestratorClient(sandbox.url);
    return await Promise.all(
      JOURNEYS.map(async (journey) => {
        const { execution_id: id = '' } = await client.provision(await stagedRealtime(journey.model));
        const before = await client.settled(id);
        assert.equal(before.approval?.environment, 'staging', JSON.stringify(before));
        return { journey, before };
      }),
    );
  } finally {
    await sandbox.stop();
  }
}

class Matrix {
  readonly #home: string;
  readonly #travellers: readonly Traveller[];
  readonly #kills = new Map<Victim, { at: number; ready: number }>();
  /** Every child that was working at a kill, to check later whether one was left. */
  readonly #family: { pid: number; started: string }[] = [];
  #sandbox: SandboxProcess | undefined;

  constructor(home: string, travellers: readonly Traveller[]) {
    this.#home = home;
    this.#travellers = travellers;
  }

  async start(): Promise<void> {
    this.#sandbox = await startSandboxProcess({
      ...SETTINGS,
      SANDBOX_HOME: this.#home,
      SANDBOX_FAULTS: JSON.stringify(JOURNEYS.flatMap(faultsOf)),
      // All of them are held up at once.
      WORKER_CONCURRENCY: String(JOURNEYS.length),
    });
  }

  async stop(): Promise<void> {
    await this.#sandbox?.stop();
  }

  async strike(victim: Victim): Promise<void> {
    const struck = this.#travellers.filter(({ journey }) => journey.cells.some((cell) => cell.victim === victim));
    for (const one of struck) if (!one.executionId) await this.#setOff(one);
    // Nothing moves any more: every fault up to here has struck, and who was not to be struck again is through.
    const reached = new Set([...this.#kills.keys(), victim]);
    const faults = JOURNEYS.flatMap(({ cells }) => cells.filter((cell) => reached.has(cell.victim))).flatMap(
      (cell) => cell.faults,
    );
    const haveAllStruck = async () => (await strikes(this.#home)) === faults.length;
    await until(haveAllStruck, `${faults.length} faults have struck`, RECOVERED_WITHIN_MS);
    const done = this.#travellers.filter((one) => one.executionId && !isWaiting(one) && !struck.includes(one));
    for (const one of done) await this.#through(one);
    const children = await this.#recordChildren(struck);
    const at = Date.now();
    await this.#kill(victim, children);
    const isThere = async () => (await fetch(`${this.#sandbox?.url}/readyz`)).status === 200;
    await until(isThere, 'the service is ready', RECOVERED_WITHIN_MS);
    this.#kills.set(victim, { at, ready: Date.now() });
    for (const { journey, before } of struck.filter(isWaiting)) {
      const execution = await this.#client.execution(before.executionId);
      assert.deepEqual(execution, before, `${journey.model}: it waits as before`);
    }
  }

  /** Each execution comes to where it would have come to without the kills. */
  async comeThrough(): Promise<Outcome[]> {
    // What was shown before the kills is approved after them.
    for (const { before } of this.#travellers.filter(isWaiting)) await this.#client.approve(before);
    await Promise.all(this.#travellers.map((one) => this.#through(one)));
    for (const one of this.#travellers) await this.#mustBeWhole(one);
    await this.#nothingMustBeLeft(this.#family);
    return (await Promise.all(this.#travellers.map((one) => this.#outcomes(one)))).flat();
  }

  get #client(): OrchestratorClient {
    assert.ok(this.#sandbox);
    return new OrchestratorClient(this.#sandbox.url);
  }

  /** Brings an execution on its way to its first moment. */
  async #setOff(traveller: Traveller): Promise<void> {
    const { journey, before } = traveller;
    traveller.executionId = before.executionId;
    if (isRemoved(journey)) {
      const { execution_id: removal = '' } = await this.#client.call<{ execution_id?: string }>(
        'DELETE',
        `/pipelines/${before.pipelineId}`,
      );
      traveller.executionId = removal;
    } else if (!isWaiting(traveller)) await this.#client.approve(before);
  }

  /** @returns the working children, one on each stack that is held up */
  async #recordChildren(struck: readonly Traveller[]): Promise<number[]> {
    const rows = await ask<{ stack: string; child_pid: number; child_started: string }>(
      this.#home,
      'SELECT stack, child_pid, child_started FROM mlops.stack_leases WHERE child_pid IS NOT NULL',
    );
    const stacks = struck
      .filter((one) => !isWaiting(one))
      .map(({ journey }) => `${pipelineOf(journey)}.${environmentOf(journey)}`);
    assert.deepEqual(rows.map(({ stack }) => stack.split('/').at(-1)).sort(), stacks.sort(), 'stacks are worked on');
    this.#family.push(...rows.map((row) => ({ pid: row.child_pid, started: row.child_started })));
    return rows.map((row) => row.child_pid);
  }

  async #kill(victim: Victim, children: readonly number[]): Promise<void> {
    switch (victim) {
      case 'service':
        await this.#sandbox?.kill();
        return await this.start();
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

  async #through({ journey, executionId = '' }: Traveller): Promise<void> {
    const execution = await (isRemoved(journey)
      ? this.#client.finished(executionId)
      : this.#client.settled(executionId));
    if (isRemoved(journey)) assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
    else assert.equal(execution.approval?.environment, 'prod', JSON.stringify(execution));
  }

  async #outcomes({ journey, executionId }: Traveller): Promise<Outcome[]> {
    const events = await ask<{ at: Date }>(
      this.#home,
      `SELECT at FROM mlops.execution_events WHERE execution_id = $1 AND type = 'operation.recovered' ORDER BY sequence`,
      [executionId],
    );
    return journey.cells.map(({ victim, moment }, index) => {
      const { at: killed, ready } = this.#kills.get(victim) ?? assert.fail(`the ${victim} was not killed`);
      if (moment === 'waiting for approval') return { victim, moment, recovery: ready - killed };
      if (journey.cells[index + 1]?.moment === 'during refresh') return { victim, moment, recovery: undefined };
      const recovered = events.find(({ at }) => at.getTime() > killed);
      assert.ok(recovered, `${victim}, ${moment}: the stack was not recovered`);
      return { victim, moment, recovery: recovered.at.getTime() - killed };
    });
  }

  async #mustBeWhole({ journey, executionId = '', before }: Traveller): Promise<void> {
    const { model } = journey;
    const { pipelineId, approval } = before;
    const executions = await this.#client.call<Execution[]>('GET', `/pipelines/${pipelineId}/executions`);
    const wanted = isRemoved(journey) ? [executionId, before.executionId] : [executionId];
    assert.deepEqual(
      executions.map((one) => one.executionId),
      wanted,
      `${model}: executions`,
    );
    const entries = await journal(this.#home, pipelineId);
    const approved = new Set(approval?.changes.map(({ urn }) => urn));
    const changed = entries.filter(({ urn }) => !urn.startsWith(`urn:pulumi:${pipelineId}.dev::`));
    const beyond = changed.filter(({ urn, operation }) => operation !== 'create' || !approved.has(urn));
    assert.deepEqual(beyond, [], `${model}: changed without approval`);
    if (isRemoved(journey)) {
      assert.deepEqual(await leftInAccounts(this.#home, pipelineId), [], 'something is left');
    } else {
      assert.deepEqual(
        executions[0]?.decisions?.map(({ environment, changeHash }) => [environment, changeHash]),
        [['staging', approval?.changeHash]],
        `${model}: asked once`,
      );
    }
    await this.#oneWriterAtATime(pipelineId);
  }

  /** Operations on one stack do not overlap. Read where the engine keeps it: the API would start a process a stack. */
  async #oneWriterAtATime(pipelineId: string): Promise<void> {
    const folder = join(this.#home, '.pulumi', 'history');
    const files = await readdir(folder, { recursive: true });
    // The names of a stack's files end with a time stamp.
    const ofPipeline = files.filter((file) => file.endsWith('.history.json') && file.includes(`${pipelineId}.`)).sort();
    assert.ok(ofPipeline.length > 0, `${pipelineId}: no history`);
    for (const ofStack of Map.groupBy(ofPipeline, dirname).values()) {
      const entries = await Promise.all(
        ofStack.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as HistoryFile),
      );
      entries.slice(1).forEach((entry, index) => {
        const { endTime = 0 } = entries[index] ?? {};
        assert.ok(endTime <= entry.startTime, `${pipelineId}: ${JSON.stringify([entries[index], entry])}`);
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

function isWaiting({ journey }: Traveller): boolean {
  return journey.cells.some(({ moment }) => moment === 'waiting for approval');
}

function isRemoved({ cells }: Journey): boolean {
  return cells.some(({ moment }) => moment === 'mid-destroy');
}

function table(outcomes: readonly Outcome[]): string {
  const cell = (victim: Victim, moment: Moment): string => {
    const reason = whyImpossible(victim, moment);
    if (reason) return `cannot be: ${reason}`;
    if (!CHOSEN.includes(victim)) return 'not run: FAULT_MATRIX=all runs it';
    const outcome = outcomes.find((one) => one.victim === victim && one.moment === moment);
    if (!outcome) return 'FAILED (see above)';
    if (outcome.recovery === undefined) return 'survived; killed again in its recovery';
    return `survived; recovered after ${seconds(outcome.recovery)}`;
  };
  const rows = VICTIMS.flatMap((victim) =>
    MOMENTS.map((moment) => `      ${victim.padEnd(10)}${moment.padEnd(32)}${cell(victim, moment)}\n`),
  );
  const possible = JOURNEYS.flatMap(({ cells }) => cells).length;
  const times = outcomes.flatMap(({ recovery }) => recovery ?? []).toSorted((a, b) => a - b);
  const at = (share: number) => seconds(times[Math.ceil(times.length * share) - 1] ?? 0);
  return `\n${rows.join('')}      ${outcomes.length} of ${possible} cases survived; recovery p50 ${at(0.5)}, p99 ${at(0.99)}\n`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
