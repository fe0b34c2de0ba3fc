import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const LATER_MODULES = new URL('../../automation/engine/later-modules.ts', import.meta.url).href;
const SDK = import.meta.resolve('@pulumi/pulumi');

describe('the Pulumi SDK without what it seldom needs', () => {
  it('is imported without TypeScript and @npmcli/arborist, and serializes functions with them all the same', async () => {
    const folder = await temporaryFolder();
    try {
      await writeFile(join(folder.path, 'package.json'), JSON.stringify({ dependencies: { helmet: '*' } }));
      await cp(fileURLToPath(new URL('.', import.meta.resolve('helmet'))), join(folder.path, 'node_modules/helmet'), {
        recursive: true,
      });
      await writeFile(
        join(folder.path, 'program.mjs'),
        `
        import ${JSON.stringify(LATER_MODULES)};
        import { createRequire } from 'node:module';
        import pulumi from ${JSON.stringify(SDK)};
        const { cache } = createRequire(import.meta.url);
        const loaded = () => Object.keys(cache).filter((file) => /@npmcli.arborist.lib|\\btypescript.js$/.test(file)).length;
        const before = loaded();
        const { text } = await pulumi.runtime.serializeFunction(() => before);
        const withCompiler = loaded();
        const paths = await pulumi.runtime.computeCodePaths();
        console.log(JSON.stringify({ before, withCompiler, after: loaded(), text, paths: [...paths.keys()] }));
        `,
      );
      const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder.path });
      const { before, withCompiler, after, text, paths } = JSON.parse(stdout) as {
        before: number;
        withCompiler: number;
        after: number;
        text: string;
        paths: string[];
      };
      // The stand-in of @npmcli/arborist has the place of its main module.
      assert.deepEqual([before, withCompiler], [1, 2]);
      assert.ok(after > 2);
      assert.match(text, /exports\.handler = /);
      assert.ok(
        paths.some((path) => path.includes('node_modules/helmet')),
        stdout,
      );
    } finally {
      await folder.remove();
    }
  });
});
