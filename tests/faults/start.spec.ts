import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const START = fileURLToPath(new URL('../../api/start.cjs', import.meta.url));

const SETTINGS = {
  PULUMI_BACKEND_URL: 'file:///nowhere',
  PULUMI_CONFIG_PASSPHRASE: 'x',
  AWS_REGION: 'us-east-1',
  ASSETS_BUCKET: 'assets',
  PORT: '0',
};

/** Runs the service with exactly these variables until it ends. */
async function start(env: Record<string, string>): Promise<{ code: number | null; out: string; err: string }> {
  return await new Promise((resolve) => {
    const child = execFile(process.execPath, [START], { env: { PATH: process.env.PATH, ...env } }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

describe('npm start', () => {
  it('says in one line which Node.js it needs where that does not run TypeScript', async () => {
    const run = promisify(execFile)(process.execPath, ['--no-experimental-strip-types', START]);
    await assert.rejects(run, ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 1);
      assert.match(stderr, /^The service needs Node\.js 22\.18 or later, .*; this is v[\d.]+ \(.*\)\.\n$/);
      return true;
    });
  });

  it('refuses to start without its settings, and lists every problem', async () => {
    const { code, err } = await start({ PORT: 'eighty' });
    assert.equal(code, 1);
    for (const name of ['DATABASE_URL', 'AWS_REGION', 'ASSETS_BUCKET', 'PORT'])
      assert.match(err, new RegExp(`- ${name} `));
    assert.doesNotMatch(err, /\n {4}at /, 'no stack trace for people');
  });

  it('waits for the database with a message, then fails clearly', async () => {
    const { code, out, err } = await start({
      ...SETTINGS,
      DATABASE_URL: 'postgresql://user:secret-password@127.0.0.1:1/mlops',
      DATABASE_WAIT_SECONDS: '1',
    });
    assert.equal(code, 1);
    assert.match(out, /waiting for the database/);
    assert.match(err, /No database at 127\.0\.0\.1:1\/mlops within 1 s: .*ECONNREFUSED/);
    assert.doesNotMatch(out + err, /secret-password/);
  });
});
