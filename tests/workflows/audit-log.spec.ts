import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AuditFilter } from '../../automation/audit/audit-log.ts';
import { AuditLog } from '../../automation/audit/audit-log.ts';
import type { NewAuditEntry } from '../../automation/audit/record.ts';
import { addAuditEntry } from '../../automation/audit/record.ts';
import type { DeniedAttempt } from '../../automation/audit/refusal-log.ts';
import { RefusalLog } from '../../automation/audit/refusal-log.ts';
import { inTransaction } from '../../automation/platform/database.ts';
import { until } from '../support/until.ts';
import type { EmptyDatabase } from '../support/empty-database.ts';
import { emptyDatabase, silent } from '../support/empty-database.ts';

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
    const refusals = new RefusalLog(empty.database, silent);
    await refusals.addDenied({ principal: 'eve', role: 'approver', method: 'POST', path: '/x', pipelineId: 'a' });
    const { entries } = await log.page({ limit: 1, action: 'denied' });
    const { id: _id, at: _at, ...entry } = entries[0] ?? assert.fail('nothing was kept');
    const detail = { role: 'approver', method: 'POST', path: '/x' };
    assert.deepEqual(entry, { principal: 'eve', action: 'denied', pipelineId: 'a', detail });
  });

  describe('of what is refused again and again', () => {
    const PATH = '/pipelines/a';
    const deleted = (principal: string, path = PATH) =>
      ({ principal, role: 'provisioner', method: 'DELETE', path }) as const;

    async function kept(principal: string): Promise<[path: unknown, count: unknown][]> {
      const { entries } = await log.page({ limit: 1_000, principal });
      return entries.map(({ detail }) => [detail.path ?? detail.attempt, detail.count]);
    }

    it('counts the same attempt of a caller in one entry, with the time of the last', async () => {
      const first = new RefusalLog(empty.database, silent);
      await Promise.all(Array.from({ length: 50 }, () => first.addDenied(deleted('mallory'))));
      await first.addDenied(deleted('mallory', '/pipelines/b'));
      await first.addDenied(deleted('trudy'));
      for (let count = 0; count < 3; count++) {
        const attempt = { principal: 'trudy', attempt: 'retry', executionId: EXECUTION };
        await first.addRefused(attempt, { code: 'EXECUTION_NOT_RETRYABLE', message: 'no' });
      }
      await first.close();
      assert.deepEqual(await kept('mallory'), [
        ['/pipelines/b', undefined],
        [PATH, 50],
      ]);
      assert.deepEqual(await kept('trudy'), [
        ['retry', 3],
        [PATH, undefined],
      ]);
      const [, entry] = (await log.page({ limit: 2, principal: 'mallory' })).entries;
      assert.ok(Date.parse(String(entry?.detail.last)) >= Date.parse(entry?.at ?? '') - 1_000);
    });

    it('begins another entry after a while, and stores the count by itself', async () => {
      const brief = new RefusalLog(empty.database, silent, 50);
      for (let count = 0; count < 3; count++) await brief.addDenied(deleted('oscar'));
      await until(async () => (await kept('oscar'))[0]?.[1] === 3, 'the count is stored');
      await brief.addDenied(deleted('oscar'));
      await brief.close();
      assert.deepEqual(await kept('oscar'), [
        [PATH, undefined],
        [PATH, 3],
      ]);
    });

    it('counts together what goes beyond a hundred different attempts of a caller, and of nobody else', async () => {
      const many = new RefusalLog(empty.database, silent);
      for (let path = 0; path < 150; path++) await many.addDenied(deleted('scan', `/pipelines/${path}`));
      await many.addDenied(deleted('other'));
      await many.close();
      const entries = await kept('scan');
      assert.equal(entries.length, 101);
      assert.deepEqual(entries[0], ['(other paths)', 50]);
      assert.deepEqual(await kept('other'), [[PATH, undefined]]);
    });

    it('loses no refused approval', async () => {
      await empty.database.query(
        `INSERT INTO mlops.pipelines (id, pipeline_type, model_name) VALUES ('a', 'byom_realtime_builtin', 'a')`,
      );
      await empty.database.query(
        `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages)
         VALUES ($1, 'a', 'provision', 1, 'AwaitingApproval', $2, '[]')`,
        [EXECUTION, KIM],
      );
      const decisions = new RefusalLog(empty.database, silent);
      const approval = (executionId: string): DeniedAttempt => ({
        principal: 'vera',
        role: 'approver',
        method: 'POST',
        executionId,
        path: `/executions/${executionId}/approvals/prod`,
      });
      for (let path = 0; path < 100; path++) await decisions.addDenied(deleted('vera', `/pipelines/${path}`));
      for (let count = 0; count < 2; count++) await decisions.addDenied(approval(EXECUTION));
      for (let count = 0; count < 2; count++) await decisions.addDenied(approval(randomUUID()));
      for (let count = 0; count < 2; count++) {
        const attempt = { principal: 'sven', attempt: 'approve', executionId: EXECUTION, environment: 'prod' };
        await decisions.addRefused(attempt, { code: 'APPROVAL_NOT_ALLOWED', message: 'no' });
      }
      // Stored without waiting for the end of a window: a crash loses none.
      const [others, ofExecution] = await kept('vera');
      assert.deepEqual(ofExecution, [`/executions/${EXECUTION}/approvals/prod`, 2]);
      assert.equal(others?.[0], '(other paths)');
      assert.deepEqual(await kept('sven'), [
        ['approve', undefined],
        ['approve', undefined],
      ]);
      await decisions.close();
    });
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
