import assert from 'node:assert/strict';
import type { Readiness } from '../../automation/model.ts';
import type { Sandbox } from '../../sandbox/start.ts';
import { startSandbox } from '../../sandbox/start.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { isRealEngine } from '../support/engine.ts';
import { realtime } from '../support/realtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the engine that runs the stacks', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let sandbox: Sandbox;
  let client: OrchestratorClient;

  before(async () => {
    folder = await temporaryFolder();
    sandbox = await startSandbox({ ...process.env, SANDBOX_HOME: folder.path, PORT: '0', SANDBOX_SPEED: '0' });
    client = new OrchestratorClient(sandbox.url);
  });

  after(async () => {
    await sandbox.stop();
    await folder.remove();
  });

  it('is named by GET /readyz with its version', async () => {
    const { ready, checks } = await client.call<Readiness>('GET', '/readyz');
    assert.equal(ready, true);
    assert.match(
      checks.engine?.detail ?? '',
      isRealEngine() ? /^Pulumi CLI 3\.\d+\.\d+/ : /^Pulumi CLI 3\.265\.0 \(simulated\)$/,
    );
  });

  it('is named in each stage that it ran, and its invocations are counted: the version is not asked for again', async () => {
    const { execution_id: id = '' } = await client.provision(await realtime('engine'));
    const { status, stages } = await client.finished(id);
    assert.equal(status, 'Succeeded', JSON.stringify(stages));
    const [source, deploy] = stages;
    assert.equal(source?.engine, undefined);
    assert.equal(deploy?.engine?.kind, isRealEngine() ? 'cli' : 'sandbox');
    assert.match(deploy.engine.version ?? '', /^3\.\d+\.\d+$/);
    const metrics = await (await fetch(`${sandbox.url}/metrics`)).text();
    const counted = metrics.split('\n').filter((line) => line.startsWith('mlops_pulumi_invocations_total{'));
    assert.deepEqual(counted.sort(), [
      'mlops_pulumi_invocations_total{action="up",command="stack export"} 1',
      'mlops_pulumi_invocations_total{action="up",command="stack init"} 1',
      'mlops_pulumi_invocations_total{action="up",command="stack select"} 1',
      'mlops_pulumi_invocations_total{action="up",command="up"} 1',
    ]);
  });
});
