import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AuditFilter } from '../../automation/audit/audit-log.ts';
import { AuditLog } from '../../automation/audit/audit-log.ts';
import type { NewAuditEntry } from '../../automation/audit/record.ts';
import { addAuditEntry } from '../../automation/audit/record.ts';
import { inTransaction } from '../../automation/platform/database.ts';
import type { EmptyDatabase } from './people-support.ts';
import { emptyDatabase } from './people-support.ts';

const KIM = 'arn:aws:iam::111122223333:user/kim';
const EXECUTION = randomUUID();

/** Oldest first. */
const ENTRIES: NewAuditEntry[] = [
  { principal: KIM, action: 'provision', pipelineId: 'a', executionId: EXECUTION, detail: { revision: 1 } },
  { principal: 'lee', action: 'approve', pipelineId: 'a', executionId: EXECUTION, environment: 'staging' },
  { principal: 'lee', action: 'approve', pipelineId: 'a', executionId: EXECUTION, environment: 'prod' },
  { principal: KIM, action: 'provision', pipelineId: 'b', executionId: randomUUID() },
  { principal: KIM, action: 'destroy', pipelineId: 'b' },
];

describe('the audit log', function () {
  this.timeout(60_000);
  let empty: EmptyDatabase;
  let log: AuditLog;

  before(async () => {
    empty = await emptyDatabase();
    log = new AuditLog(empty.database);
    for (const entry of ENTRIES) await addAuditEntry(empty.database, entry);
    // A day for each entry.
    await empty.database.query(
      `UPDATE mlops.audit SET at = timestamptz '2026-01-01T00:00:00Z' + id * interval '1 day'`,
    );
  });

  after(async () => {
    await empty.stop();
  });

  /** Which of {@link ENTRIES} are found, by their place in it. */
  async function found(filter: Partial<AuditFilter>): Promise<number[]> {
    const { entries } = await log.page({ limit: 100, ...filter });
    return entries.map(({ id }) => id - 1);
  }

  it('tells all that was kept, newest first', async () => {
    const { entries, next } = await log.page({ limit: 5 });
    assert.equal(next, undefined);
    assert.deepEqual(
      entries.map(({ id: _id, at: _at, ...entry }) => entry),
      ENTRIES.toReversed().map((entry) => ({ detail: {}, ...entry })),
    );
    assert.equal(entries[0]?.at, '2026-01-06T00:00:00.000Z');
  });

  for (const [filter, wanted] of [
    [{ principal: KIM }, [4, 3, 0]],
    [{ principal: 'LEE' }, []],
    [{ action: 'approve' }, [2, 1]],
    [{ pipelineId: 'a' }, [2, 1, 0]],
    [{ executionId: EXECUTION }, [2, 1, 0]],
    [{ environment: 'prod' }, [2]],
    [{ principal: KIM, pipelineId: 'b', action: 'provision' }, [3]],
    [{ since: new Date('2026-01-04') }, [4, 3, 2]],
    [{ until: new Date('2026-01-04') }, [1, 0]],
    [{ since: new Date('2026-01-03'), until: new Date('2026-01-05') }, [2, 1]],
    [{ principal: "' OR true --" }, []],
  ] as [Partial<AuditFilter>, number[]][]) {
    it(`finds what is by ${JSON.stringify(filter)}`, async () => assert.deepEqual(await found(filter), wanted));
  }

  it('is read page by page without missing or repeating any, whatever is added meanwhile', async () => {
    const first = await log.page({ limit: 2, principal: KIM });
    await addAuditEntry(empty.database, { principal: KIM, action: 'cancel' });
    const second = await log.page({ limit: 2, principal: KIM, after: first.next });
    assert.deepEqual(
      [...first.entries, ...second.entries].map(({ id }) => id - 1),
      [4, 3, 0],
    );
    assert.equal(second.next, undefined);
    await empty.database.query(`DELETE FROM mlops.audit WHERE action = 'cancel'`);
  });

  it('keeps who was refused', async () => {
    await log.addDenied({ principal: 'eve', role: 'approver', method: 'POST', path: '/x', pipelineId: 'a' });
    const { entries } = await log.page({ limit: 1, action: 'denied' });
    const { id: _id, at: _at, ...entry } = entries[0] ?? assert.fail('nothing was kept');
    const detail = { role: 'approver', method: 'POST', path: '/x' };
    assert.deepEqual(entry, { principal: 'eve', action: 'denied', pipelineId: 'a', detail });
  });

  it('has no entry of what was undone', async () => {
    const undone = inTransaction(empty.database, async (transaction) => {
      await addAuditEntry(transaction, { principal: 'ghost', action: 'provision' });
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    assert.deepEqual(await found({ principal: 'ghost' }), []);
  });
});
