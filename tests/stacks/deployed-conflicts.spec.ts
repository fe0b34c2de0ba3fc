import assert from 'node:assert/strict';
import { loadCloud } from '../../automation/engine/load-cloud.ts';
import type { OperationResult } from '../../automation/stacks/operation.ts';
import { journal } from '../support/journal.ts';
import { MAIN, Operations } from '../support/operations.ts';
import { realtime } from '../support/realtime.ts';

const AUTOSCALED = { autoscaling: { min_capacity: 1, max_capacity: 4, target_invocations_per_instance: 70 } };
const SERVERLESS = { serverless: { memory_size_in_mb: 2048, max_concurrency: 20 } };
const ASYNCHRONOUS = { asynchronous: { output_location: 'my-bucket/answers', input_location: 'my-bucket/payloads' } };
const GUARDED = { deployment: { strategy: 'canary', alarms: ['mine'] } };
const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';

const FAULTS = JSON.stringify([
  {
    type: ENDPOINT,
    operation: 'create',
    action: 'partial',
    times: 2,
    message: 'The primary container for production variant AllTraffic did not pass the ping health check.',
  },
]);

function succeeded(result: OperationResult): Extract<OperationResult, { ok: true }> {
  assert.ok(result.ok, JSON.stringify(result));
  return result;
}

describe('a change that AWS does not make to what is deployed', function () {
  this.timeout(240_000);
  let operations: Operations;
  before(async () => void (operations = await Operations.open()));
  after(() => operations.close());

  /** Deploys the first request; the second one is refused in preview and deployment, and nothing is changed by it. */
  async function refuses(name: string, first: object, second: object): Promise<string> {
    succeeded(await operations.run('up', { request: await realtime(name, { ...first }) }));
    const request = await realtime(name, { ...second });
    const { findings = [] } = succeeded(await operations.run('preview', { request }));
    assert.deepEqual(
      findings.map(({ check }) => check),
      ['deployed'],
      JSON.stringify(findings),
    );
    const before = (await journal(operations.home)).length;
    const result = await operations.run('up', { request });
    assert.ok(!result.ok);
    assert.equal(result.error.code, 'PREFLIGHT_FAILED');
    assert.deepEqual(result.error.findings, findings);
    assert.equal((await journal(operations.home)).length, before, 'nothing was changed');
    return findings[0]?.message ?? '';
  }

  it('is refused for the instance type of a scaled endpoint, with a remedy that works', async () => {
    const scaled = { endpoint_name: 'scaled', endpoint: AUTOSCALED };
    const larger = { ...scaled, inference_instance: 'ml.m5.xlarge' };
    const message = await refuses('scaled', scaled, larger);
    assert.match(message, /^\/inference_instance: .*ml\.m5\.large → ml\.m5\.xlarge.*autoscaling.*endpoint_name/);
    // Both at once are refused as well: the endpoint would be updated while the target is still registered.
    const both = await realtime('scaled', { endpoint_name: 'scaled', inference_instance: 'ml.m5.xlarge' });
    assert.ok(!(await operations.run('up', { request: both })).ok);
    succeeded(await operations.run('up', { request: await realtime('scaled', { endpoint_name: 'scaled' }) }));
    succeeded(await operations.run('up', { request: await realtime('scaled', larger) }));
  });

  it('is refused for another kind of endpoint under the same name', async () => {
    assert.match(
      await refuses('kinds', { endpoint_name: 'kinds' }, { endpoint_name: 'kinds', endpoint: SERVERLESS }),
      /^\/endpoint\/serverless: .*real-time endpoint kinds to a serverless endpoint\. Set endpoint_name/,
    );
    const request = await realtime('kinds', { endpoint_name: 'kinds', endpoint: ASYNCHRONOUS });
    const { findings = [] } = succeeded(await operations.run('preview', { request }));
    assert.match(findings[0]?.message ?? '', /to an asynchronous endpoint/);
  });

  it('makes a new endpoint, the new one first, where the name was generated, which the preview shows', async () => {
    succeeded(await operations.run('up', { request: await realtime('generated', { endpoint: SERVERLESS }) }));
    const request = await realtime('generated');
    const { changes, findings } = succeeded(await operations.run('preview', { request }));
    assert.deepEqual(findings, []);
    assert.equal(changes.find(({ type }) => type === ENDPOINT)?.operation, 'replace');
    succeeded(await operations.run('up', { request }));
    const done = (await journal(operations.home, 'mlops-pipeline-generated-')).filter(({ type }) => type === ENDPOINT);
    assert.deepEqual(
      done.map(({ operation }) => operation),
      ['create', 'create', 'delete'],
    );
  });

  it('is refused for the alarms that roll an endpoint back', async () => {
    const message = await refuses(
      'alarms',
      { endpoint_name: 'alarms' },
      { endpoint_name: 'alarms', endpoint: GUARDED },
    );
    assert.match(message, /^\/endpoint\/deployment: .*alarms/);
  });

  it('is refused for another name of an endpoint that is monitored, and for what would give it one', async () => {
    const sent = { endpoint_name: 'watched' };
    succeeded(await operations.run('up', { request: await realtime('watched', sent) }));
    const monitors = ['mlops-pipeline-watcher-byomdataqualitymonitor'];
    for (const other of [{ endpoint_name: 'renamed' }, {}]) {
      const request = await realtime('watched', other);
      const { findings = [] } = succeeded(await operations.run('preview', { request, monitors }));
      assert.deepEqual(
        findings.map(({ check, subject }) => `${check} ${subject}`),
        ['deployed watched'],
      );
      assert.match(findings[0]?.message ?? '', /^\/endpoint_name: .*-watcher-byomdataqualitymonitor monitors.*DELETE/);
    }
    // In place, and without monitors.
    for (const [other, watchers] of [
      [{ ...sent, inference_instance: 'ml.m5.xlarge' }, monitors],
      [{ endpoint_name: 'renamed' }, []],
    ] as const) {
      const request = await realtime('watched', other);
      assert.deepEqual(succeeded(await operations.run('preview', { request, monitors: watchers })).findings, []);
    }
  });

  it('is refused for another kind of a monitored endpoint whose name was generated', async () => {
    succeeded(await operations.run('up', { request: await realtime('unnamed') }));
    const request = await realtime('unnamed', { endpoint: SERVERLESS });
    const { findings = [] } = succeeded(await operations.run('preview', { request, monitors: ['watcher'] }));
    assert.match(findings[0]?.message ?? '', /^\/endpoint_name: .* which watcher monitors/);
  });

  it('is refused for the name of another pipeline’s endpoint, in a first deployment and in a later one', async () => {
    for (const name of ['latecomer', 'alarms']) {
      const request = await realtime(name, { endpoint_name: 'watched' });
      const { findings = [] } = succeeded(await operations.run('preview', { request }));
      assert.deepEqual(
        findings.map(({ check, subject }) => `${check} ${subject}`),
        ['endpoint-name watched'],
      );
      assert.match(findings[0]?.message ?? '', /^\/endpoint_name: .*choose another name/);
    }
  });

  it('is none where AWS makes it: model, count, an instance type without autoscaling, scaling itself', async () => {
    const changes: object[] = [
      {},
      { inference_instance: 'ml.m5.xlarge' },
      { inference_instance: 'ml.m5.xlarge', endpoint: AUTOSCALED },
      { inference_instance: 'ml.m5.xlarge', endpoint: { ...AUTOSCALED, instance_count: 2 } },
    ];
    for (const change of changes) {
      const request = await realtime('allowed', { endpoint_name: 'allowed', ...change });
      succeeded(await operations.run('up', { request }));
    }
  });
});

describe('an endpoint in state Failed', function () {
  this.timeout(240_000);
  let operations: Operations;
  before(async () => void (operations = await Operations.open()));
  after(() => operations.close());

  it('is shown as replaced by a preview, and deleted and created again by the next deployment, with a warning', async () => {
    const request = await realtime('failed', { endpoint_name: 'failed' });
    const first = await operations.run('up', { request, sandbox: { SANDBOX_FAULTS: FAULTS } });
    assert.ok(!first.ok);
    assert.match(first.error.message, /ping health check/);
    assert.match(first.error.hint ?? '', /GET \/ping/);
    const module = new URL('../../sandbox/child-engine.ts', import.meta.url).href;
    const cloud = await loadCloud({ kind: 'sandbox', module, options: { SANDBOX_HOME: operations.home } });
    assert.equal((await cloud.describeEndpoint(MAIN, 'failed'))?.status, 'Failed');

    const { changes } = succeeded(await operations.run('preview', { request }));
    assert.equal(changes.find(({ type }) => type === ENDPOINT)?.operation, 'replace');

    const notes: string[] = [];
    succeeded(await operations.run('up', { request }, { onNote: (note) => void notes.push(note) }));
    assert.deepEqual(
      notes.filter((note) => note.startsWith('endpoint.')),
      ['endpoint.failed', 'endpoint.deleted'],
    );
    assert.equal((await cloud.describeEndpoint(MAIN, 'failed'))?.status, 'InService');
    const done = (await journal(operations.home)).filter(({ type }) => type === ENDPOINT);
    assert.deepEqual(
      done.map(({ operation }) => operation),
      ['create', 'delete', 'create'],
    );
  });

  it('keeps a generated name that is monitored if the request gives it, and is refused otherwise', async () => {
    const request = await realtime('broken');
    assert.ok(!(await operations.run('up', { request, sandbox: { SANDBOX_FAULTS: FAULTS } })).ok);
    const monitors = ['watcher'];
    const refused = await operations.run('up', { request, monitors });
    assert.ok(!refused.ok && refused.error.code === 'PREFLIGHT_FAILED');
    const [{ subject: name = '', message = '' } = {}] = refused.error.findings ?? [];
    assert.match(message, /^\/endpoint_name: .* in state Failed.*watcher monitors .*Set endpoint_name to "/);
    const named = await realtime('broken', { endpoint_name: name });
    assert.equal(succeeded(await operations.run('up', { request: named, monitors })).outputs.endpointName, name);
  });
});
