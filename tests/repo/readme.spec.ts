/** What the pages tell a reader to type exists. The README's first example is run by tests/e2e/demo.spec.ts. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const PAGES = ['README.md', 'CONTRIBUTING.md', 'sandbox/README.md', ...globSync('docs/**/*.md', { cwd: ROOT })];

describe('commands in the documentation', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

  it('name npm scripts that exist', () => {
    const named = PAGES.flatMap((page) =>
      [...read(page).matchAll(/npm (?:run ([a-z][\w:-]*\w)|(start|test)\b)/g)].map(([, run, own]) => ({
        page,
        script: run ?? own ?? '',
      })),
    );
    assert.ok(named.length > 20);
    assert.deepEqual(
      named.filter(({ script }) => !scripts[script]),
      [],
    );
  });

  it('run scripts that exist', () => {
    const files = Object.values(scripts).flatMap((script) => script.match(/[\w/.-]+\.(?:ts|cjs)\b/g) ?? []);
    assert.ok(files.length > 5);
    assert.deepEqual(
      files.filter((file) => !existsSync(join(ROOT, file))),
      [],
    );
  });
});
