import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OperationSucceeded, StackAction, StackOperation } from '../../automation/stacks/operation.ts';
import { byHand } from '../../sandbox/aws/by-hand.ts';
import { MISBEHAVING_ENGINE, misbehavingChild } from '../support/misbehaving-children.ts';
import { reuseChildren } from '../support/reused-children.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the drift of a stack', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const runner = reuseChildren(misbehavingChild);

  before(async () => {
    folder = await temporaryFolder();
  });

  after(async () => {
    await folder.remove();
  });

  async function run(name: string, action: StackAction, more: Partial<StackOperation> = {}) {
    return await runner.run({
      action,
      project: 'byom-realtime-custom',
      stack: `${name}.main`,
      pipelineId: name,
      pipelineType: 'byom_realtime_custom',
      revision: 1,
      run: 1,
      environment: {
        name: 'main',
        accountId: '111111111111',
        region: 'us-east-1',
        deploymentRoleArn: '',
        externalId: 'mlops',
        permissionsBoundaryArn: '',
        organizationalUnitId: '',
        assetsBucket: 'assets',
      },
      request: { pipeline_type: 'byom_realtime_custom', model_name: 'well' },
      message: 'test',
      tags: { team: 'ours' },
      allowDetailedErrorMessage: true,
      notificationsTopicArn: '',
      engine: {
        kind: 'sandbox',
        module: MISBEHAVING_ENGINE,
        backendUrl: pathToFileURL(folder.path).href,
        options: { SANDBOX_HOME: folder.path, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'x' },
      },
      blueprintVersion: '1',
      recover: false,
      ...more,
    });
  }

  async function ok(name: string, action: StackAction, more?: Partial<StackOperation>): Promise<OperationSucceeded> {
    const result = await run(name, action, more);
    assert.ok(result.ok, JSON.stringify(result));
    return result;
  }

  const role = (name: string) =>
    byHand(join(folder.path, 'aws'), `${name}.main::byom-realtime-custom::aws:iam/role:Role`);
  const stateOf = (name: string) =>
    readFile(join(folder.path, '.pulumi', 'stacks', 'byom-realtime-custom', `${name}.main.json`), 'utf8');

  it('is none after a deployment', async () => {
    await ok('in-sync', 'up');
    assert.deepEqual((await ok('in-sync', 'drift')).drift, []);
  });

  it('is what somebody changed, with what was deployed and what is there, and nothing is done about it', async () => {
    await ok('changed', 'up');
    await (await role('changed')).change({ 'tagsAll.team': 'theirs', 'tagsAll.by': 'hand', maxSessionDuration: 7200 });
    const before = await stateOf('changed');
    const { drift: findings } = await ok('changed', 'drift');
    assert.equal(findings.length, 1, JSON.stringify(findings));
    assert.equal(findings[0]?.kind, 'changed');
    assert.equal(findings[0]?.type, 'aws:iam/role:Role');
    assert.deepEqual(findings[0].differences, [
      { property: 'maxSessionDuration', after: 7200 },
      { property: 'tagsAll.by', after: 'hand' },
      { property: 'tagsAll.team', before: 'ours', after: 'theirs' },
    ]);
    assert.equal(await stateOf('changed'), before);
    assert.deepEqual(
      (await ok('changed', 'history')).history.map(({ kind }) => kind),
      ['update'],
    );
  });

  it('is what somebody removed; a deployment that looks first puts it back, as its preview says', async () => {
    await ok('removed', 'up');
    await (await role('removed')).remove();
    const { drift: findings } = await ok('removed', 'drift');
    assert.deepEqual(
      findings.map(({ kind, name }) => [kind, name]),
      [['missing', 'role']],
    );
    assert.deepEqual((await ok('removed', 'preview')).changes, [], 'the state alone knows of nothing');
    const { changes } = await ok('removed', 'preview', { refresh: true });
    assert.deepEqual(
      changes.map(({ operation, name }) => [operation, name]),
      [['create', 'role']],
    );
    await ok('removed', 'up', { refresh: true });
    assert.deepEqual((await ok('removed', 'drift')).drift, []);
  });

  it('cannot be determined for a stack that the backend has lost', async () => {
    const result = await run('never-deployed', 'drift');
    assert.ok(!result.ok);
    assert.equal(result.error.code, 'STACK_NOT_FOUND');
    assert.match(result.error.message, /no stack byom-realtime-custom\/never-deployed\.main/);
  });

  it('is a failure with the cloud’s own words where a resource cannot be read', async () => {
    await ok('unreadable', 'up');
    const faults = JSON.stringify([
      {
        type: 'aws:iam/role:Role',
        operation: 'read',
        match: 'unreadable.main',
        action: 'fail',
        code: 'AccessDenied',
        message: 'not you',
        times: 1,
      },
    ]);
    const engine = {
      kind: 'sandbox' as const,
      module: MISBEHAVING_ENGINE,
      backendUrl: pathToFileURL(folder.path).href,
      options: { SANDBOX_HOME: folder.path, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'x', SANDBOX_FAULTS: faults },
    };
    const result = await run('unreadable', 'drift', { engine });
    assert.ok(!result.ok);
    assert.equal(result.error.providerCode, 'AccessDenied');
    assert.match(result.error.urn ?? '', /::role$/);
  });
});
