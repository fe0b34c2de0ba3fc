import assert from 'node:assert/strict';
import { loadCloud } from '../../automation/engine/load-cloud.ts';
import { scopeOf } from '../../sandbox/aws/partitions.ts';
import { setAlarmState } from '../../sandbox/aws/alarms.ts';
import { journal } from '../support/journal.ts';
import { MAIN, Operations } from '../support/operations.ts';
import { realtime } from '../support/realtime.ts';

const CONFIG = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';
const verification = (expected: string) => ({ smoke_request: { body: '1,2,3', expected } });

describe('verification of a deployment', () => {
  let operations: Operations;
  before(async () => void (operations = await Operations.open()));
  after(() => operations.close());

  it('succeeds where the endpoint answers as expected', async () => {
    const notes: string[] = [];
    const request = await realtime('answering', { verification: verification('^0\\.\\d{3}\\n$') });
    const result = await operations.run('up', { request }, { onNote: (name) => void notes.push(name) });
    assert.ok(result.ok, JSON.stringify(result));
    assert.ok(notes.includes('endpoint.tried'), notes.join());
  });

  it('keeps the former model and configuration where it does not, and goes on with the next request', async () => {
    const request = await realtime('failing', { endpoint_name: 'failing' });
    const first = await operations.run('up', { request });
    assert.ok(first.ok, JSON.stringify(first));
    const changed = { ...request, inference_instance: 'ml.m5.xlarge' };

    const refused = await operations.run('up', { request: { ...changed, verification: verification('^yes$') } });
    assert.ok(!refused.ok);
    assert.equal(refused.error.code, 'SMOKE_REQUEST_FAILED');
    assert.match(
      refused.error.message,
      /Endpoint failing answered, but not as expected \(\^yes\$\)\. The answer: 0\.\d{3}/,
    );
    assert.equal(refused.cutOff, undefined);
    const deleted = async () =>
      (await journal(operations.home, 'mlops-pipeline-failing')).filter(({ operation }) => operation === 'delete');
    assert.deepEqual(await deleted(), []);

    const next = await operations.run('up', { request: { ...changed, verification: verification('^0') } });
    assert.ok(next.ok, JSON.stringify(next));
    assert.ok((await deleted()).some(({ type, id }) => type === CONFIG && id === first.outputs.endpointConfigName));
  });

  it('tells what the model says where it does not answer at all', async () => {
    const request = await realtime('crashing', { verification: verification('.') });
    const fault = { type: 'aws:sagemaker/endpoint:Endpoint', operation: 'invoke', code: 'ModelError', message: 'boom' };
    const result = await operations.run('up', { request, sandbox: { SANDBOX_FAULTS: JSON.stringify([fault]) } });
    assert.ok(!result.ok);
    assert.equal(result.error.code, 'SMOKE_REQUEST_FAILED');
    assert.match(result.error.message, /did not answer the smoke request: ModelError: boom/);
  });

  it('is not done in a preview', async () => {
    const request = await realtime('previewed', { verification: verification('^never$') });
    const result = await operations.run('preview', { request });
    assert.ok(result.ok, JSON.stringify(result));
  });

  it('names the alarms of its own guardrails in the outputs, and tells from outside which of them are in alarm', async () => {
    const endpoint = { deployment: { strategy: 'canary', wait_seconds: 0, termination_wait_seconds: 0 } };
    const result = await operations.run('up', { request: await realtime('guarded', { endpoint }) });
    assert.ok(result.ok, JSON.stringify(result));
    const names = result.outputs.alarmNames as string[];
    assert.equal(names.length, 2);

    const module = new URL('../../sandbox/child-engine.ts', import.meta.url).href;
    const cloud = await loadCloud({ kind: 'sandbox', module, options: { SANDBOX_HOME: operations.home } });
    assert.deepEqual(await cloud.alarmsInAlarm(MAIN, names), []);
    const [first = ''] = names;
    const directory = `${operations.home}/aws`;
    await setAlarmState(directory, scopeOf('222222222222', 'us-east-1'), first, 'ALARM');
    assert.deepEqual(await cloud.alarmsInAlarm(MAIN, names), []);
    await setAlarmState(directory, scopeOf('111111111111', 'us-east-1'), first, 'ALARM');
    assert.deepEqual(await cloud.alarmsInAlarm(MAIN, names), [first]);
    await setAlarmState(directory, scopeOf('111111111111', 'us-east-1'), first, 'OK');
    assert.deepEqual(await cloud.alarmsInAlarm(MAIN, names), []);
  });
});
