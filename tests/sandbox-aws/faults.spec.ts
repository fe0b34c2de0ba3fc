import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSandboxAws } from '../../sandbox/aws/sandbox-aws.ts';
import { parseFaults } from '../../sandbox/aws/faults.ts';
import { Account, DEV, ENDPOINT, ROLE, failure, faultList, newSettings, trust, until } from './support.ts';

describe('sandbox AWS: faults on purpose', () => {
  let account: Account;
  const open = async (...faults: Parameters<typeof faultList>) => {
    account = await Account.open({ faults: faultList(...faults) });
  };
  afterEach(() => account?.remove());

  it('fails a call with the given code and message, as often as asked, then no more', async () => {
    await open({ type: ROLE, operation: 'create', times: 2, code: 'Throttling', message: 'Rate exceeded' });
    for (let call = 0; call < 2; call++) {
      const message = (await failure(account.role('r'))).message;
      assert.match(
        message,
        /^creating IAM Role \(r-[0-9a-f]{7}\): operation error IAM: CreateRole.*StatusCode: 400.*Throttling: Rate exceeded$/,
      );
    }
    await account.role('r');
    assert.deepEqual(await account.journal(), [`create ${ROLE}`]);
  });

  it('counts over provider instances and restarts', async () => {
    await open({ type: ROLE, operation: 'create' });
    await failure(account.role('r'));
    const again = await Account.open(account.settings);
    await again.role('r');
    assert.deepEqual(await again.journal(), [`create ${ROLE}`]);
  });

  it('strikes only the URNs asked for', async () => {
    await open({ operation: 'create', match: '::bad', times: 0 });
    await account.role('good');
    assert.match((await failure(account.role('bad'))).message, /InternalFailure/);
    assert.match((await failure(account.role('bad'))).message, /InternalFailure/);
  });

  it('can fail after the resource was made', async () => {
    await open({ type: ROLE, operation: 'create', when: 'after', message: 'connection reset' });
    const error = await failure(account.role('r'));
    assert.match(error.message, /connection reset/);
    assert.equal(error.partial, undefined);
    assert.deepEqual(await account.journal(), [`create ${ROLE}`]);
  });

  it('can hang until the engine cancels', async () => {
    await open({ type: ROLE, operation: 'create', action: 'hang' });
    let ended = false;
    const call = failure(account.role('r')).finally(() => (ended = true));
    await until(async () => existsSync(join(account.settings.directory, 'faults')));
    assert.equal(ended, false);
    await account.provider.cancel();
    assert.match((await call).message, /cancelled/);
    assert.deepEqual(await account.journal(), []);
  });

  it('can leave an endpoint half made, which the next update repairs', async () => {
    await open({
      type: ENDPOINT,
      operation: 'create',
      action: 'partial',
      code: 'ResourceLimitExceeded',
      message: 'no instances',
    });
    const model = await account.model();
    const config = await account.config(model.id);
    const news = { name: 'shop', endpointConfigName: config.id };
    const error = await failure(account.create(ENDPOINT, 'e', news));
    assert.match(
      error.message,
      /unexpected state 'Failed', wanted target 'InService'.*ResourceLimitExceeded: no instances/,
    );
    assert.equal(error.partial?.id, 'shop');
    assert.deepEqual(error.partial?.reasons, [error.message]);
    const seen = await account.cloud.describeEndpoint(DEV, 'shop');
    assert.deepEqual([seen?.status, seen?.failureReason], ['Failed', 'no instances']);

    const { inputs } = await account.check(ENDPOINT, 'e', news);
    await account.update({ id: 'shop', properties: error.partial.properties, inputs, type: ENDPOINT, name: 'e' }, {});
    const after = await account.cloud.describeEndpoint(DEV, 'shop');
    assert.deepEqual([after?.status, after?.failureReason], ['InService', undefined]);
  });

  it('can fail an update half way, which leaves the former configuration in service', async () => {
    await open({ type: ENDPOINT, operation: 'update', action: 'partial', message: 'alarm went off' });
    const { model, config, endpoint } = await account.endpoint();
    const next = await account.config(model.id, 'next');
    const error = await failure(account.update(endpoint, { endpointConfigName: next.id }));
    assert.deepEqual([error.partial?.id, error.partial?.reasons.length], [endpoint.id, 1]);
    const seen = await account.cloud.describeEndpoint(DEV, endpoint.id);
    assert.deepEqual(
      [seen?.status, seen?.endpointConfigName, seen?.failureReason],
      ['InService', config.id, 'alarm went off'],
    );
  });

  it('can report an update as done although the endpoint was rolled back', async () => {
    await open({ type: ENDPOINT, operation: 'update', action: 'rollback', message: 'health check failed' });
    const { model, config, endpoint } = await account.endpoint();
    const next = await account.config(model.id, 'next');
    const { properties } = await account.update(endpoint, { endpointConfigName: next.id });
    assert.equal(properties['endpointConfigName'], next.id);
    const seen = await account.cloud.describeEndpoint(DEV, endpoint.id);
    assert.deepEqual(
      [seen?.status, seen?.endpointConfigName, seen?.failureReason],
      ['InService', config.id, 'health check failed'],
    );
  });

  it('can slow a call down without failing it', async () => {
    await open({ type: ROLE, operation: 'create', action: 'delay', latencyMs: 50 });
    const started = Date.now();
    await account.role('r');
    assert.ok(Date.now() - started >= 45);
  });

  for (const operation of ['read', 'check', 'diff', 'delete', 'invoke'] as const) {
    it(`can fail ${operation}`, async () => {
      await open({ operation, message: 'on purpose' });
      const call = async () => {
        if (operation === 'invoke') return account.invoke('aws:index/getRegion:getRegion');
        if (operation === 'check') return account.check(ROLE, 'r', { assumeRolePolicy: trust('x') });
        const role = await account.role('r');
        return operation === 'read'
          ? account.read(role)
          : operation === 'diff'
            ? account.diff(role, {})
            : account.delete(role);
      };
      assert.match((await failure(call())).message, /on purpose/);
    });
  }

  it('can fail configure', async () => {
    const faults = faultList({
      type: 'pulumi:providers:aws',
      operation: 'configure',
      code: 'ExpiredToken',
      message: 'expired',
    });
    const settings = newSettings({ faults });
    assert.match((await failure(Account.open(settings))).message, /configure .*ExpiredToken: expired/);
    account = await Account.open(settings);
  });

  it('refuses a list that is wrong, with every problem', () => {
    assert.match(parseFaults('{').problems.join(), /is not JSON/);
    const { problems } = parseFaults(
      JSON.stringify([
        { operation: 'craete', times: -1 },
        { operation: 'create', action: 'rollback' },
      ]),
    );
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /\[0\]\.operation.*must be one of/);
    assert.match(parseFaults('[{"operation":"create","action":"rollback"}]').problems[0] ?? '', /update only/);
  });

  it('refuses a type that it does not have', async () => {
    const settings = newSettings({ faults: faultList({ type: 'aws:iam/roll:Roll', operation: 'create' }) });
    assert.throws(() => createSandboxAws(settings), /does not have: aws:iam\/roll:Roll/);
  });
});
