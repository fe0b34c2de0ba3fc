/** No module imports itself by way of others, type-only imports included: what a file depends on can be read downwards. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { sourceFiles } from '../support/source-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['api', 'automation', 'blueprints', 'cli', 'infra', 'sandbox', 'scripts', 'tests'];

type Graph = ReadonlyMap<string, readonly string[]>;

/** Module → modules that it imports, dynamically too; both as paths from the root. */
function importGraph(): Graph {
  const importsOf = (file: string) =>
    ts
      .preProcessFile(readFileSync(join(ROOT, file), 'utf8'), true, true)
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => normalize(join(dirname(file), fileName)))
      .filter((path) => path.endsWith('.ts') && existsSync(join(ROOT, path)));
  return new Map(FOLDERS.flatMap(sourceFiles).map((file) => [file, importsOf(file)]));
}

/** Groups of modules that reach each other. @see https://en.wikipedia.org/wiki/Tarjan%27s_strongly_connected_components_algorithm */
function circlesIn(graph: Graph): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): number => {
    index.set(node, index.size);
    let lowest = index.size - 1;
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, index.get(next) ?? lowest);
    }
    low.set(node, lowest);
    if (lowest === index.get(node)) {
      const group = stack.splice(stack.indexOf(node));
      if (group.length > 1 || graph.get(node)?.includes(node)) found.push(group.sort());
    }
    return lowest;
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found.sort();
}

describe('import circles', () => {
  it('are found where there are any, of types too', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', ['e']],
      ['e', ['e']],
    ]);
    assert.deepEqual(circlesIn(graph), [['a', 'b', 'c'], ['e']]);
    const { importedFiles } = ts.preProcessFile("import type { A } from './a.ts';\nconst b = import('./b.ts');");
    assert.deepEqual(
      importedFiles.map(({ fileName }) => fileName),
      ['./a.ts', './b.ts'],
    );
  });

  it('are nowhere', () => {
    const graph = importGraph();
    assert.ok(graph.size > 300);
    const circles = circlesIn(graph);
    assert.deepEqual(circles, []);
  });
});
