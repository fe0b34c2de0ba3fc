import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHIVE, ASSET, SIGNATURE, UNKNOWN } from '../../sandbox/provider.ts';
import type { Properties } from '../../sandbox/provider.ts';
import type { Made } from './support.ts';
import { Account, FUNCTION, ROLE, archive, failure, identity, trust, variant } from './support.ts';

describe('sandbox AWS: what a change means', () => {
  let account: Account;
  beforeEach(async () => {
    account = await Account.open();
  });
  afterEach(() => account.remove());

  let role: Promise<Made> | undefined;
  beforeEach(() => {
    role = undefined;
  });
  const lambdaRole = () => (role ??= account.role('lambda', 'lambda.amazonaws.com'));

  const lambda = async (more: Properties = {}) => {
    const executionRole = await lambdaRole();
    const code = archive('one', 'a'.repeat(64));
    const settings = {
      role: executionRole.properties['arn'] ?? '',
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      code,
    };
    return account.create(FUNCTION, 'fn', { ...settings, ...more });
  };

  it('sees no change where there is none', async () => {
    const { endpoint, config, model } = await account.endpoint();
    for (const made of [endpoint, config, model, await lambda()]) {
      const diff = await account.diff(made, {});
      assert.deepEqual([diff.changes, diff.diffs, diff.replaces], ['none', [], []], made.type);
    }
  });

  it('names the changed properties, and the paths inside them', async () => {
    const { config } = await account.endpoint();
    const diff = await account.diff(config, { productionVariants: [{ ...variant('other'), initialInstanceCount: 2 }] });
    assert.deepEqual(diff.diffs, ['productionVariants']);
    assert.deepEqual(diff.replaces, ['productionVariants']);
    assert.deepEqual(diff.detailedDiff, {
      'productionVariants[0].initialInstanceCount': { kind: 'update-replace', inputDiff: true },
      'productionVariants[0].modelName': { kind: 'update-replace', inputDiff: true },
    });
  });

  it('changes tags in place everywhere', async () => {
    const { config } = await account.endpoint();
    const diff = await account.diff(config, { tags: { team: 'ml' } });
    assert.deepEqual([diff.diffs, diff.replaces], [['tags', 'tagsAll'], []]);
  });

  it('moves an endpoint to another configuration in place, and replaces it for another rollback configuration', async () => {
    const { endpoint } = await account.endpoint();
    assert.deepEqual((await account.diff(endpoint, { endpointConfigName: 'next' })).replaces, []);
    const rollback = { deploymentConfig: { autoRollbackConfiguration: { alarms: [{ alarmName: 'a' }] } } };
    assert.deepEqual((await account.diff(endpoint, rollback)).replaces, ['deploymentConfig']);
    const rolling = { deploymentConfig: { rollingUpdatePolicy: { waitIntervalInSeconds: 0 } } };
    assert.deepEqual((await account.diff(endpoint, rolling)).replaces, []);
  });

  it('replaces in another region', async () => {
    const { endpoint } = await account.endpoint();
    assert.deepEqual((await account.diff(endpoint, { region: 'eu-west-1' })).replaces, ['region']);
  });

  it('deletes first where the user chose the name, and creates first where the provider did', async () => {
    const auto = await account.role('auto');
    assert.equal((await account.diff(auto, { path: '/team/' })).deleteBeforeReplace, false);
    const assumeRolePolicy = trust('sagemaker.amazonaws.com');
    const named = await account.create(ROLE, 'named', { name: 'mine', assumeRolePolicy });
    assert.equal((await account.diff(named, { path: '/team/' })).deleteBeforeReplace, true);
    assert.equal((await account.diff(named, { description: 'x' })).deleteBeforeReplace, false);
  });

  it('always deletes an attachment first', async () => {
    const role = await account.role('r');
    const policyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    const attachment = await account.create('aws:iam/rolePolicyAttachment:RolePolicyAttachment', 'a', {
      role: role.id,
      policyArn,
    });
    const diff = await account.diff(attachment, { policyArn: 'arn:aws:iam::aws:policy/PowerUserAccess' });
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [['policyArn'], true]);
  });

  it('compares policy documents by what they mean', async () => {
    const statement = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: ['*'] };
    const policy = await account.create('aws:iam/policy:Policy', 'p', {
      policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    });
    const reordered = { Resource: '*', Action: ['s3:PutObject', 's3:GetObject'], Effect: 'Allow' };
    const same = JSON.stringify({ Statement: reordered, Version: '2012-10-17' }, undefined, 2);
    assert.equal((await account.diff(policy, { policy: same })).changes, 'none');
    const other = JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, Effect: 'Deny' }] });
    assert.deepEqual((await account.diff(policy, { policy: other })).diffs, ['policy']);
  });

  it('takes an unknown value for a change', async () => {
    const { model } = await account.endpoint();
    const diff = await account.diff(model, { executionRoleArn: UNKNOWN });
    assert.deepEqual([diff.changes, diff.replaces], ['some', ['executionRoleArn']]);
  });

  it('leaves ignored changes out', async () => {
    const made = await lambda();
    const diff = await account.diff(made, { memorySize: 512, timeout: 10 }, ['memorySize']);
    assert.deepEqual(diff.diffs, ['timeout']);
  });

  it('compares code by its hash', async () => {
    const made = await lambda();
    const same = archive('the text does not matter', 'a'.repeat(64));
    assert.equal((await account.diff(made, { code: same })).changes, 'none');
    assert.deepEqual((await account.diff(made, { code: archive('two', 'b'.repeat(64)) })).diffs, ['code']);
  });

  it('replaces an invocation for other input, unless it follows the whole life of the resource', async () => {
    const fn = await lambda({ code: archive('export const handler = async () => 1;', 'd'.repeat(64)) });
    const type = 'aws:lambda/invocation:Invocation';
    const once = await account.create(type, 'once', { functionName: fn.id, input: '{"a":1}' });
    assert.deepEqual((await account.diff(once, { input: '{"a":2}' })).replaces, ['input']);
    assert.equal((await account.diff(once, { input: '{ "a": 1 }' })).changes, 'none');
    const crud = await account.create(type, 'crud', { functionName: fn.id, input: '{"a":1}', lifecycleScope: 'CRUD' });
    assert.deepEqual((await account.diff(crud, { input: '{"a":2}' })).replaces, []);
  });

  it('measures code where it is: in the program, in a file, in a directory', async () => {
    const here = import.meta.dirname;
    const file = join(here, 'child.ts');
    let number = 0;
    const size = async (code: Properties) =>
      (await lambda({ name: `f-${String(++number)}`, code })).properties['sourceCodeSize'];
    assert.equal(await size(archive('four', 'a'.repeat(64))), 4);
    const asset = { [SIGNATURE]: ASSET, hash: 'b'.repeat(64), path: file };
    assert.equal(
      await size({ [SIGNATURE]: ARCHIVE, hash: 'b'.repeat(64), assets: { 'child.ts': asset } }),
      statSync(file).size,
    );
    const sizes = readdirSync(here).map((name) => statSync(join(here, name)).size);
    assert.equal(
      await size({ [SIGNATURE]: ARCHIVE, hash: 'c'.repeat(64), path: here }),
      sizes.reduce((sum, each) => sum + each, 0),
    );
  });

  describe('outputs', () => {
    const keysOf = (properties: Properties) => Object.keys(properties).sort();

    it('are unknown in the preview of a creation where only AWS knows them, and nothing is made', async () => {
      const news = { assumeRolePolicy: trust('sagemaker.amazonaws.com') };
      const preview = await account.preview(ROLE, 'r', news);
      assert.equal(preview.id, '');
      assert.deepEqual([preview.properties['arn'], preview.properties['uniqueId']], [UNKNOWN, UNKNOWN]);
      assert.deepEqual(await account.journal(), []);
      const made = await account.create(ROLE, 'r', news);
      assert.deepEqual(keysOf(made.properties), keysOf(preview.properties));
    });

    it('stay known in the preview of an update, but for those that it changes', async () => {
      const made = await lambda({ publish: true });
      assert.equal(made.properties['version'], '1');
      const changes = { code: archive('two', 'b'.repeat(64)) };
      const preview = (await account.update(made, changes, true)).properties;
      assert.equal(preview['arn'], made.properties['arn']);
      const unknown = Object.keys(preview).filter((key) => preview[key] === UNKNOWN);
      assert.deepEqual(unknown.sort(), [
        'codeSha256',
        'lastModified',
        'qualifiedArn',
        'qualifiedInvokeArn',
        'sourceCodeSize',
        'version',
      ]);
      const updated = (await account.update(made, changes)).properties;
      assert.equal(updated['version'], '2');
      assert.equal(updated['codeSha256'], Buffer.from('b'.repeat(64), 'hex').toString('base64'));
    });

    it('come back by a read, without the code on disk', async () => {
      const made = await lambda();
      const read = await account.read(made);
      assert.deepEqual([read.id, read.properties], [made.id, made.properties]);
      assert.deepEqual(read.inputs, made.inputs);
    });

    it('show a change made by somebody else', async () => {
      const role = await account.role('r');
      await account.update(role, { description: 'changed elsewhere' });
      assert.equal((await account.read(role)).inputs['description'], 'changed elsewhere');
    });

    it('come with an import by id, for another region too', async () => {
      const group = await account.create('aws:cloudwatch/logGroup:LogGroup', 'g', { name: '/a', region: 'eu-west-1' });
      const type = group.type;
      const read = (id: string) =>
        account.provider.read({ ...identity(type, 'g'), id, properties: {}, inputs: {}, timeout: 0 });
      assert.equal((await read('/a')).id, '');
      assert.equal((await read('/a@eu-west-1')).properties['arn'], 'arn:aws:logs:eu-west-1:111111111111:log-group:/a');
    });

    it('give a child with an id that is unique in its parent only', async () => {
      const api = await account.create('aws:apigatewayv2/api:Api', 'api', { protocolType: 'HTTP' });
      const other = await account.create('aws:apigatewayv2/api:Api', 'other', { protocolType: 'HTTP' });
      const stage = (parent: Made) =>
        account.create('aws:apigatewayv2/stage:Stage', 's', { apiId: parent.id, name: '$default' });
      const [first, second] = [await stage(api), await stage(other)];
      assert.deepEqual([first.id, second.id], ['$default', '$default']);
      assert.equal(first.properties['invokeUrl'], `https://${api.id}.execute-api.us-east-1.amazonaws.com/`);
      await account.delete(first);
      assert.equal((await account.read(first)).id, '');
      assert.equal((await account.read(second)).id, '$default');
    });
  });

  it('says so when the resource to update is gone', async () => {
    const role = await account.role('r');
    await account.delete(role);
    assert.match(
      (await failure(account.update(role, { description: 'x' }))).message,
      /updating IAM Role .*does not exist any more/,
    );
  });
});
