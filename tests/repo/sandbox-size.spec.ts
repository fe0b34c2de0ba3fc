/** The decisions about the stand-ins say how large these are, and what for: this keeps the figures true. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sourceFiles } from '../support/source-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(`${ROOT}${file}`, 'utf8');
const numberOf = (text: string) => Number(text.replace(',', ''));

/** Of the files in a folder, at any depth. */
const linesOf = (folder: string) =>
  sourceFiles(folder).reduce((sum, file) => sum + read(file).trimEnd().split('\n').length, 0);

/** A figure that is rounded, and a change that needs no other words. */
const isNear = (said: number, actual: number) => Math.abs(said - actual) <= actual * 0.03;

function requireTrue(page: string, folder: string, said: RegExp, actual: number): void {
  const [, figure = ''] = said.exec(read(page)) ?? [];
  assert.ok(isNear(numberOf(figure), actual), `${page} says that ${folder} has ${figure} lines, and it has ${actual}`);
}

describe('the size of the stand-ins', () => {
  const engine = linesOf('sandbox/engine');
  const aws = linesOf('sandbox/aws');
  const all = linesOf('sandbox');

  it('is what the decisions say', () => {
    const [engineSays, awsSays] = ['docs/adr/0004-an-engine-stand-in.md', 'docs/adr/0005-a-provider-stand-in.md'];
    requireTrue(engineSays, 'sandbox/engine', /`sandbox\/engine` has about ([\d,]+) lines/, engine);
    requireTrue(engineSays, 'sandbox', /whole sandbox; it has about ([\d,]+)/, all);
    requireTrue(awsSays, 'sandbox/aws', /`sandbox\/aws` has about ([\d,]+) lines/, aws);
    requireTrue(awsSays, 'the rest', /the rest of the sandbox, without the engine, about ([\d,]+)/, all - engine - aws);
  });

  it('is the sum of the areas', () => {
    const sumOf = (page: string) =>
      [...read(page).matchAll(/^\|[^|]+\| *([\d,]+) *\|/gm)].reduce((sum, [, lines = '']) => sum + numberOf(lines), 0);
    assert.ok(isNear(sumOf('docs/adr/0004-an-engine-stand-in.md'), engine));
    assert.ok(isNear(sumOf('docs/adr/0005-a-provider-stand-in.md'), all - engine));
  });
});
