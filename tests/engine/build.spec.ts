import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedCliVersion } from '../../sandbox/built-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/engine.ts', import.meta.url));

describe('npm run engine', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  /** With nothing on the PATH but what the test puts there, and a cache that has no build. */
  function engine(): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, [SCRIPT], {
      env: { PATH: folder.path, HOME: folder.path, XDG_CACHE_HOME: join(folder.path, 'cache') },
      encoding: 'utf8',
    });
  }

  it('says what it skips, and what would help, where there is no Go', async () => {
    const { status, stdout } = engine();
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^SKIPPED: the Pulumi CLI ${await pinnedCliVersion()} was not built`));
    assert.match(stdout, /https:\/\/go\.dev\/dl\//);
  });

  it('fails with what Go says, and keeps nothing of a build that was not completed', async () => {
    const go = join(folder.path, 'go');
    await writeFile(
      go,
      `#!/bin/sh
case "$1" in
  version) echo 'go version go1.26.8 linux/amd64' ;;
  list) echo a/b ;;
  build) echo a/b >&2; echo 'no required module provides package a/b' >&2; exit 1 ;;
esac
`,
    );
    await chmod(go, 0o755);
    const { status, stdout, stderr } = engine();
    assert.equal(status, 1);
    assert.match(stdout, /1\/1 packages/);
    assert.equal(stderr, 'go build ended with 1:\nno required module provides package a/b\n');
    const [build] = await readdir(join(folder.path, 'cache', 'mlops-workload-orchestrator'));
    assert.deepEqual(await readdir(join(folder.path, 'cache', 'mlops-workload-orchestrator', String(build))), []);
  });
});
