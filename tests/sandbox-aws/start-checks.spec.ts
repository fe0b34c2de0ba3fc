/** What is wrong with a sandbox's settings is found out before it makes anything. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/start.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a sandbox that cannot start', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  async function mustFail(env: NodeJS.ProcessEnv, problem: RegExp): Promise<void> {
    const settings = { SANDBOX_ENGINE: 'simulated', PORT: '0', ...env, SANDBOX_HOME: join(folder.path, 'home') };
    await assert.rejects(startSandbox(settings), problem);
    assert.deepEqual(await readdir(folder.path), []);
  }

  it('because its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await mustFail({ PORT: String(port) }, new RegExp(`"PORT" is ${port}, which is already in use on 127.0.0.1`));
    } finally {
      server.close();
    }
  });

  it('because a setting of the service is wrong', async () => {
    await mustFail({ DRIFT_SCHEDULE: 'sometimes' }, /DRIFT_SCHEDULE must be a cron expression/);
    await mustFail({ POLICY_PACKS: '/packs' }, /POLICY_PACKS requires the Pulumi CLI/);
  });

  it('because a setting is misspelled', async () => {
    await mustFail({ SANDBOX_SPED: '0' }, /SANDBOX_SPED is not a setting; did you mean SANDBOX_SPEED\?/);
    await mustFail({ MULTI_ACOUNT: 'Yes' }, /MULTI_ACOUNT is not a setting; did you mean MULTI_ACCOUNT\?/);
  });
});
