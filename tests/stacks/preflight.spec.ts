import assert from 'node:assert/strict';
import type { OperationFailed, OperationResult } from '../../automation/stacks/operation.ts';
import { journal } from '../support/journal.ts';
import { MAIN, Operations } from '../support/operations.ts';
import { realtime } from '../support/realtime.ts';

const MISSING = 's3://assets/path/to/model.tar.gz,quota:ml.m5.large,s3://my-bucket';
const FINDINGS = [
  'bucket s3://my-bucket',
  'instance-quota quota:ml.m5.large',
  'object s3://assets/path/to/model.tar.gz',
];

function failed(result: OperationResult): OperationFailed {
  assert.ok(!result.ok, 'the operation succeeded');
  return result;
}

const listed = (findings: readonly { check: string; subject: string }[] = []) =>
  findings.map(({ check, subject }) => `${check} ${subject}`).sort();

describe('preflight of a stack', () => {
  let operations: Operations;
  before(async () => void (operations = await Operations.open()));
  after(() => operations.close());

  it('finds nothing where all is there', async () => {
    const result = await operations.run('preview', { request: await realtime('complete') });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(result.findings, []);
  });

  it('reports everything that is missing at once, in the preview, along with the changes', async () => {
    const request = await realtime('previewed');
    const result = await operations.run('preview', { request, sandbox: { SANDBOX_MISSING: MISSING } });
    assert.ok(result.ok, JSON.stringify(result));
    assert.deepEqual(listed(result.findings), FINDINGS);
    assert.match(
      (result.findings ?? []).map(({ message }) => message).join(),
      /\/model_artifact_location: .*\/inference_instance: /s,
    );
    assert.ok(result.changes.some(({ operation, type }) => operation === 'create' && type.endsWith(':Endpoint')));
  });

  it('stops the first deployment before anything is created, and lets it through once all is there', async () => {
    const request = await realtime('incomplete');
    const { error } = failed(await operations.run('up', { request, sandbox: { SANDBOX_MISSING: MISSING } }));
    assert.equal(error.code, 'PREFLIGHT_FAILED');
    assert.deepEqual(listed(error.findings), FINDINGS);
    for (const { subject } of error.findings ?? []) assert.ok(error.message.includes(subject), subject);
    assert.deepEqual(await journal(operations.home, 'mlops-pipeline-incomplete'), []);
    // The stack that was created for the attempt has no resources: the preflight checks run again.
    const again = failed(await operations.run('up', { request, sandbox: { SANDBOX_MISSING: 'quota:ml.m5.large' } }));
    assert.deepEqual(listed(again.error.findings), ['instance-quota quota:ml.m5.large']);
    const through = await operations.run('up', { request });
    assert.ok(through.ok, JSON.stringify(through));
  });

  it('does not look again once there are resources', async () => {
    const request = await realtime('standing');
    const first = await operations.run('up', { request });
    assert.ok(first.ok, JSON.stringify(first));
    const sandbox = { SANDBOX_MISSING: MISSING };
    const update = { request: { ...request, inference_instance: 'ml.m5.xlarge' }, sandbox };
    const previewed = await operations.run('preview', update);
    assert.ok(previewed.ok, JSON.stringify(previewed));
    assert.deepEqual(previewed.findings, []);
    const updated = await operations.run('up', update);
    assert.ok(updated.ok, JSON.stringify(updated));
  });

  it('reports a role that cannot be assumed or is in another account, and runs no further checks', async () => {
    const request = await realtime('locked-out');
    const role = (accountId: string) => `arn:aws:iam::${accountId}:role/mlops-deployment-dev`;
    const environment = { ...MAIN, name: 'dev', accountId: '222222222222' } as const;
    for (const [changes, message] of [
      [{ deploymentRoleArn: role('999999999999') }, /cannot be assumed.*sts:AssumeRole on resource: .*999999999999/],
      [{ deploymentRoleArn: role('222222222222'), externalId: 'wrong' }, /cannot be assumed/],
      [{ deploymentRoleArn: role('333333333333') }, /belongs to account 333333333333.* is account 222222222222/],
    ] as const) {
      for (const action of ['preview', 'up'] as const) {
        const wanted = { request, environment: { ...environment, ...changes }, sandbox: { SANDBOX_MISSING: MISSING } };
        const { error } = failed(await operations.run(action, wanted));
        assert.equal(error.code, 'PREFLIGHT_FAILED', error.message);
        assert.deepEqual(listed(error.findings), [`role ${changes.deploymentRoleArn}`]);
        assert.match(error.message, message);
      }
    }
  });

  it('looks into the account of the environment', async () => {
    const deploymentRoleArn = 'arn:aws:iam::222222222222:role/mlops-deployment-dev';
    const environment = { ...MAIN, name: 'dev', accountId: '222222222222', deploymentRoleArn } as const;
    const result = await operations.run('up', { request: await realtime('abroad'), environment });
    assert.ok(result.ok, JSON.stringify(result));
    assert.match(String(result.outputs.executionRoleArn), /^arn:aws:iam::222222222222:role/);
  });
});
