import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/aws-rules.md', ROOT), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (-|call|service)/.test(line));

describe('docs/aws-rules.md', () => {
  it('names the page, the enforcing file and a test of each rule', () => {
    assert.ok(rows.length >= 25, `${rows.length} rules`);
    for (const row of rows) {
      assert.match(row, /\]\(https:\/\/docs\.aws\.amazon\.com\//, row);
      const files = [...row.matchAll(/`([\w./-]+\.(?:ts|md))`/g)].map(([, file = '']) => file);
      assert.ok(files.length >= 2 && files.some((file) => file.endsWith('.spec.ts')), row);
      assert.deepEqual(
        files.filter((file) => !existsSync(new URL(file, ROOT))),
        [],
        row,
      );
    }
  });
});
