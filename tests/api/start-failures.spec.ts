/** `npm start` where it cannot work: it ends with a reason, and without a secret, whatever a library puts into its error. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';

const MAIN = fileURLToPath(new URL('../../api/main.ts', import.meta.url));
const CANARY = 'canary-4711-canary-4711';

describe('a start that fails', function () {
  this.timeout(60_000);
  /** Speaks no PostgreSQL. */
  let server: Server;

  before(async () => {
    server = createServer((socket) => void socket.on('error', () => undefined).end(`${CANARY}\n`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  after(() => server.close());

  const settings = () => ({
    DATABASE_URL: `postgresql://user:${CANARY}@127.0.0.1:${(server.address() as AddressInfo).port}/mlops`,
    PULUMI_BACKEND_URL: 's3://state',
    PULUMI_CONFIG_PASSPHRASE: CANARY,
    GATEWAY_SECRET: CANARY,
    GITHUB_WEBHOOK_SECRET: CANARY,
    GITHUB_TOKEN: CANARY,
    AWS_SECRET_ACCESS_KEY: CANARY,
    AWS_SESSION_TOKEN: CANARY,
    AWS_REGION: 'eu-west-1',
    ASSETS_BUCKET: 'my-assets',
    DATABASE_WAIT_SECONDS: '1',
    HOST: '127.0.0.1',
    PORT: '0',
  });

  async function printed(env: Record<string, string>): Promise<string> {
    const variables = { PATH: process.env.PATH, ...settings(), ...env };
    return await promisify(execFile)(process.execPath, [MAIN], { env: variables }).then(
      () => assert.fail('it started'),
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
  }

  for (const [why, env] of [
    ['the database is none, and there is no CLI', { PATH: `/${CANARY}` }],
    ['a file of certificates is named like a secret', { PGSSLROOTCERT: `/${CANARY}`, PGSSLMODE: 'verify-full' }],
  ] as const) {
    it(`says why, and keeps secrets to itself: ${why}`, async () => {
      const text = await printed(env);
      assert.ok(text.trim().length > 10, 'it says why');
      assert.ok(!text.includes(CANARY), text);
    });
  }
});
