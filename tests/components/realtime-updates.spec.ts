/** An update never takes the endpoint down: what the sandbox AWS is asked for, in order. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { NAME_LIMIT } from '../../blueprints/realtime-inference/endpoint-name.ts';
import type { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { journal } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { assertInOrder, callsSince } from './update-calls.ts';

describe('an update of a real-time pipeline', () => {
  let sandbox: TestSandbox;
  let client: OrchestratorClient;

  before(async () => {
    sandbox = await startTestSandbox();
    client = sandbox.client;
  });

  after(async () => await sandbox?.stop());

  /** Provisions, then provisions again with changes. @returns the calls of the second time: operation, type, logical name */
  async function callsOfUpdate(
    model: string,
    from: Record<string, unknown>,
    to: Record<string, unknown>,
  ): Promise<string[]> {
    const provision = async (changes: Record<string, unknown>) => {
      const { execution_id: id } = await client.provision(await realtime(model, changes));
      const execution = await client.finished(id ?? '');
      assert.equal(execution.status, 'Succeeded', JSON.stringify(execution));
      return execution.pipelineId;
    };
    const pipelineId = await provision(from);
    const known = (await journal(sandbox.home, pipelineId)).length;
    await provision({ ...from, ...to });
    return await callsSince(sandbox.home, pipelineId, known, NAME_LIMIT);
  }

  it('to another artifact moves the endpoint; the old model and the right to read it stay until then', async () => {
    const calls = await callsOfUpdate('artifact', {}, { model_artifact_location: 'path/to/another.tar.gz' });
    assert.deepEqual([...calls].sort(), [
      'create endpoint-config',
      'create execution-policy',
      'create model',
      'delete endpoint-config',
      'delete execution-policy',
      'delete model',
      'update endpoint',
    ]);
    assertInOrder(calls, [
      'create execution-policy',
      'create model',
      'create endpoint-config',
      'update endpoint',
      'delete endpoint-config',
      'delete model',
      'delete execution-policy',
    ]);
  });

  it('to another endpoint name makes the new endpoint and lets callers in before the old one goes', async () => {
    const calls = await callsOfUpdate('rename', { endpoint_name: 'one' }, { endpoint_name: 'two' });
    assertInOrder(calls, ['create endpoint', 'create inference-policy', 'update inference', 'delete endpoint']);
    assertInOrder(calls, ['update inference', 'delete inference-policy']);
    assert.ok(!calls.some((call) => /model|api/.test(call)), calls.join(', '));
  });

  it('to a key leaves the model, the roles and the way in alone', async () => {
    const calls = await callsOfUpdate('key', {}, { kms_key_arn: 'arn:aws:kms:us-east-1:111111111111:key/1234abcd' });
    assertInOrder(calls, ['create endpoint-config', 'update endpoint', 'delete endpoint-config']);
    assert.ok(!calls.some((call) => /model|inference|api|role/.test(call)), calls.join(', '));
  });

  const DEPLOYMENT = { strategy: 'canary', wait_seconds: 0 };
  const SCALING = { min_capacity: 1, max_capacity: 4, target_invocations_per_instance: 70 };

  it('to autoscaling watches the endpoint when it has moved, and to other bounds leaves the endpoint alone', async () => {
    const endpoint = { autoscaling: { ...SCALING, min_capacity: 2 } };
    const calls = await callsOfUpdate('scale', {}, { endpoint });
    assertInOrder(calls, [
      'create endpoint-config',
      'update endpoint',
      'create scaling-target',
      'create scaling-policy',
    ]);
    assert.deepEqual(
      await callsOfUpdate(
        'rescale',
        { endpoint },
        { endpoint: { autoscaling: { ...endpoint.autoscaling, max_capacity: 9 } } },
      ),
      ['update scaling-target'],
    );
  });

  it('with a guarded deployment moves the same endpoint, watched by the same alarms', async () => {
    const calls = await callsOfUpdate(
      'guarded',
      { endpoint: { deployment: DEPLOYMENT }, endpoint_name: undefined },
      { model_artifact_location: 'path/to/another.tar.gz' },
    );
    assertInOrder(calls, ['create model', 'create endpoint-config', 'update endpoint', 'delete endpoint-config']);
    assert.ok(!calls.some((call) => /5xx|latency|(create|delete) endpoint$/.test(call)), calls.join(', '));
  });

  it('to a guarded deployment makes alarms, then another endpoint that they watch, before the old one goes', async () => {
    const calls = await callsOfUpdate('guard', { endpoint_name: undefined }, { endpoint: { deployment: DEPLOYMENT } });
    for (const alarm of ['5xx-errors', 'model-latency']) {
      assertInOrder(calls, [`create ${alarm}`, 'create endpoint', 'update inference', 'delete endpoint']);
    }
  });

  it('to another strategy is done on the endpoint itself', async () => {
    const calls = await callsOfUpdate(
      'strategy',
      { endpoint: { deployment: DEPLOYMENT } },
      { endpoint: { deployment: { ...DEPLOYMENT, strategy: 'linear' } } },
    );
    assert.deepEqual(calls, ['update endpoint']);
  });

  it('to another name of a guarded endpoint replaces its alarms, and grants access before the old ones are deleted', async () => {
    const calls = await callsOfUpdate(
      'reguard',
      { endpoint: { deployment: DEPLOYMENT }, endpoint_name: 'three' },
      { endpoint_name: 'four' },
    );
    assertInOrder(calls, [
      'create 5xx-errors',
      'create endpoint',
      'update inference',
      'delete endpoint',
      'delete 5xx-errors',
    ]);
  });

  it('to serverless makes another endpoint, as SageMaker turns none into another kind, with the same API', async () => {
    const calls = await callsOfUpdate(
      'serverless',
      {},
      { endpoint: { serverless: { memory_size_in_mb: 1024, max_concurrency: 5 } } },
    );
    assertInOrder(calls, ['create endpoint-config', 'create endpoint', 'update inference', 'delete endpoint']);
    assertInOrder(calls, ['delete endpoint', 'delete endpoint-config']);
    assert.ok(!calls.some((call) => /model|api/.test(call)), calls.join(', '));
  });

  it('to asynchronous answers makes another endpoint, and changes the function and its permissions in between', async () => {
    const calls = await callsOfUpdate(
      'async',
      {},
      { endpoint: { asynchronous: { input_location: 'payloads', output_location: 'answers' } } },
    );
    assertInOrder(calls, [
      'create execution-policy',
      'create endpoint-config',
      'create endpoint',
      'delete endpoint-config',
    ]);
    assertInOrder(calls, ['create endpoint', 'create inference-policy', 'update inference', 'delete endpoint']);
  });

  it('to other alarms under the same name is refused, and the endpoint stays', async () => {
    const named = (alarm: string) => ({
      endpoint_name: 'watched',
      endpoint: { deployment: { ...DEPLOYMENT, alarms: [alarm] } },
    });
    const provision = async (changes: Record<string, unknown>) => {
      const { execution_id: id } = await client.provision(await realtime('alarms', changes));
      return client.finished(id ?? '');
    };
    const first = await provision(named('one'));
    assert.equal(first.status, 'Succeeded', JSON.stringify(first));
    const second = await provision(named('two'));
    assert.equal(second.status, 'Failed');
    assert.match(JSON.stringify(second.stages), /PREFLIGHT_FAILED.*deployed watched: \/endpoint\/deployment/);
    const calls = await journal(sandbox.home, first.pipelineId);
    assert.ok(!calls.some(({ operation, urn }) => operation === 'delete' && urn.endsWith('::alarms-endpoint')));
  });
});
