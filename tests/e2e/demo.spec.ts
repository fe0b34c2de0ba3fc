/** The README's first example. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));

describe('npm run demo', function () {
  this.timeout(180_000);

  it('provisions two real-time pipelines, updates one of them, and stops', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=DeprecationWarning', DEMO, '--engine', 'simulated'],
      { env: { PATH: process.env.PATH, HOME: process.env.HOME }, maxBuffer: 16 * 1024 * 1024 },
    );
    for (const variant of ['builtin', 'custom']) {
      assert.match(stdout, new RegExp(`Preview of mlops-pipeline-[a-z-]+-byompipelinerealtime${variant}:`));
    }
    assert.match(stdout, /Succeeded/);
  });
});
