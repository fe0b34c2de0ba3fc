import assert from 'node:assert/strict';
import { dataQualityMonitor } from '../../blueprints/model-monitor/index.ts';
import { loadCloud } from '../../automation/engine/load-cloud.ts';
import { SCHEDULE_TYPE } from '../../automation/stacks/child/stop-schedules.ts';
import { journal } from '../support/journal.ts';
import { MAIN, Operations } from '../support/operations.ts';
import { realtime } from '../support/realtime.ts';

const PENDING = 'Cannot delete monitoring schedule';

describe('destroying a monitor', () => {
  let operations: Operations;
  const monitorOf = (name: string) => ({ ...dataQualityMonitor.example, model_name: name, endpoint_name: 'watched' });
  before(async () => void (operations = await Operations.open()));
  after(() => operations.close());

  it('stops the schedule, waits for it, and works for a blueprint that is no longer configured', async () => {
    const endpoint = await operations.run('up', { request: await realtime('watched', { endpoint_name: 'watched' }) });
    assert.ok(endpoint.ok, JSON.stringify(endpoint));
    const made = await operations.run('up', { request: monitorOf('first') });
    assert.ok(made.ok, JSON.stringify(made));
    const name = String(made.outputs.monitoringScheduleName);

    // On its way for some seconds: to delete it now would be refused.
    const module = new URL('../../sandbox/child-engine.ts', import.meta.url).href;
    const options = { SANDBOX_HOME: operations.home, SANDBOX_SPEED: '20' };
    const cloud = await loadCloud({ kind: 'sandbox', module, options });
    await cloud.stopMonitoringSchedule(MAIN, name);
    assert.equal(await cloud.monitoringScheduleStatus(MAIN, name), 'Pending');

    const notes: string[] = [];
    const unknown = {
      request: monitorOf('first'),
      pipelineType: 'of_another_time' as never,
      project: 'byom-data-quality-monitor',
    };
    const destroyed = await operations.run('destroy', unknown, { onNote: (note) => void notes.push(note) });
    assert.ok(destroyed.ok, JSON.stringify(destroyed));
    assert.ok(notes.includes('schedule.waiting'), notes.join());
    assert.equal(await cloud.monitoringScheduleStatus(MAIN, name), undefined);
  });

  it('stops one that runs before it is deleted', async () => {
    const made = await operations.run('up', { request: monitorOf('second') });
    assert.ok(made.ok, JSON.stringify(made));
    const name = String(made.outputs.monitoringScheduleName);
    const destroyed = await operations.run('destroy', { request: monitorOf('second') });
    assert.ok(destroyed.ok, JSON.stringify(destroyed));
    const done = (await journal(operations.home)).filter(({ type, id }) => type === SCHEDULE_TYPE && id === name);
    assert.deepEqual(
      done.slice(-3).map(({ operation }) => operation),
      ['create', 'stop', 'delete'],
    );
  });

  it('would be refused by the sandbox, as by SageMaker, while the schedule is on its way', async () => {
    const { Account, failure } = await import('../sandbox-aws/support.ts');
    const account = await Account.open({ speed: 20 });
    try {
      const schedule = { name: 's', monitoringScheduleConfig: { monitoringType: 'ModelQuality' } };
      const made = await account.create(SCHEDULE_TYPE, 's', schedule);
      await account.cloud.stopMonitoringSchedule(MAIN, made.id);
      assert.match((await failure(account.delete(made))).message, new RegExp(`ValidationException: ${PENDING}`));
    } finally {
      await account.remove();
    }
  });
});
