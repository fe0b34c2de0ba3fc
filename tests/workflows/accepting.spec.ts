/** What the acceptance of a request stores, and in how many statements. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { AuditLog } from '../../automation/audit/audit-log.ts';
import { combined } from '../../automation/platform/combined.ts';
import { AcceptedRequests } from '../support/accepted-requests.ts';
import type { EmptyDatabase } from '../support/empty-database.ts';
import { emptyDatabase } from '../support/empty-database.ts';
import { recordStatements } from '../support/recorded-statements.ts';

describe('an accepted request', () => {
  let empty: EmptyDatabase;
  let requests: AcceptedRequests;

  before(async () => {
    empty = await emptyDatabase();
    requests = new AcceptedRequests(empty);
  });

  after(async () => {
    await empty.stop();
  });

  const accept = (modelName: string, changes?: object) => requests.accept(modelName, changes);

  const rowsOf = async (text: string, value: unknown) => (await empty.database.query(text, [value])).rows;

  it('is a revision, an execution, its first event and an entry of the audit log', async () => {
    for (const [index, instance] of ['ml.m5.large', 'ml.m5.xlarge'].entries()) {
      const revision = index + 1;
      const accepted = await accept('stored', { inference_instance: instance });
      assert.equal(accepted.outcome, revision === 1 ? 'created' : 'updated');
      const { pipelineId, executionId = '' } = accepted;

      const { revision: current, request } = await requests.pipelines.get(pipelineId);
      assert.deepEqual([current, request.inference_instance], [revision, instance]);
      const [execution] = await rowsOf(
        'SELECT pipeline_id, kind, revision, status, requested_by, dispatched FROM mlops.executions WHERE id = $1',
        executionId,
      );
      assert.deepEqual(execution, {
        ...{ pipeline_id: pipelineId, kind: 'provision', revision, status: 'Queued', requested_by: 'kim' },
        dispatched: null,
      });
      const { entries } = await new AuditLog(empty.database).page({ executionId, limit: 10 });
      assert.deepEqual(
        entries.map(({ principal, action, detail }) => ({ principal, action, detail })),
        [{ principal: 'kim', action: 'provision', detail: { revision } }],
      );

      await requests.events.append(executionId, [{ type: 'stage.started', data: {} }]);
      const stored = await rowsOf(
        'SELECT sequence, type, data FROM mlops.execution_events WHERE execution_id = $1 ORDER BY sequence',
        executionId,
      );
      assert.deepEqual(stored, [
        { sequence: '1', type: 'execution.queued', data: { kind: 'provision', requestedBy: 'kim' } },
        { sequence: '2', type: 'stage.started', data: {} },
      ]);
    }
  });

  it('of a new pipeline takes one statement', async () => {
    const { statements, stop } = recordStatements(empty.database);
    await accept('counted').finally(stop);
    assert.equal(statements.length, 1, statements.join('\n'));
  });

  it('that is sent several times at once is one execution', async () => {
    const accepted = await Promise.all(Array.from({ length: 8 }, () => accept('repeated')));
    assert.deepEqual(accepted.map(({ outcome }) => outcome).sort(), ['created', ...Array<string>(7).fill('unchanged')]);
    assert.equal(new Set(accepted.map(({ executionId }) => executionId)).size, 1);
    const { pipelineId = '' } = accepted[0] ?? {};
    assert.equal((await rowsOf('SELECT FROM mlops.executions WHERE pipeline_id = $1', pipelineId)).length, 1);
    assert.equal((await rowsOf('SELECT FROM mlops.revisions WHERE pipeline_id = $1', pipelineId)).length, 1);
  });
});

describe('combined writes', () => {
  let empty: EmptyDatabase;

  before(async () => {
    empty = await emptyDatabase();
    await empty.database.query('CREATE TABLE parents (id int PRIMARY KEY, name text)');
    await empty.database.query('CREATE TABLE children (parent int REFERENCES parents (id), name text)');
  });

  after(async () => {
    await empty.stop();
  });

  const child = (parent: number, name: string) => ({
    text: 'INSERT INTO children (parent, name) VALUES ($1, $2)',
    values: [parent, name],
  });
  const parent = (id: number, name: string) => ({
    text: 'INSERT INTO parents (name, id) VALUES ($2, $1)',
    values: [id, name],
  });
  const names = async () => {
    const { rows } = await empty.database.query<{ name: string }>(
      'SELECT name FROM parents UNION ALL SELECT name FROM children ORDER BY name',
    );
    return rows.map(({ name }) => name);
  };

  it('are made together, each with its own values', async () => {
    await empty.database.query(combined('family', [child(1, 'a'), child(1, 'b'), parent(1, 'c')]));
    assert.deepEqual(await names(), ['a', 'b', 'c']);
  });

  it('are not made at all if one of them fails', async () => {
    const family = combined('family', [child(2, 'd'), child(3, 'e'), parent(2, 'f')]);
    await assert.rejects(empty.database.query(family), { code: '23503' });
    assert.deepEqual(await names(), ['a', 'b', 'c']);
  });
});
