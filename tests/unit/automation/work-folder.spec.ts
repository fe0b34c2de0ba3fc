import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeWorkFolder, removeWorkFolders } from '../../../automation/stacks/work-folder.ts';

describe('the work folder of an operation', () => {
  it('is removed with its process, and that of the same process id in another PID namespace is left', async () => {
    const mine = await makeWorkFolder();
    const [, , namespace, pid, suffix] = basename(mine).split('-');
    assert.equal(pid, String(process.pid));
    const theirs = join(dirname(mine), ['mlops', 'stack', Number(namespace) + 1, pid, suffix].join('-'));
    await mkdir(theirs);
    try {
      removeWorkFolders(process.pid);
      assert.ok(!existsSync(mine));
      assert.ok(existsSync(theirs), 'removed under a process of another container');
    } finally {
      await rm(theirs, { recursive: true });
    }
  });
});
