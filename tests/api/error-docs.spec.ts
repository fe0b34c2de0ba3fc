import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { HTTP_ERROR_CODES } from '../../api/http-error.ts';
import { API_RULES } from '../../api/rules.ts';
import { ERROR_CODES } from '../../automation/errors.ts';

const ROOT = new URL('../../', import.meta.url);

/** Cells of the table under the heading, one row each, without the two rows of its head. */
function table(heading: string): string[][] {
  const text = readFileSync(new URL('docs/errors.md', ROOT), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert.ok(section, `docs/errors.md has no section "${heading}"`);
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function plain(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '');
}

function sources(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: ROOT }).map((file) => readFileSync(new URL(file, ROOT), 'utf8'));
}

describe('docs/errors.md', () => {
  const codes = new Map(table('Codes').map(([code, ...rest]) => [plain(code), rest]));

  it('lists every code, and no other', () => {
    const known = ['REQUEST_INVALID', 'INTERNAL', ...Object.keys(ERROR_CODES), ...Object.keys(HTTP_ERROR_CODES)];
    assert.deepEqual([...codes.keys()].sort(), known.sort());
  });

  it('gives the status and message that the code has', () => {
    for (const [code, { status, message }] of Object.entries({ ...ERROR_CODES, ...HTTP_ERROR_CODES })) {
      assert.equal(Number(codes.get(code)?.[0]), status, code);
      assert.equal(plain(codes.get(code)?.[1]), message, code);
    }
  });

  it('says when each comes and what to do', () => {
    for (const [code, cells] of codes) {
      assert.equal(cells.length, 4, code);
      assert.ok(
        cells.every((cell) => cell !== ''),
        code,
      );
    }
  });

  it('lists every rule that a request can break', () => {
    const documented = new Set(table('Rules').map(([rule]) => plain(rule)));
    const inSources = sources('blueprints/**/*.ts').flatMap((text) =>
      [...text.matchAll(/\brule: '([^']+)'/g)].map((match) => match[1]!),
    );
    for (const rule of [...API_RULES, ...inSources]) assert.ok(documented.has(rule), `"${rule}" is not documented`);
  });

  it('lists no rule that is nowhere in the sources', () => {
    const text = sources('api/rules.ts', 'blueprints/**/*.ts').join('\n');
    for (const [rule] of table('Rules')) assert.match(text, new RegExp(`['\`]${plain(rule)}['\`]`));
  });
});
