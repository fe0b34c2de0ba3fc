import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriftCheck, DriftCheckAnswer } from '../../automation/model.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import { realtime } from '../support/realtime.ts';
import { startSandboxProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** The first read of a role never ends. */
const HANGS = JSON.stringify([{ type: 'aws:iam/role:Role', operation: 'read', action: 'hang', times: 1 }]);

describe('a drift check whose service is killed', function () {
  this.timeout(180_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: SandboxProcess | undefined;

  before(async () => {
    folder = await temporaryFolder();
  });

  after(async () => {
    await sandbox?.stop();
    await folder.remove();
  });

  async function start(): Promise<OrchestratorClient> {
    sandbox = await startSandboxProcess({ SANDBOX_HOME: folder.path, SANDBOX_SPEED: '0', SANDBOX_FAULTS: HANGS });
    return new OrchestratorClient(sandbox.url);
  }

  it('is resumed by the next one, and does not block a deployment', async () => {
    const first = await start();
    const { pipeline_id: id, execution_id: execution = '' } = await first.provision(await realtime('looked-at'));
    assert.equal((await first.finished(execution)).status, 'Succeeded');
    const { checks } = await first.call<DriftCheckAnswer>('POST', `/pipelines/${id}/drift`);
    const strikes = async () =>
      (await readdir(join(folder.path, 'aws', 'faults'), { recursive: true }).catch(() => [])).length;
    await until(async () => (await strikes()) === 2, 'the look hangs', 60_000);
    assert.equal((await first.call<DriftCheck[]>('GET', `/pipelines/${id}/drift`))[0]?.status, 'InProgress');
    await sandbox?.kill();

    const second = await start();
    let check: DriftCheck | undefined;
    await until(
      async () => {
        [check] = await second.call<DriftCheck[]>('GET', `/pipelines/${id}/drift`);
        return check?.ended !== undefined;
      },
      'the check is resumed',
      60_000,
    );
    assert.equal(check?.checkId, checks[0]?.checkId);
    assert.equal(check?.status, 'InSync', JSON.stringify(check));
    const update = await second.provision(await realtime('looked-at', { inference_instance: 'ml.m5.xlarge' }));
    assert.equal((await second.finished(update.execution_id ?? '')).status, 'Succeeded');
  });
});
