/** A claim ends with its time, or with the process that holds it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { before, describe, it } from 'mocha';
import type pg from 'pg';
import { tryClaim } from '../../automation/platform/claims.ts';
import { processSpace, processStart } from '../../automation/platform/process-identity.ts';

/** Takes the place of PostgreSQL: one row, as the statements of a claim read and write it. */
function oneRow() {
  let row: Record<string, unknown> | undefined;
  const query = async (text: string, values: unknown[]) => {
    if (text.startsWith('SELECT')) return { rows: row && row.space === values[1] ? [row] : [], rowCount: row ? 1 : 0 };
    if (text.startsWith('DELETE')) {
      if (row?.token === values[1]) row = undefined;
      return { rows: [], rowCount: 1 };
    }
    if (row) return { rows: [], rowCount: 0 };
    row = { token: values[1], space: values[3], pid: values[4], started: values[5] };
    return { rows: [], rowCount: 1 };
  };
  return {
    database: { query } as unknown as Pick<pg.Pool, 'query'>,
    hold: (by: Record<string, unknown>) => (row = by),
  };
}

describe('claims', () => {
  let space: string;
  let ended: { pid: number; started: string };

  before(async function () {
    space = await processSpace();
    if (space === '') this.skip();
    const process = spawn('sleep', ['60']);
    const pid = process.pid ?? 0;
    ended = { pid, started: (await processStart(pid)) ?? '' };
    process.kill();
    await once(process, 'exit');
  });

  it('of a process that has ended are free at once', async () => {
    const { database, hold } = oneRow();
    hold({ token: 't', space, ...ended });
    assert.ok(await tryClaim(database, 'work', 60));
  });

  it('of a process that runs, of another machine or of an earlier release are not', async () => {
    const running = { pid: process.pid, started: await processStart(process.pid) };
    for (const holder of [
      { space, ...running },
      { space: 'another boot/pid:[1]', ...ended },
      { space: '', pid: null, started: null },
    ]) {
      const { database, hold } = oneRow();
      hold({ token: 't', ...holder });
      assert.equal(await tryClaim(database, 'work', 60), undefined);
    }
  });
});
