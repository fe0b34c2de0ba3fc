import assert from 'node:assert/strict';
import { OrchestratorError } from '../../automation/errors.ts';
import { announceDue } from '../../automation/platform/due-work.ts';
import { REQUEST } from '../support/api.ts';
import { until } from '../support/until.ts';
import type { Ground, World } from './support/world.ts';
import { COMMIT, LATER, githubPush, sendGithub, startGround, startWorld } from './support/world.ts';

const other = (model: string) => ({ ...REQUEST, model_name: model });

describe('what becomes of a delivery', () => {
  let ground: Ground;
  let world: World;
  /** What a test holds back; a failed one must not keep the service from stopping. */
  let held: ReturnType<World['api']['orchestrator']['hold']> | undefined;

  before(async () => {
    ground = await startGround();
  });

  after(async () => {
    await ground.remove();
  });

  afterEach(async () => {
    held?.release();
    held = undefined;
    await world.stop();
  });

  async function start(...args: Parameters<typeof startWorld> extends [Ground, ...infer Rest] ? Rest : never) {
    world = await startWorld(ground, ...args);
    world.provider.branches.set('acme/models@main', COMMIT);
  }

  async function deliver(content: unknown): Promise<void> {
    const text = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
    world.provider.files.set(`acme/models@${COMMIT}`, text);
    await sendGithub(world, githubPush()).expect(202);
  }

  const lastStatus = () => world.provider.statuses.at(-1)?.body;

  it('provisions the requests of a list in its order', async () => {
    await start();
    await deliver([other('a'), other('b'), other('c')]);
    await world.reaches('Following');
    assert.deepEqual(
      world.provisioned().map(([body]) => (body as Record<string, unknown>).model_name),
      ['a', 'b', 'c'],
    );
    for (const execution of ['execution-1', 'execution-2']) world.api.orchestrator.finish(execution);
    assert.equal(lastStatus()?.state, 'pending');
    assert.equal(lastStatus()?.description, 'provisioning 3 pipelines');
    world.api.orchestrator.finish('execution-3');
    await world.settled();
    assert.equal(lastStatus()?.state, 'success');
    assert.equal(lastStatus()?.description, '3 pipelines deployed');
    assert.equal(lastStatus()?.target_url, 'https://mlops.example.com/pipelines');
  });

  it('provisions nothing of a list with faults, and tells every fault of every request', async () => {
    await start();
    await deliver([other('a'), { pipeline_type: 'x' }, {}, 'text', other('A')]);
    assert.equal((await world.settled())[0]?.status, 'Invalid');
    assert.deepEqual(world.provisioned(), []);
    assert.equal(lastStatus()?.state, 'failure');
    assert.match(lastStatus()?.description ?? '', /^6 faults: request 1, \/1\/model_name /);
    const [notice, ...more] = world.notices;
    assert.deepEqual(more, []);
    assert.equal(notice?.kind, 'configuration');
    const faults = notice?.data?.faults as { index?: number; pointer: string; rule: string }[];
    assert.deepEqual(
      faults.map(({ index, pointer }) => `${index} ${pointer}`),
      ['1 /1/model_name', '2 /2/pipeline_type', '2 /2/model_name', '3 /3/pipeline_type', '3 /3/model_name', '4 /4'],
    );
    assert.equal(faults.at(-1)?.rule, 'conflict');
    for (const { pointer } of faults) assert.ok(notice?.message.includes(pointer), pointer);
    assert.match(notice?.message ?? '', /nothing was provisioned/);
  });

  it('provisions the right ones of such a list where that is asked for', async () => {
    await start({ CONFIG_PARTIAL_LISTS: 'Yes' });
    await deliver([other('a'), { pipeline_type: 'x' }, other('c')]);
    assert.equal((await world.settled())[0]?.status, 'Partial');
    assert.deepEqual(
      world.provisioned().map(([body]) => (body as Record<string, unknown>).model_name),
      ['a', 'c'],
    );
    assert.equal(lastStatus()?.state, 'failure');
    assert.match(lastStatus()?.description ?? '', /^2 of 3 requests provisioned; 1 fault: request 1, /);
    assert.match(world.notices[0]?.message ?? '', /2 requests of it provisioned/);
  });

  for (const [what, content, message] of [
    ['that is no JSON', '[{"pipeline_type": }]', /is not valid JSON/],
    ['that is empty', '', /is not valid JSON/],
    ['that is no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /is not valid UTF-8/],
    ['with an empty list', [], /is an empty list/],
    ['with too many requests', Array.from({ length: 101 }, (_, index) => other(`m${index}`)), /at most 100/],
    ['that is too large', `["${'x'.repeat(1_100_000)}"]`, /larger than 1048576 bytes/],
    ['that is a list in a list', [[REQUEST]], /request 0, /],
    ['that is null', 'null', /2 faults: \/pipeline_type/],
  ] as [string, unknown, RegExp][]) {
    it(`refuses a file ${what}`, async () => {
      await start({ CONFIG_PARTIAL_LISTS: 'Yes' });
      await deliver(content);
      const [delivery] = await world.settled();
      assert.equal(delivery?.status, 'Invalid');
      assert.match(delivery?.detail ?? '', message);
      assert.equal(world.notices.length, 1);
      assert.deepEqual(world.provisioned(), []);
    });
  }

  it('takes a file with a byte order mark', async () => {
    await start();
    await deliver(`\ufeff${JSON.stringify(REQUEST)}`);
    await world.reaches('Following');
    assert.equal(world.provisioned().length, 1);
  });

  it('reports a valid request that is refused, and does not send it again', async () => {
    await start();
    world.api.orchestrator.failures.set(
      'provision',
      new OrchestratorError('PIPELINE_TYPE_NOT_AVAILABLE', 'this version cannot provision them yet'),
    );
    await deliver(REQUEST);
    assert.equal((await world.settled())[0]?.status, 'Invalid');
    assert.equal(world.provisioned().length, 1);
    assert.match(lastStatus()?.description ?? '', /^0 of 1 request provisioned; this version cannot/);
    assert.match(world.notices[0]?.message ?? '', /request 0 \(mlops-pipeline-my-model-.*\): this version cannot/);
  });

  it('tries again while a pipeline is busy, without making twice what was made', async () => {
    await start();
    const { orchestrator } = world.api;
    const provision = orchestrator.provision.bind(orchestrator);
    let busy = 2;
    orchestrator.provision = async (body, caller) => {
      if ((body as Record<string, unknown>).model_name === 'b' && busy-- > 0) {
        throw new OrchestratorError('PIPELINE_BUSY', 'in use', { retryAfterSeconds: 0.01 });
      }
      return await provision(body, caller);
    };
    await deliver([other('a'), other('b')]);
    await world.reaches('Following');
    assert.deepEqual(
      world.provisioned().map(([body]) => (body as Record<string, unknown>).model_name),
      ['a', 'b'],
    );
    assert.deepEqual(
      (await world.deliveries())[0]?.results.map(({ index, executionId }) => [index, executionId]),
      [
        [0, 'execution-1'],
        [1, 'execution-2'],
      ],
    );
  });

  it('waits for a provider that is down, tells people after some tries, and goes on when it is back', async () => {
    await start();
    world.provider.failure = { status: 503, headers: { 'Retry-After': '0' } };
    await deliver(REQUEST);
    await world.reaches('Pending', 6);
    assert.deepEqual(world.provisioned(), []);
    assert.equal(world.notices.length, 1);
    assert.match(world.notices[0]?.message ?? '', /will be retried: GET .* answered 503: out of order/);
    world.provider.failure = undefined;
    await world.reaches('Following');
    world.api.orchestrator.finish('execution-1');
    assert.equal((await world.settled())[0]?.status, 'Provisioned');
    assert.equal(lastStatus()?.state, 'success');
  });

  it('waits for one that refuses connections, saying so', async () => {
    await start({ GITHUB_API_URL: 'http://127.0.0.1:9' });
    await deliver(REQUEST);
    await world.reaches('Pending', 2);
    assert.match((await world.deliveries())[0]?.detail ?? '', /was not answered: fetch failed: /);
  });

  it('says that a branch cannot be seen, instead of taking it for gone', async () => {
    await start();
    world.provider.branches.clear();
    await deliver(REQUEST);
    await world.reaches('Pending', 2);
    assert.match(
      (await world.deliveries())[0]?.detail ?? '',
      /Branch acme\/models@main does not exist, or the token cannot/,
    );
  });

  it('gives up at last, reports it, and starts again when it is delivered again', async () => {
    await start({}, { giveUpAfterMs: 100 });
    world.provider.failure = { status: 500 };
    await deliver(REQUEST);
    assert.equal((await world.settled())[0]?.status, 'Failed');
    assert.match(world.notices.at(-1)?.message ?? '', /has failed/);
    assert.equal(world.notices.at(-1)?.data?.final, true);
    world.provider.failure = undefined;
    await sendGithub(world, githubPush()).expect(202);
    await world.reaches('Following');
    assert.equal(world.provisioned().length, 1);
  });

  it('is done by another process where the one that accepted it died before it began', async () => {
    await start({}, { work: false });
    await deliver(REQUEST);
    assert.equal((await world.deliveries())[0]?.status, 'Pending');
    await using successor = disposable(await startWorld(ground, {}, { keep: true, provider: world.provider }));
    await successor.world.reaches('Following');
    assert.deepEqual(successor.world.provisioned(), [[REQUEST, 'webhook:github:acme/models']]);
  });

  it('is begun at once by a process that waits, where another one accepts it', async () => {
    await start({}, { work: false });
    await using worker = disposable(await startWorld(ground, {}, { keep: true, provider: world.provider }));
    await until(async () => {
      const { rowCount } = await world.database.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'
            AND query LIKE 'UPDATE mlops.config_deliveries SET claimed_by = $1%'`,
      );
      return rowCount === 1;
    }, 'the other process has looked, and found nothing');
    const begun = performance.now();
    await deliver(REQUEST);
    await worker.world.reaches('Following');
    assert.ok(performance.now() - begun < 10_000, 'it would look again after 15 s');
  });

  it('is taken over from a process that died in the middle, and not from one that lives', async () => {
    await start();
    held = world.api.orchestrator.hold('provision');
    await deliver(REQUEST);
    await held.reached;
    await world.hearNothing();
    await using successor = disposable(await startWorld(ground, {}, { keep: true, provider: world.provider }));
    // As the dispatcher does while there is unfinished work.
    const look = () => announceDue(world.database, 'deliveries');
    const { rows } = await world.database.query<{ claimed_by: string }>(
      'SELECT claimed_by FROM mlops.config_deliveries',
    );
    // A delivery of another repository shows that the second process works.
    await world.database.query(
      `INSERT INTO mlops.config_deliveries (source, delivery_id, target, revision, place)
       VALUES ('github', 'other', 'github:acme/models@other', 'x', '{"repository":"acme/models","branch":"none","path":"p"}')`,
    );
    await look();
    await successor.world.reaches('Pending', 2);
    assert.deepEqual(successor.world.provisioned(), []);
    // With another beat, it cannot come back by its next heartbeat.
    await world.database.query(
      "UPDATE mlops.workers SET ended = 'gone', ended_at = now(), beat = gen_random_uuid() WHERE id = $1",
      [rows[0]?.claimed_by],
    );
    await look();
    await successor.world.reaches('Following');
    assert.equal(successor.world.provisioned().length, 1);
    held.release();
  });

  it('is done once by several processes, and one after the other for one branch', async () => {
    await start({ CONFIG_REPOSITORIES: 'github:acme/models@main,github:acme/others@main' });
    world.provider.branches.set('acme/others@main', COMMIT);
    world.provider.files.set(`acme/others@${COMMIT}`, JSON.stringify(other('others')));
    held = world.api.orchestrator.hold('provision');
    await deliver(REQUEST);
    await held.reached;
    await world.hearNothing();
    await using second = disposable(await world.another());
    world.provider.branches.set('acme/models@main', LATER);
    world.provider.files.set(`acme/models@${LATER}`, JSON.stringify(other('later')));
    await sendGithub(second.world, githubPush({ after: LATER })).expect(202);
    await sendGithub(second.world, githubPush({ repository: { full_name: 'acme/others' } })).expect(202);
    await second.world.reaches('Following');
    assert.deepEqual(
      second.world.provisioned().map(([body]) => (body as Record<string, unknown>).model_name),
      ['others'],
    );
    held.release();
    const made = () =>
      [...world.provisioned(), ...second.world.provisioned()].map(
        ([body]) => (body as Record<string, string>).model_name,
      );
    await until(() => made().includes('later'), 'the later commit is provisioned too');
    assert.equal(made().length, 3);
  });

  it('says so where its source is one that this version does not know', async () => {
    await start();
    await world.database.query(
      `INSERT INTO mlops.config_deliveries (source, delivery_id, target, revision, place)
       VALUES ('svn', 'x', 'svn:x@main', 'x', '{"repository":"x","branch":"main","path":"p"}')`,
    );
    await announceDue(world.database, 'deliveries');
    await world.reaches('Pending', 2);
    assert.match((await world.deliveries())[0]?.detail ?? '', /source svn of .* is not configured/);
  });
});

function disposable(world: World): { world: World } & AsyncDisposable {
  return { world, [Symbol.asyncDispose]: () => world.stop() };
}
