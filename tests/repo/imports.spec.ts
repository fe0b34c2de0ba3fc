import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceFiles } from '../support/source-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folder → folders it may import from, besides its own. Imports go one way only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  blueprints: ['package.json'],
  automation: ['blueprints'],
  api: ['automation', 'blueprints', 'package.json'],
  sandbox: ['api', 'automation', 'blueprints', 'console/build/main.ts'],
  'console/build': ['api', 'automation', 'blueprints', 'package.json'],
  'console/src': ['client'],
  client: [],
  infra: ['blueprints/shared', 'blueprints/request/suggestion.ts'],
  package: ['blueprints', 'package.json'],
  cli: ['automation', 'blueprints', 'client', 'infra', 'package.json', 'sandbox', 'scripts/demo.ts'],
  scripts: ['api', 'automation', 'blueprints', 'cli', 'client', 'infra', 'package', 'sandbox'],
};

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import|new URL)\s*\(?\s*'(\.[^']+\.(?:tsx?|json))'/g)].map(
    (match) => match[1] ?? '',
  );
}

describe('imports', () => {
  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${folder}/ imports from ${[folder, ...allowed].join(', ')} only`, () => {
      const foreign = sourceFiles(folder).flatMap((file) =>
        importsOf(file)
          .map((path) => relative(ROOT, join(ROOT, dirname(file), path)))
          .filter((path) => ![folder, ...allowed].some((one) => path === one || path.startsWith(`${one}/`)))
          .map((path) => `${file} → ${path}`),
      );
      assert.deepEqual(foreign, []);
    });
  }

  it('only the schemas of blueprints and the middleware know joi and Express', () => {
    const knows = (folder: string, library: string) =>
      sourceFiles(folder).filter((file) => readFileSync(join(ROOT, file), 'utf8').includes(`from '${library}'`));
    assert.deepEqual(knows('automation', 'express'), []);
    assert.deepEqual(knows('blueprints', 'express'), []);
    assert.deepEqual(
      knows('automation', 'joi').filter(
        (file) => file !== 'automation/config/config.ts' && !/^automation\/config\/[\w-]+-settings\.ts$/.test(file),
      ),
      [],
    );
  });
});
