/** Work that comes starts at once, although a service at rest hardly polls its queues. */
import assert from 'node:assert/strict';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import { workflowTimeoutConfig } from '@dbos-inc/dbos-sdk/internal/workflow_management';
import type pg from 'pg';
import { SLOW_POLL_MS } from '../../automation/workflows/queue-wake.ts';
import { realtime } from '../support/realtime.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';

interface Accepted {
  execution_id: string;
}

/** What queue-wake.ts uses of DBOS. */
const runner = wfQueueRunner as unknown as {
  states: Map<string, { queue: { databaseBacked: boolean; minPollingIntervalMs: number }; nextPollAt: number }>;
  pollQueue: unknown;
  refreshDbQueues: unknown;
  constructor: { reconcileIntervalMs: number; transitionIntervalMs: number };
};

interface SystemDatabase {
  pool: pg.Pool;
  notificationCoalesceMs: number;
}

describe('a service at rest', function () {
  this.timeout(60_000);
  let service: SimulatedService;

  before(async () => {
    service = await startSimulatedService();
  });
  after(async () => {
    const { violations } = service.stacks;
    await service.stop();
    assert.deepEqual(violations, []);
  });

  /** From now on, what begins was announced. */
  function stopPolls(): void {
    for (const state of runner.states.values()) state.nextPollAt = Infinity;
  }

  async function provisioned(modelName: string, changes = {}): Promise<string> {
    const body = await realtime(modelName, changes);
    return (await service.call<Accepted>('kim', 'POST', '/provisionpipeline', body)).body.execution_id;
  }

  it('begins what it is asked for without a poll, also where another operation of the pipeline ends first', async () => {
    stopPolls();
    for (const name of ['woken-a', 'woken-b', 'woken-c']) {
      const executions = [
        await provisioned(name),
        await provisioned(name, { inference_instance: 'ml.m5.xlarge' }),
        await provisioned(name, { inference_instance: 'ml.m5.2xlarge' }),
      ];
      const [, , last = ''] = executions;
      assert.equal((await service.settled(last)).status, 'AwaitingApproval');
    }
  });

  it('begins what was announced while it had lost its connection for announcements', async () => {
    const { rowCount } = await service.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN mlops_%'`,
    );
    assert.ok(Number(rowCount) > 0);
    const id = await provisioned('unheard');
    stopPolls();
    assert.equal((await service.settled(id)).status, 'AwaitingApproval');
  });

  it('leaves its queues, and the upkeep of the durable engine, to intervals of seconds', () => {
    const { reconcileIntervalMs, transitionIntervalMs } = runner.constructor;
    const queues = [...runner.states.values()].map(({ queue }) => queue.minPollingIntervalMs);
    assert.ok(queues.length >= 3);
    for (const ms of [reconcileIntervalMs, transitionIntervalMs, workflowTimeoutConfig.pollingIntervalMs, ...queues]) {
      assert.ok(ms >= SLOW_POLL_MS, `${ms} ms`);
    }
    const system = DBOSExecutor.globalInstance?.systemDatabase as unknown as SystemDatabase;
    assert.equal(system.notificationCoalesceMs, 60_000);
    const { pool } = system;
    assert.equal(pool.options.idleTimeoutMillis, 300_000, 'its connections are kept');
    assert.equal(typeof runner.pollQueue, 'function');
    assert.equal(typeof runner.refreshDbQueues, 'function');
  });
});
