/**
 * One writer per stack where the former one cannot be proven dead: its worker is cut off from the database, or all of it is
 * stopped (a paused container), both with one host name in PID namespaces of their own, and with wall clocks a day apart. Two
 * services take one operation over from each other. The journal of the sandbox AWS is the witness. writers.spec.ts has every
 * fault at every stage.
 */
import assert from 'node:assert/strict';
import { userInfo } from 'node:os';
import { monotonicMs } from '../../automation/platform/monotonic-clock.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { createdTwice, journal, longestOverlap, strikes } from '../support/journal.ts';
import { processTree, signalTree } from '../support/process-tree.ts';
import { TIMEOUT_SCALE, until } from '../support/until.ts';
import { stagedRealtime } from '../workflows/support.ts';
import type { StartedService } from './service-pair.ts';
import { ServicePair, TAKE_OVER_SECONDS, skewedBy } from './service-pair.ts';

/** Longer than the successor takes to start on a busy machine, to wait, and to take over. */
const HELD_UP_MS = 90_000 * TIMEOUT_SCALE;
const HALF_A_DAY_MS = 12 * 3_600_000;

const FUNCTION = 'aws:lambda/function:Function';
/** Where the operation is held up: in the worker that is cut off, and then in its successor, which is paused. */
const FAULTS = [
  {
    type: 'aws:sagemaker/endpoint:Endpoint',
    operation: 'create',
    match: '.dev',
    action: 'delay',
    latencyMs: HELD_UP_MS,
  },
  { type: FUNCTION, operation: 'create', match: '.dev', when: 'after', action: 'hang' },
];
const TAKEN_OVER = /^operation\.(fenced|not-fenced|recovered)$/;

describe('one writer per stack', function () {
  this.timeout(180_000);
  let database: TestDatabase | undefined;
  let pair: ServicePair | undefined;
  /** Its clock is behind: by the clock of the other one, whatever it recorded is a day old. */
  let behind: StartedService;
  let ahead: StartedService;
  let id: string;

  before(async function () {
    // A PID namespace of one's own takes root.
    if (process.platform !== 'linux' || userInfo().uid !== 0) this.skip();
    database = await createDatabase();
    pair = await ServicePair.open({ databaseUrl: database.url, faults: FAULTS, apart: true });
    behind = await pair.start(true, skewedBy(-HALF_A_DAY_MS));
  });

  after(async () => {
    await pair?.close();
    await database?.drop();
  });

  /** What both of them have to do with. */
  function open(): ServicePair {
    return pair ?? assert.fail('there are no services');
  }

  const heldUp = async (times: number) =>
    await until(async () => (await strikes(open().home)) === times, 'the operation is held up', 60_000);

  async function childOf(service: StartedService): Promise<number> {
    const [child] = await open().children(service);
    return child?.pid ?? assert.fail('nobody works on the stack');
  }

  async function takeOvers(): Promise<string[]> {
    const events = await open().query<{ type: string }>(
      'SELECT type FROM mlops.execution_events WHERE execution_id = $1 ORDER BY sequence',
      [id],
    );
    return events.map(({ type }) => type).filter((type) => TAKEN_OVER.test(type));
  }

  /** It ends what it had in progress, and writes no more. @param sessions that have written so far, one each holder */
  async function mustHaveEnded(child: number, service: StartedService, sessions: number): Promise<void> {
    const { home } = open();
    const written = (await journal(home)).length;
    const hasEnded = async () => !(await processTree(service.pid)).includes(child);
    await until(hasEnded, 'the operation of the former writer has ended', 30_000);
    const entries = await journal(home);
    assert.equal(entries.length, written, 'the former writer wrote after its successor');
    assert.deepEqual(await createdTwice(home), []);
    const callers = new Set(entries.map(({ caller }) => caller));
    assert.equal(callers.size, sessions, 'each successor writes under a session of its own');
    assert.equal(await longestOverlap(home), 0, 'milliseconds with two writers at once');
  }

  it('with wall clocks a day apart, nothing is taken over from a worker that is alive', async () => {
    const { execution_id: execution = '' } = await behind.client.provision(await stagedRealtime('contested'));
    id = execution;
    await heldUp(1);
    const child = await childOf(behind);
    ahead = await open().start(false, skewedBy(HALF_A_DAY_MS));
    const begun = monotonicMs();
    const couldTakeOver = () => monotonicMs() - begun > 2 * TAKE_OVER_SECONDS * 1_000;
    await until(couldTakeOver, 'the successor had the time to take over', 30_000);
    assert.deepEqual(await takeOvers(), []);
    assert.equal(await childOf(behind), child);
  });

  it('after a partition from the database before a creation', async () => {
    const child = await childOf(behind);
    open().proxy.cut();
    await heldUp(2);
    const isCreated = async () => (await journal(open().home)).some(({ type }) => type === FUNCTION);
    await until(isCreated, 'its successor has created what holds it up');
    open().proxy.heal();
    await until(async () => (await takeOvers()).length === 2, 'the successor has said that it took over');
    assert.deepEqual(await takeOvers(), ['operation.fenced', 'operation.recovered']);
    await mustHaveEnded(child, behind, 2);
  });

  it('after a pause of the container between a creation and its record', async () => {
    const child = await childOf(ahead);
    await signalTree(ahead.pid, 'SIGSTOP');
    const execution = await behind.client.settled(id);
    await signalTree(ahead.pid, 'SIGCONT');
    assert.equal(execution.status, 'AwaitingApproval', JSON.stringify(execution));
    assert.equal(execution.stages.find(({ environment }) => environment === 'dev')?.status, 'Succeeded');
    const once = ['operation.fenced', 'operation.recovered'];
    assert.deepEqual(await takeOvers(), [...once, ...once]);
    await mustHaveEnded(child, ahead, 3);
    await until(async () => (await open().leases()).length === 0, 'no lease is left', 30_000);
  });
});
