import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { OrchestratorError } from '../../automation/errors.ts';
import type { Database } from '../../automation/platform/database.ts';
import { DeferredReads } from '../../automation/stacks/deferred-reads.ts';
import type { EmptyDatabase } from '../support/empty-database.ts';
import { emptyDatabase, silent } from '../support/empty-database.ts';
import { until } from '../support/until.ts';

describe('answers that are fetched later', () => {
  let empty: EmptyDatabase;
  let database: Database;
  const worker = { id: 'worker-1', host: 'here' };
  let reads: DeferredReads;

  before(async function () {
    this.timeout(60_000);
    empty = await emptyDatabase();
    ({ database } = empty);
    await database.query(`INSERT INTO mlops.workers (id, host, pid, started) VALUES ('worker-1', 'here', 1, '1')`);
    reads = new DeferredReads(database, worker, silent);
  });

  after(async () => {
    await empty.stop();
  });

  async function ended(running: Promise<unknown>) {
    const { operationId } = await reads.defer('preview', 'kim', running);
    await until(async () => (await reads.get(operationId)).status !== 'InProgress', 'it has ended');
    return await reads.get(operationId);
  }

  it('are kept, whatever became of the work', async () => {
    const succeeded = await ended(Promise.resolve({ environments: [1] }));
    assert.deepEqual([succeeded.status, succeeded.result], ['Succeeded', { environments: [1] }]);
    const refused = await ended(Promise.reject(new OrchestratorError('PIPELINE_BUSY', 'later')));
    assert.deepEqual([refused.status, refused.error], ['Failed', { code: 'PIPELINE_BUSY', message: 'later' }]);
    const broken = await ended(Promise.reject(new TypeError('an internal secret')));
    assert.equal(broken.error?.code, 'INTERNAL');
    assert.ok(!JSON.stringify(broken).includes('secret'));
  });

  it('say so where their process has ended', async () => {
    const { operationId } = await reads.defer('history', 'kim', new Promise(() => undefined));
    await database.query(`UPDATE mlops.workers SET ended = 'stopped'`);
    const { status, error } = await reads.get(operationId);
    assert.deepEqual([status, error?.code], ['Failed', 'OPERATION_CRASHED']);
  });

  it('are gone after an hour', async () => {
    const { operationId } = await reads.defer('history', 'kim', Promise.resolve(1));
    await database.query(`UPDATE mlops.operations SET created = now() - interval '2 hours'`);
    await reads.defer('history', 'kim', Promise.resolve(1));
    await assert.rejects(reads.get(operationId), { code: 'OPERATION_NOT_FOUND' });
    await assert.rejects(reads.get(randomUUID()), { code: 'OPERATION_NOT_FOUND' });
  });
});
