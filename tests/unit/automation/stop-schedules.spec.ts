import assert from 'node:assert/strict';
import {
  DescribeMonitoringScheduleCommand,
  SageMakerClient,
  StopMonitoringScheduleCommand,
} from '@aws-sdk/client-sagemaker';
import { mockClient } from 'aws-sdk-client-mock';
import { awsCloud } from '../../../automation/aws/aws.ts';
import type { Cloud } from '../../../automation/aws/cloud.ts';
import { SCHEDULE_TYPE, stopSchedules } from '../../../automation/stacks/child/stop-schedules.ts';
import { MAIN } from '../../support/operations.ts';

const mockSageMaker = () => mockClient(SageMakerClient);

function stackOf(...resources: { type: string; id?: string }[]) {
  return {
    state: async () => ({ resources: resources.map((one) => ({ urn: '', custom: true, ...one })) }),
  };
}

/** Schedules that go through the given statuses, one a look; the last one stays. */
function watch(statuses: Record<string, (string | undefined)[]>, signal = new AbortController().signal) {
  const stopped: string[] = [];
  const notes: string[] = [];
  const cloud = {
    monitoringScheduleStatus: async (_environment, name) => {
      const [first, ...rest] = statuses[name] ?? [];
      if (rest.length > 0) statuses[name] = rest;
      return first;
    },
    stopMonitoringSchedule: async (_environment, name) => void stopped.push(name),
  } as Partial<Cloud> as Cloud;
  return { cloud, environment: MAIN, signal, note: (name: string) => void notes.push(name), stopped, notes };
}

describe('monitoring schedules before a stack is destroyed', () => {
  it('are stopped once, and waited for', async () => {
    const seen = watch({ a: ['Scheduled', 'Pending', 'Stopped'], b: ['Pending', 'Scheduled', 'Stopped'] });
    const resources = ['a', 'b'].map((id) => ({ type: SCHEDULE_TYPE, id }));
    await stopSchedules(stackOf({ type: 'aws:iam/role:Role', id: 'r' }, ...resources), seen);
    assert.deepEqual(seen.stopped.sort(), ['a', 'b']);
    assert.ok(seen.notes.includes('schedule.waiting'));
  });

  it('are left alone where they are stopped, failed or gone already', async () => {
    const seen = watch({ a: ['Stopped'], b: ['Failed'], c: [undefined] });
    await stopSchedules(stackOf(...['a', 'b', 'c'].map((id) => ({ type: SCHEDULE_TYPE, id }))), seen);
    assert.deepEqual(seen.stopped, []);
  });

  it('are no reason to ask the cloud where there are none', async () => {
    await stopSchedules(stackOf({ type: 'aws:iam/role:Role', id: 'r' }, { type: SCHEDULE_TYPE }), watch({}));
    await stopSchedules({ state: async () => undefined }, watch({}));
  });

  it('are waited for no longer than the operation lasts', async () => {
    const cancel = new AbortController();
    const seen = watch({ a: ['Pending'] }, cancel.signal);
    const waiting = stopSchedules(stackOf({ type: SCHEDULE_TYPE, id: 'a' }), { ...seen, note: () => cancel.abort() });
    await assert.rejects(waiting, { name: 'AbortError' });
  });

  describe('on AWS', () => {
    let sagemaker: ReturnType<typeof mockSageMaker>;
    before(() => void (sagemaker = mockSageMaker()));
    after(() => sagemaker.restore());
    const missing = Object.assign(new Error('Could not find requested job'), { name: 'ResourceNotFound' });

    it('are described and stopped by name, and stopped where there are none', async () => {
      sagemaker.on(DescribeMonitoringScheduleCommand).resolves({ MonitoringScheduleStatus: 'Pending' });
      sagemaker.on(StopMonitoringScheduleCommand).resolves({});
      assert.equal(await awsCloud.monitoringScheduleStatus(MAIN, 's'), 'Pending');
      await awsCloud.stopMonitoringSchedule(MAIN, 's');
      assert.deepEqual(sagemaker.commandCalls(StopMonitoringScheduleCommand)[0]?.args[0].input, {
        MonitoringScheduleName: 's',
      });
      sagemaker.on(DescribeMonitoringScheduleCommand).rejects(missing);
      sagemaker.on(StopMonitoringScheduleCommand).rejects(missing);
      assert.equal(await awsCloud.monitoringScheduleStatus(MAIN, 's'), undefined);
      await awsCloud.stopMonitoringSchedule(MAIN, 's');
    });
  });
});
