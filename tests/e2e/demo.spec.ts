/** The README's first example, to its end and interrupted. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundledProgram } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MLOPS = fileURLToPath(new URL('../../cli/mlops.ts', import.meta.url));
const run = promisify(execFile);

describe('npm run demo', function () {
  this.timeout(180_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async () => {
    folder = await temporaryFolder();
  });

  after(() => folder.remove());

  const settings = () => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TMPDIR: folder.path,
    // By default below TMPDIR, where nothing may remain.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  });

  /** Nothing runs or remains there. */
  async function mustBeGone(): Promise<void> {
    const { stdout } = await run('ps', ['-eo', 'args']);
    const running = stdout.split('\n').filter((line) => line.includes(folder.path));
    assert.deepEqual([running, await readdir(folder.path)], [[], []]);
  }

  it('provisions two real-time pipelines, updates one of them, and leaves nothing behind', async () => {
    const { stdout } = await run(process.execPath, [MLOPS, 'demo', '--engine', 'simulated'], {
      env: settings(),
      maxBuffer: 16 * 1024 * 1024,
    });
    for (const variant of ['builtin', 'custom']) {
      assert.match(stdout, new RegExp(`Preview of mlops-pipeline-[a-z-]+-byompipelinerealtime${variant}:`));
    }
    assert.match(stdout, /Succeeded/);
    await mustBeGone();
  });

  for (const [when, printed, signal, code] of [
    ['PostgreSQL is set up', /Starting PostgreSQL/, 'SIGINT', 130],
    ['the service starts', /Starting the service/, 'SIGHUP', 129],
    ['stacks are deployed', /resource\.creating/, 'SIGTERM', 143],
  ] as const) {
    it(`ends on ${signal} while ${when}, without a trace, with exit code ${code}`, async () => {
      // The test above starts the sources, as people do.
      const mlops = fileURLToPath(await bundledProgram('mlops'));
      // A process group, as in a terminal.
      const child = spawn(process.execPath, [mlops, 'demo', '--engine', 'simulated'], {
        env: settings(),
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => {
        if (printed.test(stdout)) return;
        stdout += chunk.toString();
        // Twice, as npm passes on what the terminal has sent to everyone already.
        if (printed.test(stdout)) for (const pid of [-(child.pid ?? 0), child.pid ?? 0]) process.kill(pid, signal);
      });
      assert.deepEqual(await once(child, 'close'), [code, null], stdout);
      await mustBeGone();
    });
  }
});
