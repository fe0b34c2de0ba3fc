import assert from 'node:assert/strict';
import { Account, DEV, ENDPOINT, ROLE, createInChild, failure, faultList, trust, until } from './support.ts';

const LOG_GROUP = 'aws:cloudwatch/logGroup:LogGroup';

describe('sandbox AWS: several processes on one account', () => {
  let account: Account;
  afterEach(() => account.remove());

  it('lets exactly one of several processes have a name', async () => {
    account = await Account.open();
    const children = Array.from({ length: 4 }, (_, index) =>
      createInChild(account.settings, LOG_GROUP, `group-${index}`, { name: '/contested' }),
    );
    const results = await Promise.all(
      children.map(async ({ ended }) => JSON.parse((await ended).output) as { id?: string; error?: string }),
    );
    assert.equal(results.filter(({ id }) => id === '/contested').length, 1);
    assert.equal(results.filter(({ error }) => error?.includes('ResourceAlreadyExistsException')).length, 3);
    assert.deepEqual(await account.journal(), [`create ${LOG_GROUP}`]);
  });

  it('lets exactly one of many calls in one process have a name', async () => {
    account = await Account.open();
    const calls = Array.from({ length: 20 }, (_, index) =>
      account.create(LOG_GROUP, `g${index}`, { name: '/contested' }),
    );
    const settled = await Promise.allSettled(calls);
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('brings an endpoint into service although the process that makes it was killed', async () => {
    account = await Account.open({ speed: 0.5 });
    const model = await account.model();
    const config = await account.config(model.id);
    const { child, ended } = createInChild(account.settings, ENDPOINT, 'e', {
      name: 'shop',
      endpointConfigName: config.id,
    });
    const creating = await until(async () => account.cloud.describeEndpoint(DEV, 'shop'));
    assert.equal(creating.status, 'Creating');
    child.kill('SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');

    const half = { id: 'shop', properties: {}, inputs: { name: 'shop' }, type: ENDPOINT, name: 'e' };
    assert.match(
      (await failure(account.delete(half))).message,
      /ValidationException: Cannot delete endpoint "shop" while it is Creating/,
    );
    assert.equal(await account.cloud.findCreated(DEV, ENDPOINT, { name: 'shop' }), 'shop');
    const found = await until(async () => {
      const endpoint = await account.cloud.describeEndpoint(DEV, 'shop');
      return endpoint?.status === 'InService' && endpoint;
    });
    assert.equal(found.endpointConfigName, config.id);
    await account.delete(half);
    assert.equal(await account.cloud.describeEndpoint(DEV, 'shop'), undefined);
  });

  it('serves the old configuration until the update is complete, whether or not a process is running', async () => {
    account = await Account.open({ speed: 0.1 });
    const { model, config, endpoint } = await account.endpoint();
    const next = await account.config(model.id, 'next');
    const update = account.update(endpoint, { endpointConfigName: next.id });
    const during = await until(async () => {
      const seen = await account.cloud.describeEndpoint(DEV, endpoint.id);
      return seen?.status === 'Updating' && seen;
    });
    assert.equal(during.endpointConfigName, config.id);
    assert.match(
      (await failure(account.update(endpoint, { endpointConfigName: config.id }))).message,
      /Cannot update in-progress endpoint/,
    );
    assert.match((await failure(account.delete(next))).message, /while endpoint/);
    await update;
    const after = await account.cloud.describeEndpoint(DEV, endpoint.id);
    assert.deepEqual([after?.status, after?.endpointConfigName], ['InService', next.id]);
  });

  it('keeps what was made when the process is crashed by a fault right after', async () => {
    const faults = faultList({ type: ROLE, operation: 'create', action: 'crash', when: 'after' });
    account = await Account.open();
    const settings = { ...account.settings, faults };
    const news = { name: 'survivor', assumeRolePolicy: trust('lambda.amazonaws.com') };
    const first = await createInChild(settings, ROLE, 'r', news).ended;
    assert.deepEqual([first.signal, first.output], ['SIGKILL', '']);
    assert.equal(await account.cloud.findCreated(DEV, ROLE, news), 'survivor');
    // The fault was for one time only, counted over both processes: now it is the name that is in the way.
    const second = await createInChild(settings, ROLE, 'r', news).ended;
    assert.match(second.output, /EntityAlreadyExists/);
    assert.deepEqual(await account.journal(), [`create ${ROLE}`]);
  });

  it('makes nothing when the crash comes before', async () => {
    const faults = faultList({ type: ROLE, operation: 'create', action: 'crash' });
    account = await Account.open();
    const news = { name: 'ghost', assumeRolePolicy: trust('lambda.amazonaws.com') };
    assert.equal((await createInChild({ ...account.settings, faults }, ROLE, 'r', news).ended).signal, 'SIGKILL');
    assert.equal(await account.cloud.findCreated(DEV, ROLE, news), undefined);
  });

  it('takes the time that it says, by the speed factor', async () => {
    account = await Account.open({ speed: 0.2 });
    const { model, config } = await account.endpoint();
    assert.ok(model.id && config.id);
    const started = Date.now();
    await account.create(ENDPOINT, 'second', { endpointConfigName: config.id });
    assert.ok(Date.now() - started >= 300, 'an endpoint takes 1.5 s at speed 1');
  });
});
