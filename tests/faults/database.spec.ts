import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import type { Service } from '../../api/server.ts';
import { startService } from '../../api/server.ts';
import { loadConfig } from '../../automation/config/config.ts';
import type { Postgres } from '../../sandbox/postgres.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { createdTwice } from '../support/journal.ts';
import { realtime } from '../support/realtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

describe('a database that goes away', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: Postgres;
  let service: Service;

  before(async () => {
    folder = await temporaryFolder();
    database = await startPostgres(join(folder.path, 'postgres'));
    const config = loadConfig(
      {
        DATABASE_URL: database.url,
        PORT: '0',
        PULUMI_BACKEND_URL: pathToFileURL(folder.path).href,
        PULUMI_CONFIG_PASSPHRASE: 'x',
        AWS_REGION: 'us-east-1',
        ASSETS_BUCKET: 'assets',
        ACCOUNT_ID: '111111111111',
      },
      {
        kind: 'sandbox',
        module: new URL('../../sandbox/child-engine.ts', import.meta.url).href,
        options: { SANDBOX_HOME: folder.path, SANDBOX_SPEED: '2', PULUMI_CONFIG_PASSPHRASE: 'x' },
      },
    );
    service = await startService(config, pino({ level: 'silent' }));
  });

  after(async () => {
    await service.stop();
    await database.stop();
    await folder.remove();
  });

  it('answers 503 meanwhile, and executions go on once it is back', async () => {
    const client = new OrchestratorClient(service.url);
    const { execution_id: id = '' } = await client.provision(await realtime('away'));
    for await (const event of client.follow(id)) if (event.type === 'resource.creating') break;

    const pidFile = await readFile(join(folder.path, 'postgres', 'data', 'postmaster.pid'), 'utf8');
    process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL');
    await until(async () => (await fetch(`${service.url}/pipelines`)).status === 503, 'requests are answered 503');
    const refused = await fetch(`${service.url}/provisionpipeline`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(await realtime('refused')),
    });
    assert.equal(refused.status, 503);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal((await fetch(`${service.url}/readyz`)).status, 503);
    assert.equal((await fetch(`${service.url}/healthz`)).status, 200);

    database = await startPostgres(join(folder.path, 'postgres'), Number(new URL(database.url).port));
    await until(async () => (await fetch(`${service.url}/readyz`)).status === 200, 'the service is ready again');
    await until(async () => (await client.execution(id)).status === 'Succeeded', 'the execution has succeeded', 60_000);
    assert.deepEqual(await createdTwice(folder.path), []);

    const next = await client.provision(await realtime('afterwards'));
    await until(
      async () => (await client.execution(next.execution_id ?? '')).status === 'Succeeded',
      'a later request is carried out',
      60_000,
    );
  });
});
