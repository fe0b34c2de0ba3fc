import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pipeline } from '../../automation/model.ts';
import type { DeliveryEntry } from '../../automation/sources/delivery-log.ts';
import type { SandboxProcess } from '../../scripts/sandbox-process.ts';
import { startSandboxProcess } from '../../scripts/sandbox-process.ts';
import type { Sandbox } from '../../sandbox/start.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import type { ProviderStandIn } from '../sources/support/provider.ts';
import { startProvider } from '../sources/support/provider.ts';
import { COMMIT, SECRET, TOKEN, githubPush, hubSignature } from '../sources/support/world.ts';
import { createdTwice } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip.ts';

describe('configuration as data, in the sandbox', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let provider: ProviderStandIn;
  let running: Sandbox | SandboxProcess | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
    provider = await startProvider();
    provider.branches.set('acme/models@main', COMMIT);
  });

  afterEach(async () => {
    await running?.stop();
    await provider.stop();
    await folder.remove();
  });

  const settings = () => ({
    SANDBOX_HOME: folder.path,
    PORT: '0',
    GITHUB_WEBHOOK_SECRET: SECRET,
    GITHUB_TOKEN: TOKEN,
    GITHUB_API_URL: provider.url,
    CONFIG_REPOSITORIES: 'github:acme/models@main',
  });

  async function push(url: string): Promise<Response> {
    const body = JSON.stringify(githubPush());
    return await fetch(`${url}/webhooks/github`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-GitHub-Event': 'push',
        'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        'X-Hub-Signature-256': hubSignature(body),
      },
      body,
    });
  }

  const states = () => provider.statuses.map(({ body }) => body.state);

  it('a push deploys a list of models, and the commit gets its status once they are deployed', async () => {
    provider.files.set(`acme/models@${COMMIT}`, JSON.stringify([await realtime('first'), await realtime('second')]));
    const sandbox = await startTestSandbox(settings());
    running = sandbox;
    assert.equal((await push(sandbox.url)).status, 202);
    await until(() => states().at(-1) === 'success', 'the commit has its status', 90_000);
    assert.deepEqual(states(), ['pending', 'success']);
    const pipelines = await new OrchestratorClient(sandbox.url).call<Pipeline[]>('GET', '/pipelines');
    assert.deepEqual(
      pipelines.map(({ modelName, status }) => [modelName, status]),
      [
        ['first', 'Succeeded'],
        ['second', 'Succeeded'],
      ],
    );
    const client = new OrchestratorClient(sandbox.url);
    const { requestedBy } = await client.execution(pipelines[0]?.latestExecutionId ?? '');
    assert.equal(requestedBy, 'webhook:github:acme/models');
    assert.equal(((await (await push(sandbox.url)).json()) as { status: string }).status, 'duplicate');
    assert.equal((await client.call<unknown[]>('GET', '/pipelines')).length, 2);
    const log = await readFile(sandbox.logFile, 'utf8');
    for (const secret of [SECRET, TOKEN]) assert.ok(!log.includes(secret));
  });

  it('a push with a fault deploys nothing, and the commit status has every fault', async () => {
    const faulty = { ...(await realtime('second')), inference_instance: 5, model_framework: undefined };
    provider.files.set(`acme/models@${COMMIT}`, JSON.stringify([await realtime('first'), faulty]));
    const sandbox = await startTestSandbox(settings());
    running = sandbox;
    assert.equal((await push(sandbox.url)).status, 202);
    await until(() => states().at(-1) === 'failure', 'the commit has its status');
    assert.match(provider.statuses.at(-1)?.body.description ?? '', /^2 faults: request 1, \/1\//);
    assert.deepEqual(await new OrchestratorClient(sandbox.url).call('GET', '/pipelines'), []);
    await until(
      async () => (await readFile(sandbox.logFile, 'utf8')).includes('/1/inference_instance'),
      'it is logged',
    );
  });

  it('a file, or an archive with it, that is put into the folder of the assets bucket is provisioned, and again when it changes', async () => {
    const sandbox = await startTestSandbox(settings());
    running = sandbox;
    const { client, dropFolders } = sandbox;
    const [bucket = ''] = dropFolders;
    const file = join(bucket, 'team', 'mlops-config.json');
    const archive = join(bucket, 'team', 'mlops-config.zip');
    await mkdir(dirname(file));
    const request = await realtime('dropped');
    for (const [revision, instance] of [
      [1, 'ml.m5.large'],
      [2, 'ml.m5.xlarge'],
      [3, 'ml.m5.2xlarge'],
    ] as const) {
      const content = JSON.stringify({ ...request, inference_instance: instance });
      if (revision < 3) await writeFile(file, content);
      else await writeFile(archive, zipOf({ 'mlops-config.json': content, 'README.md': 'Ours.' }));
      await until(async () => {
        const [pipeline] = await client.call<Pipeline[]>('GET', '/pipelines');
        return pipeline?.revision === revision && pipeline.status === 'Succeeded';
      }, `revision ${revision} is deployed`);
    }
    const [pipeline] = await client.call<Pipeline[]>('GET', '/pipelines');
    const { requestedBy } = await client.execution(pipeline?.latestExecutionId ?? '');
    assert.equal(requestedBy, 's3:mlops-assets-111111111111-us-east-1/team/mlops-config.zip');
    const deliveries = await client.call<DeliveryEntry[]>('GET', '/deliveries');
    assert.deepEqual(
      deliveries.map(({ source, status }) => [source, status]),
      [
        ['s3', 'Provisioned'],
        ['s3', 'Provisioned'],
        ['s3', 'Provisioned'],
      ],
    );
  });

  it('a push that was accepted survives the death of the service that works on it', async () => {
    provider.files.set(`acme/models@${COMMIT}`, JSON.stringify(await realtime('survivor')));
    provider.isSilent = true;
    running = await startSandboxProcess({ ...settings(), SANDBOX_SPEED: '0' });
    assert.equal((await push(running.url)).status, 202);
    await until(() => provider.calls.length > 0, 'the delivery is claimed, and its repository read');
    await running.kill();
    provider.isSilent = false;
    running = await startSandboxProcess({ ...settings(), SANDBOX_SPEED: '0' });
    await until(() => states().at(-1) === 'success', 'the commit has its status', 90_000);
    const client = new OrchestratorClient(running.url);
    const pipelines = await client.call<Pipeline[]>('GET', '/pipelines');
    assert.deepEqual(
      pipelines.map(({ modelName, status }) => [modelName, status]),
      [['survivor', 'Succeeded']],
    );
    assert.deepEqual(await createdTwice(folder.path), []);
  });
});
