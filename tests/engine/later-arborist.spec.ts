import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const LATER_ARBORIST = new URL('../../automation/engine/later-arborist.ts', import.meta.url).href;
const SDK = import.meta.resolve('@pulumi/pulumi');

describe('the Pulumi SDK without what it seldom needs', () => {
  it('is imported without @npmcli/arborist, and serializes functions with it all the same', async () => {
    const folder = await temporaryFolder();
    try {
      await writeFile(join(folder.path, 'package.json'), JSON.stringify({ dependencies: { helmet: '*' } }));
      await cp(fileURLToPath(new URL('.', import.meta.resolve('helmet'))), join(folder.path, 'node_modules/helmet'), {
        recursive: true,
      });
      await writeFile(
        join(folder.path, 'program.mjs'),
        `
        import ${JSON.stringify(LATER_ARBORIST)};
        import { createRequire } from 'node:module';
        import pulumi from ${JSON.stringify(SDK)};
        const { cache } = createRequire(import.meta.url);
        const loaded = () => Object.keys(cache).filter((file) => /@npmcli.arborist.lib/.test(file)).length;
        const before = loaded();
        const paths = await pulumi.runtime.computeCodePaths();
        console.log(JSON.stringify({ before, after: loaded() > 1, paths: [...paths.keys()] }));
        `,
      );
      const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder.path });
      const { before, after, paths } = JSON.parse(stdout) as { before: number; after: boolean; paths: string[] };
      // The stand-in has the place of its main module.
      assert.equal(before, 1);
      assert.ok(after);
      assert.ok(
        paths.some((path) => path.includes('node_modules/helmet')),
        stdout,
      );
    } finally {
      await folder.remove();
    }
  });
});
