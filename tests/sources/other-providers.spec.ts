import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import request from 'supertest';
import { isHubSignature, isStandardWebhook, isToken } from '../../automation/sources/inbound/signatures.ts';
import { REQUEST } from '../support/api.ts';
import type { Ground, World } from './support/world.ts';
import { COMMIT, LATER, SECRET, TOKEN, hubSignature, startGround, startWorld } from './support/world.ts';

const KEY = `whsec_${Buffer.from('thirty-two bytes of a signing key').toString('base64')}`;
const ZEROS = '0'.repeat(40);

let ground: Ground;
let world: World;

before(async function () {
  this.timeout(60_000);
  ground = await startGround();
});

after(async () => {
  await ground.remove();
});

describe('published examples of signatures', () => {
  const header = (values: Record<string, string>) => (name: string) => values[name];

  it("hold for GitHub's and Bitbucket's HMAC", () => {
    const github = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    assert.ok(isHubSignature(SECRET, Buffer.from('Hello, World!'), github));
    const bitbucket = 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9';
    assert.ok(isHubSignature(SECRET, Buffer.from('Hello World!'), bitbucket));
    assert.ok(!isHubSignature(SECRET, Buffer.from('Hello World!'), github));
  });

  it('hold for Standard Webhooks', () => {
    const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const body = Buffer.from('{"test": 2432232314}');
    const sent = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const now = 1_614_265_330;
    assert.ok(isStandardWebhook(key, body, header(sent), now));
    const several = `v1,AAAA v1a,BBBB ${sent['webhook-signature']}`;
    assert.ok(isStandardWebhook(key, body, header({ ...sent, 'webhook-signature': several }), now));
    for (const changed of [
      { 'webhook-id': 'msg_other' },
      { 'webhook-timestamp': '1614265331' },
      { 'webhook-timestamp': '1614265330.' },
      { 'webhook-signature': 'v1,AAAA' },
      { 'webhook-signature': sent['webhook-signature'].slice(3) },
      { 'webhook-signature': '' },
    ]) {
      assert.ok(!isStandardWebhook(key, body, header({ ...sent, ...changed }), now), JSON.stringify(changed));
    }
    assert.ok(!isStandardWebhook(key, body, header(sent), now + 301), 'too old');
    assert.ok(!isStandardWebhook(key, body, header(sent), now - 301), 'of the future');
    assert.ok(!isStandardWebhook(KEY, body, header(sent), now), 'another key');
  });

  it('take no token for another', () => {
    assert.ok(isToken(SECRET, SECRET));
    for (const given of [undefined, '', SECRET.slice(0, -1), `${SECRET} `]) assert.ok(!isToken(SECRET, given));
    // Nothing was set and nothing was sent: still no proof.
    assert.ok(!isToken('', undefined));
  });
});

describe('a webhook of GitLab', () => {
  const PUSH = {
    object_kind: 'push',
    before: ZEROS,
    after: COMMIT,
    ref: 'refs/heads/main',
    project: { path_with_namespace: 'group/sub/models' },
  };
  const SETTINGS = { CONFIG_REPOSITORIES: 'gitlab:group/sub/models@main', GITLAB_TOKEN: TOKEN };

  async function start(env: Record<string, string>): Promise<void> {
    world = await startWorld(ground, { ...SETTINGS, ...env });
    world.provider.branches.set('group/sub/models@main', COMMIT);
    world.provider.files.set(`group/sub/models@${COMMIT}`, JSON.stringify(REQUEST));
  }

  afterEach(async () => {
    await world.stop();
  });

  const send = (payload: unknown, headers: Record<string, string>) =>
    request(world.api.app)
      .post('/webhooks/gitlab')
      .set({ 'Content-Type': 'application/json', 'X-Gitlab-Event': 'Push Hook', ...headers })
      .send(JSON.stringify(payload));

  function signed(payload: unknown, id: string, seconds = Math.floor(Date.now() / 1_000)): Record<string, string> {
    const key = Buffer.from(KEY.slice('whsec_'.length), 'base64');
    const signature = createHmac('sha256', key)
      .update(`${id}.${seconds}.${JSON.stringify(payload)}`)
      .digest('base64');
    return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
  }

  it('is provisioned and answered with statuses, known by its plain token', async () => {
    await start({ GITLAB_WEBHOOK_SECRET: SECRET });
    await send(PUSH, { 'X-Gitlab-Token': SECRET, 'Idempotency-Key': 'a' }).expect(202);
    await world.reaches('Following');
    world.api.orchestrator.finish('execution-1');
    await world.settled();
    assert.deepEqual(world.provisioned(), [[REQUEST, 'webhook:gitlab:group/sub/models']]);
    const read = world.provider.calls.find(({ path }) => path.includes('/files/'));
    assert.equal(read?.path, `/projects/group%2Fsub%2Fmodels/repository/files/mlops-config.json/raw?ref=${COMMIT}`);
    assert.equal(read?.headers['private-token'], TOKEN);
    assert.deepEqual(
      world.provider.statuses.map(({ path, body: { state, name, ref } }) => [path, state, name, ref]),
      ['pending', 'success'].map((state) => [
        `/projects/group%2Fsub%2Fmodels/statuses/${COMMIT}`,
        state,
        'mlops/provision',
        'main',
      ]),
    );
  });

  for (const [what, headers] of [
    ['without a token', {}],
    ['with another token', { 'X-Gitlab-Token': 'another token of that length' }],
    ['with part of the token', { 'X-Gitlab-Token': SECRET.slice(0, -1) }],
  ] as [string, Record<string, string>][]) {
    it(`is refused ${what}`, async () => {
      await start({ GITLAB_WEBHOOK_SECRET: SECRET });
      await send(PUSH, headers).expect(401);
      assert.deepEqual(await world.deliveries(), []);
    });
  }

  it('is known by its signature where a signing token is set, and then the plain token is worth nothing', async () => {
    await start({ GITLAB_SIGNING_TOKEN: KEY, GITLAB_WEBHOOK_SECRET: SECRET });
    await send(PUSH, { 'X-Gitlab-Token': SECRET }).expect(401);
    await send({ ...PUSH, after: LATER }, signed(PUSH, 'id-1')).expect(401);
    await send(PUSH, signed(PUSH, 'id-1', Math.floor(Date.now() / 1_000) - 3_600)).expect(401);
    await send(PUSH, signed(PUSH, 'id-1')).expect(202);
    assert.equal((await send(PUSH, signed(PUSH, 'id-1')).expect(200)).body.status, 'duplicate');
    assert.deepEqual(
      (await world.deliveries()).map((one) => one.delivery_id),
      ['id-1'],
    );
  });

  it('is ignored where it is a merge request, another branch or project, a tag or a deletion', async () => {
    await start({ GITLAB_WEBHOOK_SECRET: SECRET });
    const mergeRequest = {
      object_kind: 'merge_request',
      object_attributes: { source_project_id: 2, target_project_id: 1 },
    };
    for (const [payload, reason] of [
      [mergeRequest, /from a fork or not/],
      [{ ...PUSH, object_kind: 'tag_push', ref: 'refs/tags/main' }, /tag_push is not a push/],
      [{ ...PUSH, ref: 'refs/heads/other' }, /CONFIG_REPOSITORIES/],
      [{ ...PUSH, project: { path_with_namespace: 'group/models' } }, /CONFIG_REPOSITORIES/],
      [{ ...PUSH, after: ZEROS }, /was deleted/],
    ] as [unknown, RegExp][]) {
      const { body } = await send(payload, { 'X-Gitlab-Token': SECRET }).expect(200);
      assert.match(body.reason, reason);
    }
    assert.deepEqual(await world.deliveries(), []);
  });
});

describe('a webhook of Bitbucket', () => {
  const branch = (name: string, hash: string) => ({ type: 'branch', name, target: { hash } });
  const push = (...changes: unknown[]) => ({ repository: { full_name: 'team/models' }, push: { changes } });
  const PUSH = push({ old: branch('main', LATER), new: branch('main', COMMIT) });

  beforeEach(async () => {
    world = await startWorld(ground, {
      CONFIG_REPOSITORIES: 'bitbucket:team/models@main,bitbucket:team/models@next',
      BITBUCKET_WEBHOOK_SECRET: SECRET,
      BITBUCKET_TOKEN: TOKEN,
      PUBLIC_URL: '',
    });
    for (const name of ['main', 'next']) world.provider.branches.set(`team/models@${name}`, COMMIT);
    world.provider.files.set(`team/models@${COMMIT}`, JSON.stringify(REQUEST));
  });

  afterEach(async () => {
    await world.stop();
  });

  function send(payload: unknown, headers: Record<string, string> = {}) {
    const body = JSON.stringify(payload);
    return request(world.api.app)
      .post('/webhooks/bitbucket')
      .set({
        'Content-Type': 'application/json',
        'X-Event-Key': 'repo:push',
        'X-Request-UUID': 'request-1',
        'X-Hub-Signature': hubSignature(body),
        ...headers,
      })
      .send(body);
  }

  it('is provisioned and answered with build statuses, which need an address', async () => {
    await send(PUSH).expect(202);
    await world.reaches('Following');
    world.api.orchestrator.finish('execution-1');
    await world.settled();
    assert.deepEqual(world.provisioned(), [[REQUEST, 'webhook:bitbucket:team/models']]);
    assert.ok(
      world.provider.calls.some(({ path }) => path === `/repositories/team/models/src/${COMMIT}/mlops-config.json`),
    );
    assert.deepEqual(
      world.provider.statuses.map(({ path, body: { key, state, url } }) => [path, key, state, url]),
      ['INPROGRESS', 'SUCCESSFUL'].map((state) => [
        `/repositories/team/models/commit/${COMMIT}/statuses/build`,
        'mlops/provision',
        state,
        `https://bitbucket.org/team/models/commits/${COMMIT}`,
      ]),
    );
  });

  for (const [what, headers] of [
    ['without a signature', { 'X-Hub-Signature': '' }],
    ['with another secret', { 'X-Hub-Signature': hubSignature(JSON.stringify(PUSH), 'another secret') }],
    ['with a signature that is cut', { 'X-Hub-Signature': hubSignature(JSON.stringify(PUSH)).slice(0, 40) }],
    ["with GitHub's header", { 'X-Hub-Signature': '', 'X-Hub-Signature-256': hubSignature(JSON.stringify(PUSH)) }],
  ] as [string, Record<string, string>][]) {
    it(`is refused ${what}`, async () => {
      await send(PUSH, headers).expect(401);
      assert.deepEqual(await world.deliveries(), []);
    });
  }

  it('may move several branches at once, and is a duplicate when it is sent again', async () => {
    const several = push(
      { old: null, new: branch('main', COMMIT) },
      { old: branch('next', LATER), new: branch('next', COMMIT) },
      { old: branch('gone', LATER), new: null },
      { old: null, new: branch('feature', COMMIT) },
    );
    const { body } = await send(several).expect(202);
    assert.deepEqual(body.targets, ['bitbucket:team/models@main', 'bitbucket:team/models@next']);
    const again = await send(several, { 'X-Attempt-Number': '2' }).expect(200);
    assert.equal(again.body.status, 'duplicate');
    assert.equal((await world.deliveries()).length, 2);
  });

  it('is ignored where it is a pull request, another branch, a tag or a deletion', async () => {
    for (const [payload, headers, reason] of [
      [{}, { 'X-Event-Key': 'pullrequest:created' }, /from a fork or not/],
      [{}, { 'X-Event-Key': 'repo:fork' }, /repo:fork is not a push/],
      [push({ old: null, new: branch('other', COMMIT) }), {}, /CONFIG_REPOSITORIES/],
      [push({ old: null, new: { ...branch('main', COMMIT), type: 'tag' } }), {}, /tag main is not a branch/],
      [push({ old: branch('main', COMMIT), new: null }), {}, /branch main was deleted/],
      [push(), {}, /nothing was pushed/],
    ] as [unknown, Record<string, string>, RegExp][]) {
      const { body } = await send(payload, headers).expect(200);
      assert.match(body.reason, reason);
    }
    assert.equal((await send({}, { 'X-Event-Key': 'diagnostics:ping' }).expect(200)).body.status, 'pong');
    assert.deepEqual(await world.deliveries(), []);
  });

  it('is refused where it lacks what a push has', async () => {
    await send({ repository: { full_name: 'team/models' } }).expect(400);
    await send({ push: { changes: [{ new: branch('main', COMMIT) }] } }).expect(400);
  });
});
