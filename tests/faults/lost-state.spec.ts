import assert from 'node:assert/strict';
import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Execution } from '../../automation/model.ts';
import type { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { UnexpectedAnswer } from '../../scripts/orchestrator-client.ts';
import { createdTwice, journal } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';

describe('a backend that lost the state of a deployed stack', function () {
  this.timeout(240_000);
  let sandbox: TestSandbox;
  let client: OrchestratorClient;

  before(async () => {
    sandbox = await startTestSandbox();
    client = sandbox.client;
  });

  after(() => sandbox.stop());

  const body = (model: string, capture = 'one') =>
    realtime(model, { data_capture_location: `bucket-both/capture-${capture}` });

  async function send(request: Record<string, unknown>): Promise<Execution> {
    const { execution_id: id = '' } = await client.provision(request);
    return await client.finished(id);
  }

  async function stateFile(pipelineId: string): Promise<string> {
    const stacks = join(sandbox.home, '.pulumi', 'stacks');
    const files = await readdir(stacks, { recursive: true });
    const found = files.find((file) => file.endsWith(`${pipelineId}.main.json`));
    assert.ok(found, `no state of ${pipelineId} among ${files.join(', ')}`);
    return join(stacks, found);
  }

  const statePath = (pipelineId: string) => `/pipelines/${pipelineId}/environments/main/state`;
  const created = async (pipelineId: string) =>
    (await journal(sandbox.home, pipelineId)).filter(({ operation }) => operation === 'create').length;

  function mustBeLost(execution: Execution, message: RegExp): void {
    const error = execution.stages.find((stage) => stage.error)?.error;
    assert.equal(error?.code, 'STACK_NOT_FOUND', JSON.stringify(execution));
    assert.match(error?.message ?? '', message);
    for (const way of ['PULUMI_BACKEND_URL', 'restore', 'pulumi import', '"adopt"', '"recreate"']) {
      assert.ok(error?.hint?.includes(way), `${way} is not in: ${error?.hint}`);
    }
  }

  it('creates nothing a second time, in no operation, until the state is back', async () => {
    const first = await send(await body('lost'));
    assert.equal(first.status, 'Succeeded', JSON.stringify(first));
    const file = await stateFile(first.pipelineId);
    const before = await created(first.pipelineId);
    await rename(file, `${file}.gone`);
    mustBeLost(await send(await body('lost', 'two')), /has no stack .*, although \d+ resources were deployed/);
    await assert.rejects(
      client.call('POST', `/pipelines/${first.pipelineId}/preview`),
      (error) => error instanceof UnexpectedAnswer && error.status === 409 && /has no stack/.test(error.message),
    );
    const { execution_id: removal = '' } = await client.call<{ execution_id?: string }>(
      'DELETE',
      `/pipelines/${first.pipelineId}`,
    );
    mustBeLost(await client.finished(removal), /has no stack/);
    assert.equal(await created(first.pipelineId), before);
    await rename(`${file}.gone`, file);
    const { status } = await client.finished(
      (await client.call<Execution>('POST', `/executions/${removal}/retry`)).executionId,
    );
    assert.equal(status, 'Succeeded');
    assert.deepEqual(await createdTwice(sandbox.home), []);
  });

  it('refuses a state that is older than the last operation, until an administrator adopts it', async () => {
    const first = await send(await body('older'));
    const file = await stateFile(first.pipelineId);
    await copyFile(file, `${file}.backup`);
    assert.equal((await send(await body('older', 'two'))).status, 'Succeeded');
    await copyFile(`${file}.backup`, file);
    await rm(`${file}.backup`);
    const refused = await send(await body('older', 'three'));
    mustBeLost(refused, /is older \(.*\) than the last operation on it/);
    await client.call('POST', statePath(first.pipelineId), { decision: 'adopt', comment: 'restored from backup' });
    const retried = await client.call<Execution>('POST', `/executions/${refused.executionId}/retry`);
    assert.equal((await client.finished(retried.executionId)).status, 'Succeeded');
  });

  it('reports what was deployed, and creates it again if an administrator decides so', async () => {
    const first = await send(await body('anew'));
    const state = await client.call<{ import: { resources: { type: string; name: string; id: string }[] } }>(
      'GET',
      statePath(first.pipelineId),
    );
    const known = new Set((await journal(sandbox.home, first.pipelineId)).map(({ type, id }) => `${type} ${id}`));
    const { resources } = state.import;
    assert.deepEqual(
      resources.filter(({ type, id }) => !known.has(`${type} ${id}`)),
      [],
    );
    assert.equal(resources.length, await created(first.pipelineId));
    await rm(await stateFile(first.pipelineId));
    const refused = await send(await body('anew', 'two'));
    mustBeLost(refused, /has no stack/);
    await client.call('POST', statePath(first.pipelineId), { decision: 'recreate', comment: 'removed by hand' });
    const retried = await client.call<Execution>('POST', `/executions/${refused.executionId}/retry`);
    assert.equal((await client.finished(retried.executionId)).status, 'Succeeded');
    const { entries } = await client.call<{ entries: { action: string; detail: { comment?: string } }[] }>(
      'GET',
      `/audit?action=recreate-stack`,
    );
    const entry = entries.find(({ action }) => action === 'recreate-stack');
    assert.equal(entry?.detail.comment, 'removed by hand');
  });
});
