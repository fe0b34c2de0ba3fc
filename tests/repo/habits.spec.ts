import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sourceFiles } from '../support/source-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(`${ROOT}${file}`, 'utf8');

const PRODUCT = ['api', 'automation', 'blueprints', 'cli', 'console', 'infra', 'package', 'sandbox', 'scripts'];

describe('habits', () => {
  it('keeps every file to 400 lines, tests included', () => {
    const long = [...PRODUCT, 'tests']
      .flatMap(sourceFiles)
      .filter((file) => read(file).trimEnd().split('\n').length > 400);
    assert.deepEqual(long, []);
  });

  it('imports no spec from another, whose tests would run twice', () => {
    const files = sourceFiles('tests').filter((file) => /from '[^']+\.spec\.ts'/.test(read(file)));
    assert.deepEqual(files, []);
  });

  it('has no default exports', () => {
    const files = PRODUCT.flatMap(sourceFiles).filter(
      (file) => !file.endsWith('.d.ts') && /^export default/m.test(read(file)),
    );
    assert.deepEqual(files, []);
  });

  it('gives every dependency a reason in docs/dependencies.md, and names no others', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const used = Object.keys({ ...dependencies, ...devDependencies }).sort();
    const named = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]).sort();
    assert.deepEqual(named, used);
  });

  it('pins every dependency to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d/.test(version));
    assert.deepEqual(loose, []);
  });
});
