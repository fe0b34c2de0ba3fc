import assert from 'node:assert/strict';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { mockClient } from 'aws-sdk-client-mock';
import { awsCloud } from '../../../automation/aws/aws.ts';
import { MAIN } from '../../support/operations.ts';

/** Made when the tests run: other specs mock the same clients. */
const mocks = () => ({ runtime: mockClient(SageMakerRuntimeClient), cloudwatch: mockClient(CloudWatchClient) });

describe('after a deployment, on AWS', () => {
  let { runtime, cloudwatch } = {} as ReturnType<typeof mocks>;
  before(() => void ({ runtime, cloudwatch } = mocks()));
  const { signal } = new AbortController();
  beforeEach(() => [runtime, cloudwatch].forEach((one) => one.reset()));
  after(() => [runtime, cloudwatch].forEach((one) => one.restore()));

  const invoke = () => awsCloud.invokeEndpoint(MAIN, 'e', { body: '1,2', contentType: 'text/csv' }, signal);

  it('sends the payload as it is, and gives the beginning of the answer', async () => {
    const Body = new TextEncoder().encode('é'.repeat(40_000)) as never;
    runtime.on(InvokeEndpointCommand).resolves({ Body, ContentType: 'text/plain' });
    const answer = await invoke();
    assert.equal(Buffer.byteLength(answer.body), 65_536);
    assert.equal(answer.contentType, 'text/plain');
    assert.deepEqual(runtime.commandCalls(InvokeEndpointCommand)[0]?.args[0].input, {
      EndpointName: 'e',
      Body: '1,2',
      ContentType: 'text/csv',
    });
  });

  it("throws the model's own error", async () => {
    runtime.on(InvokeEndpointCommand).rejects(Object.assign(new Error('out of memory'), { name: 'ModelError' }));
    await assert.rejects(invoke(), { name: 'ModelError', message: 'out of memory' });
  });

  it('asks for alarms of both kinds, at most 100 at a time', async () => {
    cloudwatch
      .on(DescribeAlarmsCommand)
      .resolvesOnce({ MetricAlarms: [{ AlarmName: 'a1' }], CompositeAlarms: [{ AlarmName: 'c1' }] })
      .resolvesOnce({ MetricAlarms: [{ AlarmName: 'a150' }] });
    const names = Array.from({ length: 150 }, (_, index) => `a${index}`);
    assert.deepEqual(await awsCloud.alarmsInAlarm(MAIN, names), ['a1', 'c1', 'a150']);
    const asked = cloudwatch.commandCalls(DescribeAlarmsCommand).map(({ args: [{ input }] }) => input);
    assert.deepEqual(
      asked.map(({ AlarmNames = [] }) => AlarmNames.length),
      [100, 50],
    );
    assert.deepEqual(asked[0]?.AlarmTypes, ['MetricAlarm', 'CompositeAlarm']);
    assert.equal(asked[0]?.StateValue, 'ALARM');
  });

  it('asks nothing of no alarms', async () => {
    assert.deepEqual(await awsCloud.alarmsInAlarm(MAIN, []), []);
    assert.equal(cloudwatch.calls().length, 0);
  });
});
