import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pinnedCliVersion } from '../../sandbox/built-cli.ts';
import { SandboxConfigError } from '../../sandbox/config.ts';
import { readSandboxSettings } from '../../sandbox/read-settings.ts';
import { chooseEngine, homeOfEngine } from '../../sandbox/engine-choice.ts';
import { TESTED_VERSIONS } from '../../automation/engine/version.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the engine of a sandbox', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  /** A CLI on a PATH of the test's own, with what a shell needs. */
  async function pathWith(script: string): Promise<string> {
    await writeFile(join(folder.path, 'pulumi'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder.path, 'pulumi'), 0o755);
    return `${folder.path}:/usr/bin:/bin`;
  }

  it('is the real one where a suitable CLI is on the PATH', async () => {
    const chosen = await chooseEngine('auto', await pathWith('echo v3.270.0'));
    assert.equal(chosen.name, 'real');
    assert.equal(chosen.kind, 'cli');
    assert.equal(chosen.description, `Pulumi CLI 3.270.0 (${folder.path}/pulumi) and sandbox AWS (a simulation)`);
  });

  it('passes over a CLI that is too old or does not answer within a second, and says why', async () => {
    for (const [script, reason] of [
      ['echo v3.100.0', /3\.100\.0 is older than 3\.259\.0/],
      ['exec sleep 60', /did not say its version within 1 s/],
      ['echo oops', /reports the version "oops"/],
    ] as const) {
      const chosen = await chooseEngine('auto', await pathWith(script), folder.path);
      assert.equal(chosen.name, 'simulated');
      assert.match(chosen.description, reason);
    }
  });

  it('is the CLI that was built here where the PATH has none, and the simulated one without either', async () => {
    const without = await chooseEngine('auto', '/usr/bin:/bin', folder.path);
    assert.equal(without.name, 'simulated');
    assert.match(without.description, /there is no Pulumi CLI on the PATH, and "npm run engine" has built none/);
    await mkdir(join(folder.path, 'bin'));
    await pathWith('echo v3.274.1');
    await rename(join(folder.path, 'pulumi'), join(folder.path, 'bin', 'pulumi'));
    const built = await chooseEngine('auto', '/usr/bin:/bin', folder.path);
    assert.deepEqual([built.name, built.root], ['real', folder.path]);
  });

  it('is not simulated where the real one is asked for: without a suitable CLI nothing starts', async () => {
    await assert.rejects(chooseEngine('real', await pathWith('echo v3.100.0'), folder.path), (error: Error) => {
      assert.ok(error instanceof SandboxConfigError);
      assert.match(error.message, /3\.100\.0 is older .* Build one with "npm run engine"/);
      return true;
    });
  });

  it('is asked for by SANDBOX_ENGINE, or by PULUMI_ENGINE as in the service', () => {
    const wanted = (env: Record<string, string>) => readSandboxSettings(env).engine;
    assert.equal(wanted({}), 'auto');
    assert.equal(wanted({ SANDBOX_ENGINE: 'simulated' }), 'simulated');
    assert.equal(wanted({ PULUMI_ENGINE: 'sandbox' }), 'simulated');
    assert.equal(wanted({ PULUMI_ENGINE: 'cli', SANDBOX_AWS: '1' }), 'real');
    assert.equal(wanted({ PULUMI_ENGINE: 'sandbox', SANDBOX_ENGINE: 'real' }), 'real');
    assert.throws(() => wanted({ PULUMI_ENGINE: 'cli' }), /SANDBOX_AWS=1 only; for the real AWS start the service/);
    assert.throws(
      () => wanted({ SANDBOX_ENGINE: 'fast' }),
      /"SANDBOX_ENGINE" must be one of \[auto, real, simulated\]/,
    );
  });

  it('keeps the state of the two side by side: a home belongs to the one that ran in it first', async () => {
    const home = join(folder.path, 'home');
    assert.equal(await homeOfEngine(home, 'real'), home);
    assert.equal(await homeOfEngine(home, 'simulated'), join(home, 'simulated'));
    assert.equal(await homeOfEngine(home, 'real'), home);
    assert.equal(await readFile(join(home, 'engine'), 'utf8'), 'real\n');
  });

  it('takes a home that has state and does not say whose for one of the simulated engine', async () => {
    const home = join(folder.path, 'older');
    await mkdir(join(home, 'aws'), { recursive: true });
    assert.equal(await homeOfEngine(home, 'real'), join(home, 'real'));
    assert.equal(await homeOfEngine(home, 'simulated'), home);
  });

  it('is built in the newest version of the tested range', async () => {
    assert.equal(await pinnedCliVersion(), `v${TESTED_VERSIONS.to}`);
  });
});
