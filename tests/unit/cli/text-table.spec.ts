import assert from 'node:assert/strict';
import type { Column } from '../../../cli/text-table.ts';
import { fitting, table } from '../../../cli/text-table.ts';

interface Entry {
  id: string;
  status?: string;
}

const COLUMNS: readonly Column<Entry>[] = [
  ['ID', ({ id }) => id],
  ['STATUS', ({ status }) => status],
];
const ENTRIES: readonly Entry[] = [{ id: 'a-long-id', status: 'Failed' }, { id: 'b' }];
const TABLE = ['ID         STATUS', 'a-long-id  Failed', 'b          -'];

describe('tables of the command line', () => {
  it('are as wide as their values', () => {
    assert.deepEqual(table(ENTRIES, COLUMNS), TABLE);
  });

  it('stay tables where they fit into the terminal, or go to a pipe', () => {
    assert.deepEqual(fitting(ENTRIES, COLUMNS, 17), TABLE);
    assert.deepEqual(fitting(ENTRIES, COLUMNS, undefined), TABLE);
  });

  it('become a block for each entry where they do not, with every id whole', () => {
    assert.deepEqual(fitting(ENTRIES, COLUMNS, 16), [
      'ID      a-long-id',
      'STATUS  Failed',
      '',
      'ID      b',
      'STATUS  -',
    ]);
  });
});
