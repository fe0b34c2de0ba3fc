import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import ts from 'typescript';
import packageJson from '../../package.json' with { type: 'json' };
import { ROOT } from './support.ts';

const { exports } = packageJson;
const pieces = Object.keys(exports).filter((piece) => piece !== './package.json');

describe('what custom blueprints may import', () => {
  it('is there', () => {
    for (const file of Object.values(exports)) assert.ok(readFileSync(join(ROOT, file)).length > 0, file);
  });

  it('is documented completely in docs/custom-blueprints.md', () => {
    const page = readFileSync(join(ROOT, 'docs/custom-blueprints.md'), 'utf8');
    const named = [...page.matchAll(/`(?:mlops-workload-orchestrator|…)(\/[a-z/-]+)`/g)].map(([, path]) => path ?? '');
    const missing = pieces.filter((piece) => !named.includes(piece.slice(1)));
    assert.deepEqual(missing, []);
  });

  it('is found by the type checker where Node finds it', () => {
    const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.blueprint.json'), ts.sys.readFile) as {
      config: { compilerOptions: { paths: Record<string, string[]> } };
    };
    const { paths } = config.compilerOptions;
    for (const [piece, file] of Object.entries(exports).filter(([name]) => pieces.includes(name))) {
      const name = `mlops-workload-orchestrator${piece.slice(1)}`;
      const [folder = '', last = ''] = [name.replace(/\/[^/]+$/, ''), name.split('/').at(-1)];
      const target = paths[name]?.[0] ?? paths[`${folder}/*`]?.[0]?.replace('*', last);
      assert.equal(target, file, piece);
    }
  });
});

describe('the template of custom blueprints', () => {
  it('imports from the service only what it shares', () => {
    const folder = join(ROOT, 'templates/blueprint');
    const imports = readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/from '([^']+)'/g)])
      .map(([, specifier]) => specifier ?? '');
    const own = imports.filter((specifier) => specifier.startsWith('mlops-workload-orchestrator'));
    assert.ok(own.length > 5);
    for (const specifier of own)
      assert.ok(pieces.includes(specifier.replace('mlops-workload-orchestrator', '.')), specifier);
    assert.deepEqual(
      imports.filter((specifier) => specifier.startsWith('..')),
      [],
    );
  });
});
