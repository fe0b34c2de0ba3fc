/** What a sender controls is bounded, even if the secret has leaked. */
import assert from 'node:assert/strict';
import request from 'supertest';
import { hubSignature, startGround, startWorld, COMMIT, SECRET, TOKEN } from './support/world.ts';
import type { Ground, World } from './support/world.ts';

const ALLOWED = Array.from({ length: 120 }, (_, index) => `bitbucket:team/models@b${index}`);
const commit = (index: number) => index.toString(16).padStart(40, 'a');

describe('what senders of webhooks decide on', () => {
  let ground: Ground;
  let world: World;

  before(async function () {
    this.timeout(60_000);
    ground = await startGround();
    world = await startWorld(
      ground,
      {
        CONFIG_REPOSITORIES: ['bitbucket:team/models@main', 'gitlab:group/models@main', ...ALLOWED].join(','),
        BITBUCKET_WEBHOOK_SECRET: SECRET,
        GITLAB_WEBHOOK_SECRET: SECRET,
        GITLAB_TOKEN: TOKEN,
      },
      { work: false },
    );
  });

  after(async () => {
    await world.stop();
    await ground.remove();
  });

  afterEach(async () => {
    await world.database.query('TRUNCATE mlops.config_deliveries');
  });

  const change = (branch: string, hash: string, type = 'branch') => ({
    old: null,
    new: { type, name: branch, target: { hash } },
  });

  function bitbucket(changes: unknown[], headers: Record<string, string> = {}) {
    const body = JSON.stringify({ repository: { full_name: 'team/models' }, push: { changes } });
    return request(world.api.app)
      .post('/webhooks/bitbucket')
      .set({ 'Content-Type': 'application/json', 'X-Event-Key': 'repo:push', 'X-Hub-Signature': hubSignature(body) })
      .set(headers)
      .send(body);
  }

  const ID = 'x'.repeat(8_000);

  it('ids of any length are kept, and known again', async () => {
    const push = [change('main', COMMIT)];
    await bitbucket(push, { 'X-Request-UUID': ID }).expect(202);
    const again = await bitbucket(push, { 'X-Request-UUID': ID }).expect(200);
    assert.equal(again.body.status, 'duplicate');
    await bitbucket(push, { 'X-Request-UUID': `${ID}y` }).expect(202);

    const body = JSON.stringify({
      object_kind: 'push',
      after: COMMIT,
      ref: 'refs/heads/main',
      project: { path_with_namespace: 'group/models' },
    });
    for (const [header, status] of [
      ['webhook-id', 202],
      ['idempotency-key', 200],
    ] as const) {
      await request(world.api.app)
        .post('/webhooks/gitlab')
        .set({ 'Content-Type': 'application/json', 'X-Gitlab-Token': SECRET, [header]: ID })
        .send(body)
        .expect(status);
    }
    const kept = await world.deliveries();
    assert.equal(kept.length, 3);
    for (const { delivery_id: id } of kept) assert.match(id, /^sha256:[0-9a-f]{64}$/);
  });

  it('3,000 changes of one branch to one commit are one delivery', async () => {
    const changes = Array.from({ length: 3_000 }, () => change('main', COMMIT));
    const { body } = await bitbucket(changes).expect(202);
    assert.deepEqual(body.targets, ['bitbucket:team/models@main']);
    assert.equal((await world.deliveries()).length, 1);
  });

  it('more changes of allowed branches than anybody pushes are refused, and none is kept', async () => {
    const refused = await bitbucket(Array.from({ length: 3_000 }, (_, index) => change('main', commit(index)))).expect(
      400,
    );
    assert.match(refused.body.detailedMessage, /at most 100 changes/);
    const branches = ALLOWED.map((one) => change(one.split('@')[1] ?? '', COMMIT));
    await bitbucket(branches).expect(400);
    assert.deepEqual(await world.deliveries(), []);
    await bitbucket(branches.slice(0, 100)).expect(202);
    assert.equal((await world.deliveries()).length, 100);
  });

  it('changes that are ignored are listed up to a few', async () => {
    for (const type of ['branch', 'tag']) {
      const changes = Array.from({ length: 3_000 }, (_, index) =>
        change(`other-${index}${'n'.repeat(200)}`, COMMIT, type),
      );
      const { body } = await bitbucket(changes).expect(200);
      assert.equal(body.status, 'ignored');
      assert.match(body.reason, /and 2990 more/);
      assert.ok(body.reason.length < 5_000, String(body.reason.length));
    }
  });
});
