import assert from 'node:assert/strict';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { DriftCheck } from '../../automation/model.ts';
import type { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { realtime } from '../support/realtime.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

describe('DRIFT_SCHEDULE', function () {
  this.timeout(180_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: TestDatabase;
  let sandbox: TestSandbox | undefined;

  before(async () => {
    folder = await temporaryFolder();
    database = await createDatabase();
  });

  afterEach(async () => {
    await sandbox?.stop();
    sandbox = undefined;
  });

  after(async () => {
    await database.drop();
    await folder.remove();
  });

  async function start(schedule: string): Promise<OrchestratorClient> {
    const env = { SANDBOX_HOME: folder.path, DRIFT_SCHEDULE: schedule };
    sandbox = await startTestSandbox(env, { databaseUrl: database.url });
    return sandbox.client;
  }

  it('has what is deployed checked again and again, without anybody asking', async () => {
    const client = await start('* * * * * *');
    const { pipeline_id: id, execution_id: execution = '' } = await client.provision(await realtime('scheduled'));
    assert.equal((await client.finished(execution)).status, 'Succeeded');
    let ended: DriftCheck[] = [];
    await until(
      async () => {
        const history = await client.call<DriftCheck[]>('GET', `/pipelines/${id}/drift/history`);
        ended = history.filter((check) => check.ended !== undefined);
        return ended.length >= 2;
      },
      'two checks have ended',
      90_000,
    );
    assert.deepEqual(
      new Set(ended.map(({ requestedBy, status }) => `${requestedBy} ${status}`)),
      new Set(['schedule InSync']),
    );
  });

  it('is taken back by leaving it out', async () => {
    await start('0 3 * * *');
    assert.deepEqual(
      (await DBOS.listSchedules()).map(({ schedule, cronTimezone }) => [schedule, cronTimezone]),
      [['0 3 * * *', 'UTC']],
    );
    await sandbox?.stop();
    await start('');
    assert.deepEqual(await DBOS.listSchedules(), []);
  });
});
