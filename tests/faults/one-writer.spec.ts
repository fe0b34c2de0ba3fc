/**
 * One writer per stack where the former one cannot be proven dead: its worker is cut off from the database, or all of it is
 * stopped (a paused container), both with one host name in PID namespaces of their own; and where their wall clocks differ.
 * The journal of the sandbox AWS is the witness. writers.spec.ts has every fault at every stage.
 */
import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import type { Execution, ExecutionEvent } from '../../automation/model.ts';
import { monotonicMs } from '../../automation/platform/monotonic-clock.ts';
import type { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { createDatabase } from '../support/database.ts';
import { createdTwice, journal, longestOverlap } from '../support/journal.ts';
import { processTree, signalTree } from '../support/process-tree.ts';
import { TIMEOUT_SCALE, until } from '../support/until.ts';
import { stagedRealtime } from '../workflows/support.ts';
import { ServicePair, TAKE_OVER_SECONDS, skewedBy } from './service-pair.ts';

/** Longer than the successor takes to start on a busy machine and to take over: the operation is still held up when it does. */
const HELD_UP_MS = 60_000;
/** Several times as long as it takes until work is taken over, and long enough for the successor to start. */
const HELD_UP_ALIVE_MS = 30_000;
const HOUR_MS = 3_600_000;

const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const MODEL = 'aws:sagemaker/model:Model';

/** Where the operation is held up when its worker is struck. */
const BEFORE_A_CREATION = { type: ENDPOINT, operation: 'create', action: 'delay', latencyMs: HELD_UP_MS };
const FOR_A_WHILE = { ...BEFORE_A_CREATION, latencyMs: HELD_UP_ALIVE_MS * TIMEOUT_SCALE };
const BEFORE_ITS_RECORD = { type: MODEL, operation: 'create', when: 'after', action: 'hang' };

describe('one writer per stack', function () {
  this.timeout(180_000);
  let undisturbed: Promise<void> | undefined;

  before(function () {
    // A PID namespace of one's own takes root.
    if (process.platform !== 'linux' || userInfo().uid !== 0) this.skip();
    // Only waits, for most of the time: the others run meanwhile, on services of their own.
    undisturbed = withPair(FOR_A_WHILE, leavesTheLivingAlone);
    undisturbed.catch(() => undefined);
  });

  after(async () => await undisturbed?.catch(() => undefined));

  async function withPair(fault: object, act: (pair: ServicePair) => Promise<void>): Promise<void> {
    const database = await createDatabase();
    try {
      const faults = [{ ...fault, match: '.dev', times: 1 }];
      const pair = await ServicePair.open({ databaseUrl: database.url, faults, apart: true });
      await act(pair).finally(() => pair.close());
    } finally {
      await database.drop();
    }
  }

  const heldUp = async (pair: ServicePair) =>
    await until(async () => (await pair.strikes()) > 0, 'the operation is held up', 60_000);

  async function eventsOf(client: OrchestratorClient, execution: Execution): Promise<ExecutionEvent[]> {
    const events: ExecutionEvent[] = [];
    for await (const event of client.follow(execution.executionId)) {
      events.push(event);
      if (event.type === 'approval.requested') break;
    }
    return events;
  }

  for (const [fault, moment, held] of [
    ['partition from the database', 'before a creation', BEFORE_A_CREATION],
    ['pause of the container', 'between a creation and its record', BEFORE_ITS_RECORD],
  ] as const) {
    it(`after a ${fault} ${moment}`, async () => {
      await withPair(held, async (pair) => {
        const struck = await pair.start(true);
        const { execution_id: id = '' } = await struck.client.provision(await stagedRealtime('contested'));
        await heldUp(pair);
        const [child] = await pair.children(struck);
        assert.ok(child);
        const successor = await pair.start(false);

        if (fault === 'pause of the container') await signalTree(struck.pid, 'SIGSTOP');
        else pair.proxy.cut();
        const execution = await successor.client.settled(id);
        if (fault === 'pause of the container') await signalTree(struck.pid, 'SIGCONT');
        else pair.proxy.heal();

        assert.equal(execution.status, 'AwaitingApproval', JSON.stringify(execution));
        assert.equal(execution.stages.find(({ environment }) => environment === 'dev')?.status, 'Succeeded');
        const events = await eventsOf(successor.client, execution);
        const types = events.map(({ type }) => type);
        assert.ok(types.includes('operation.fenced'), types.join(', '));
        assert.ok(
          types.indexOf('operation.fenced') < types.indexOf('operation.recovered'),
          `fenced before it recovered: ${types.join(', ')}`,
        );

        // The affected process ends what it had in progress, and writes no more.
        const written = (await journal(pair.home)).length;
        const hasEnded = async () => !(await processTree(struck.pid)).includes(child.pid);
        await until(hasEnded, 'its operation has ended', 30_000);
        assert.deepEqual(await createdTwice(pair.home), []);
        assert.equal((await journal(pair.home)).length, written, 'the former writer wrote after its successor');
        const sessions = new Set((await journal(pair.home)).map(({ caller }) => caller));
        assert.equal(sessions.size, 2, 'the successor wrote under a session of its own');
        assert.equal(await longestOverlap(pair.home), 0, 'milliseconds with two writers at once');
        await until(async () => (await pair.leases()).length === 0, 'no lease is left', 30_000);
      });
    });
  }

  it('with wall clocks a day apart, nothing is taken over from a worker that is alive', () => undisturbed);

  /** Its clock is behind: by the clock of the successor, whatever it recorded is a day old. */
  async function leavesTheLivingAlone(pair: ServicePair): Promise<void> {
    const behind = await pair.start(false, skewedBy(-12 * HOUR_MS));
    const { execution_id: id = '' } = await behind.client.provision(await stagedRealtime('skewed'));
    await heldUp(pair);
    const ahead = await pair.start(false, skewedBy(12 * HOUR_MS));
    const successorFor = monotonicMs();
    const execution = await ahead.client.settled(id);
    assert.equal(execution.status, 'AwaitingApproval', JSON.stringify(execution));
    const waited = monotonicMs() - successorFor;
    assert.ok(waited > 2 * TAKE_OVER_SECONDS * 1_000, `the successor had only ${waited} ms to take over`);
    const types = (await eventsOf(ahead.client, execution)).map(({ type }) => type);
    assert.ok(!types.some((type) => /^operation\.(fenced|not-fenced|recovered)$/.test(type)), types.join(', '));
    assert.deepEqual(await createdTwice(pair.home), []);
    assert.equal(await longestOverlap(pair.home), 0);
  }
});
