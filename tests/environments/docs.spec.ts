/** docs/environments.md: what is to be pasted is what the product makes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'mocha';
import { shareBucket, shareKey, shareModelPackageGroup, shareRepository } from '../../infra/environment/sharing.ts';
import { readTargets } from '../../cli/environments/settings.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PLACE } from './accounts.ts';

const PAGE = new URL('../../docs/environments.md', import.meta.url);
const ACCOUNTS = ['222222222222', '333333333333'];

describe('the page on environment accounts', () => {
  let blocks: unknown[];

  before(() => {
    const text = readFileSync(PAGE, 'utf8');
    blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1] ?? '') as unknown);
  });

  it('shows settings that are taken', async () => {
    const folder = await temporaryFolder();
    try {
      const file = join(folder.path, 'environments.json');
      await writeFile(file, JSON.stringify(blocks[0]));
      assert.equal((await readTargets(file, [])).length, 4);
    } finally {
      await folder.remove();
    }
  });

  it('shows the statements that the main program makes', () => {
    assert.deepEqual(blocks.slice(1), [
      shareBucket(PLACE, 'my-bucket', ACCOUNTS),
      shareRepository(PLACE, ACCOUNTS),
      shareModelPackageGroup(PLACE, 'my-group', ACCOUNTS),
      shareKey(PLACE, ACCOUNTS),
    ]);
  });
});
