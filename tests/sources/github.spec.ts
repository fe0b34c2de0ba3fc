import assert from 'node:assert/strict';
import request from 'supertest';
import { REQUEST } from '../support/api.ts';
import type { Ground, World } from './support/world.ts';
import {
  COMMIT,
  LATER,
  SECRET,
  TOKEN,
  githubPush,
  hubSignature,
  sendGithub,
  startGround,
  startWorld,
} from './support/world.ts';

describe('a webhook of GitHub', () => {
  let ground: Ground;
  let world: World;

  before(async () => {
    ground = await startGround();
  });

  after(async () => {
    await ground.remove();
  });

  beforeEach(async () => {
    world = await startWorld(ground);
    world.provider.branches.set('acme/models@main', COMMIT);
    world.provider.files.set(`acme/models@${COMMIT}`, JSON.stringify(REQUEST));
  });

  afterEach(async () => {
    await world.stop();
  });

  it('takes the signature that GitHub publishes as an example', async () => {
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const { body } = await sendGithub(world, 'Hello, World!', { 'X-Hub-Signature-256': signature }).expect(400);
    // Authentic, and only then looked into.
    assert.match(body.detailedMessage, /not JSON/);
    const { headers } = await sendGithub(world, 'Hello, World?', { 'X-Hub-Signature-256': signature }).expect(401);
    assert.equal(headers['x-error-code'], 'SIGNATURE_INVALID');
  });

  it('needs no gateway, unlike everything else', async () => {
    await sendGithub(world, githubPush()).expect(202);
    await request(world.api.app).post('/provisionpipeline').send(REQUEST).expect(401);
    await request(world.api.app).post('/webhooks/elsewhere').send({}).expect(401);
  });

  const body = JSON.stringify(githubPush());
  const good = hubSignature(body);
  for (const [what, headers] of [
    ['without a signature', { 'X-Hub-Signature-256': '' }],
    ['with another secret', { 'X-Hub-Signature-256': hubSignature(body, 'another secret of length') }],
    ['with a signature that is too short', { 'X-Hub-Signature-256': good.slice(0, -2) }],
    ['with a signature that is too long', { 'X-Hub-Signature-256': `${good}00` }],
    ['with the digest alone', { 'X-Hub-Signature-256': good.slice('sha256='.length) }],
    ['with a signature in capitals', { 'X-Hub-Signature-256': good.toUpperCase() }],
    ['with letters beyond ASCII', { 'X-Hub-Signature-256': 'sha256=ééé' }],
    ['with the older SHA-1 header only', { 'X-Hub-Signature-256': '', 'X-Hub-Signature': good }],
    ['with the secret itself', { 'X-Hub-Signature-256': SECRET }],
  ] as [string, Record<string, string>][]) {
    it(`refuses a body ${what}`, async () => {
      const answer = await sendGithub(world, body, headers).expect(401);
      assert.equal(answer.body.message, 'An Unauthorized exception occurred');
      assert.ok(!JSON.stringify(answer.body).includes(SECRET));
      assert.deepEqual(await world.deliveries(), []);
    });
  }

  for (const [what, tampered] of [
    ['with one byte more', `${body} `],
    ['with another commit', body.replace(COMMIT, LATER)],
    ['with nothing in it', ''],
  ] as const) {
    it(`refuses a body ${what} under the signature of the right one`, async () => {
      await sendGithub(world, tampered, { 'X-Hub-Signature-256': good }).expect(401);
      assert.deepEqual(await world.deliveries(), []);
    });
  }

  it('answers that webhooks are not set up where there is no secret, even to an empty one', async () => {
    await world.stop();
    world = await startWorld(ground, { GITHUB_WEBHOOK_SECRET: '', CONFIG_REPOSITORIES: '' });
    const answer = await sendGithub(world, body, { 'X-Hub-Signature-256': hubSignature(body, '') }).expect(404);
    assert.equal(answer.headers['x-error-code'], 'WEBHOOK_NOT_SET_UP');
    assert.match(answer.body.detailedMessage, /GITHUB_WEBHOOK_SECRET/);
  });

  it('refuses a form, which is the default of GitHub, with a message that says what to set', async () => {
    const form = `payload=${encodeURIComponent(body)}`;
    const answer = await sendGithub(world, form, {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Hub-Signature-256': hubSignature(form),
    }).expect(415);
    assert.match(answer.body.detailedMessage, /application\/json/);
  });

  it('takes large bodies, and refuses those that no gateway would let through', async () => {
    const large = JSON.stringify(githubPush({ commits: 'x'.repeat(2_000_000) }));
    await sendGithub(world, large).expect(202);
    await sendGithub(world, JSON.stringify(githubPush({ commits: 'x'.repeat(10_500_000) }))).expect(413);
  });

  it('is answered at once, and provisions the file of exactly that commit in the name of the repository', async () => {
    const answer = await sendGithub(world, githubPush()).expect(202);
    assert.deepEqual(answer.body, { status: 'accepted', targets: ['github:acme/models@main'] });
    await world.reaches('Following');
    assert.deepEqual(world.provisioned(), [[REQUEST, 'webhook:github:acme/models']]);
    const read = world.provider.calls.find(({ path }) => path.includes('/contents/'));
    assert.equal(read?.path, `/repos/acme/models/contents/mlops-config.json?ref=${COMMIT}`);
    assert.equal(read?.headers.authorization, `Bearer ${TOKEN}`);
  });

  it('writes the result back: pending, then success once the execution has succeeded', async () => {
    await sendGithub(world, githubPush()).expect(202);
    await world.reaches('Following');
    assert.deepEqual(
      world.provider.statuses.map(({ body: { state } }) => state),
      ['pending'],
    );
    world.api.orchestrator.finish('execution-1');
    await world.settled();
    const [first, last, ...more] = world.provider.statuses;
    assert.deepEqual(more, []);
    assert.equal(first?.path, `/repos/acme/models/statuses/${COMMIT}`);
    assert.equal(first?.body.context, 'mlops/provision');
    assert.deepEqual(last?.body, {
      state: 'success',
      context: 'mlops/provision',
      description: '1 pipeline deployed',
      target_url: 'https://mlops.example.com/pipelines/mlops-pipeline-my-model-byompipelinerealtimebuiltin',
    });
  });

  it('writes a failed deployment back, cut to what GitHub takes', async () => {
    await sendGithub(world, githubPush()).expect(202);
    await world.reaches('Following');
    const error = { code: 'OPERATION_FAILED', message: `no capacity ${'x'.repeat(200)}` };
    world.api.orchestrator.finish('execution-1', 'Failed', error);
    await world.settled();
    const last = world.provider.statuses.at(-1);
    assert.equal(last?.body.state, 'failure');
    assert.match(last?.body.description ?? '', /byompipelinerealtimebuiltin failed: no capacity x+…$/);
    assert.equal(last?.body.description?.length, 140);
  });

  // GitHub answers 404 for what a token may not do.
  for (const status of [403, 404, 500]) {
    it(`goes on where no status can be written (${status}), and says so`, async () => {
      world.provider.statusFailure = status;
      await sendGithub(world, githubPush()).expect(202);
      await world.reaches('Following');
      world.api.orchestrator.finish('execution-1');
      assert.equal((await world.settled())[0]?.status, 'Provisioned');
      const warnings = world.log.filter((line) => line.includes('a commit status could not be written'));
      assert.equal(warnings.length, 2);
      assert.match(warnings[0] ?? '', new RegExp(`answered ${status}`));
    });
  }

  it('ends well where a later request overtook it', async () => {
    await sendGithub(world, githubPush()).expect(202);
    await world.reaches('Following');
    world.api.orchestrator.finish('execution-1', 'Superseded');
    await world.settled();
    const last = world.provider.statuses.at(-1)?.body;
    assert.equal(last?.state, 'success');
    assert.equal(last?.description, '0 pipelines deployed, 1 superseded by a later request');
  });

  it('keeps secrets and tokens out of the log', async () => {
    world.provider.failure = { status: 500 };
    await sendGithub(world, githubPush()).expect(202);
    await sendGithub(world, body, { 'X-Hub-Signature-256': 'sha256=x' }).expect(401);
    await world.reaches('Pending', 2);
    const log = [...world.log, ...world.api.log].join('');
    assert.match(log, /answered 500/);
    for (const secret of [SECRET, TOKEN]) assert.ok(!log.includes(secret));
  });

  for (const [what, payload, headers, reason] of [
    ['a ping', { zen: 'Keep it logically awesome.' }, { 'X-GitHub-Event': 'ping' }, undefined],
    ['another event', {}, { 'X-GitHub-Event': 'issues' }, /event issues is not a push/],
    [
      'a pull request of a fork',
      { action: 'opened', pull_request: { head: { sha: COMMIT, repo: { fork: true } }, base: { ref: 'main' } } },
      { 'X-GitHub-Event': 'pull_request' },
      /from a fork or not/,
    ],
    ['a pull request target', {}, { 'X-GitHub-Event': 'pull_request_target' }, /pull requests are never/],
    [
      'another branch',
      githubPush({ ref: 'refs/heads/feature' }),
      {},
      /CONFIG_REPOSITORIES: github:acme\/models@feature/,
    ],
    ['another branch of which ours is the end', githubPush({ ref: 'refs/heads/x/main' }), {}, /@x\/main/],
    ['a tag of that name', githubPush({ ref: 'refs/tags/main' }), {}, /refs\/tags\/main is not a branch/],
    [
      'another repository',
      githubPush({ repository: { full_name: 'mallory/models', fork: true } }),
      {},
      /CONFIG_REPOSITORIES: github:mallory\/models@main/,
    ],
    ['a deleted branch', githubPush({ after: '0'.repeat(40), deleted: true }), {}, /branch main was deleted/],
  ] as [string, Record<string, unknown>, Record<string, string>, RegExp | undefined][]) {
    it(`answers ${what}, and does nothing`, async () => {
      const answer = await sendGithub(world, payload, headers).expect(200);
      assert.equal(answer.body.status, reason ? 'ignored' : 'pong');
      if (reason) assert.match(answer.body.reason, reason);
      assert.deepEqual(await world.deliveries(), []);
      assert.deepEqual(world.provider.calls, []);
    });
  }

  it('knows the repository in any letter case, and reads it as it is written in the settings', async () => {
    await sendGithub(world, githubPush({ repository: { full_name: 'Acme/Models' } })).expect(202);
    assert.equal((await world.deliveries())[0]?.target, 'github:acme/models@main');
  });

  it('refuses a push that is none, naming what it lacks', async () => {
    for (const payload of [{ ref: 'refs/heads/main' }, githubPush({ after: 'main' }), []]) {
      const answer = await sendGithub(world, payload).expect(400);
      assert.equal(answer.headers['x-error-code'], 'REQUEST_INVALID');
    }
  });

  it('makes nothing twice of a delivery that comes twice, or of a replay under another id', async () => {
    await sendGithub(world, githubPush()).expect(202);
    const twice = await sendGithub(world, githubPush()).expect(200);
    assert.deepEqual(twice.body, { status: 'duplicate' });
    const replay = await sendGithub(world, githubPush(), { 'X-GitHub-Delivery': 'made-up' }).expect(200);
    assert.deepEqual(replay.body, { status: 'duplicate' });
    await Promise.all(Array.from({ length: 10 }, () => sendGithub(world, githubPush()).expect(200)));
    await world.reaches('Following');
    assert.equal(world.provisioned().length, 1);
  });

  it('does not go back to an older commit that comes late', async () => {
    world.provider.branches.set('acme/models@main', LATER);
    world.provider.files.set(`acme/models@${LATER}`, JSON.stringify({ ...REQUEST, inference_instance: 'ml.m5.large' }));
    await sendGithub(world, githubPush({ after: LATER })).expect(202);
    await sendGithub(world, githubPush()).expect(202);
    await world.reaches('Superseded');
    assert.deepEqual(
      world.provisioned().map(([sent]) => (sent as Record<string, unknown>).inference_instance),
      ['ml.m5.large'],
    );
  });

  it('waits for a provider that does not know its own push yet', async () => {
    world.provider.branches.set('acme/models@main', LATER);
    await sendGithub(world, githubPush()).expect(202);
    await world.reaches('Pending', 2);
    world.provider.branches.set('acme/models@main', COMMIT);
    await world.reaches('Following');
    assert.equal(world.provisioned().length, 1);
  });

  it('ends quietly at a commit without the file', async () => {
    world.provider.files.clear();
    await sendGithub(world, githubPush()).expect(202);
    assert.equal((await world.settled())[0]?.status, 'Absent');
    assert.deepEqual(world.provider.statuses, []);
    assert.deepEqual(world.notices, []);
  });
});
