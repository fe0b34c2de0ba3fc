/** What subscribers of executions read, and in how many statements. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'mocha';
import { EventReads } from '../../automation/executions/event-reads.ts';
import { AcceptedRequests } from '../support/accepted-requests.ts';
import type { EmptyDatabase } from '../support/empty-database.ts';
import { emptyDatabase } from '../support/empty-database.ts';
import { recordStatements } from '../support/recorded-statements.ts';

const EXECUTIONS = 30;

describe('the events of many executions', () => {
  let empty: EmptyDatabase;
  let reads: EventReads;
  const ids: string[] = [];

  before(async () => {
    empty = await emptyDatabase();
    reads = new EventReads(empty.database);
    const requests = new AcceptedRequests(empty);
    for (let index = 0; index < EXECUTIONS; index++) {
      const { executionId = '' } = await requests.accept(`model-${index}`);
      ids.push(executionId);
      const further = Array.from({ length: index % 3 }, (_, number) => ({ type: 'stage.started', data: { number } }));
      await requests.events.append(executionId, further);
    }
  });

  after(async () => {
    await empty.stop();
  });

  it('are read together, each for its own subscriber', async () => {
    const { statements, stop } = recordStatements(empty.database);
    const found = await Promise.all(ids.map((id) => reads.after(id, 0))).finally(stop);
    found.forEach(({ status, events }, index) => {
      assert.equal(status, 'Queued');
      assert.deepEqual(
        events.map(({ sequence, type, data }) => [sequence, type, data.number]),
        [
          [1, 'execution.queued', undefined],
          ...Array.from({ length: index % 3 }, (_, number) => [number + 2, 'stage.started', number]),
        ],
      );
    });
    // The first one alone, then twenty, then the rest.
    assert.equal(statements.length, 3);
  });

  it('are those after what a subscriber has', async () => {
    const [last = ''] = ids.slice(-1);
    const found = await Promise.all([0, 1, 2, 3, 4].map((after) => reads.after(last, after)));
    assert.deepEqual(
      found.map(({ events }) => events.map(({ sequence }) => sequence)),
      [[1, 2, 3], [2, 3], [3], [], []],
    );
  });

  it('do not exist for an execution that does not', async () => {
    const [first = ''] = ids;
    const found = await Promise.all([randomUUID(), first, 'no-uuid'].map((id) => reads.after(id, 1)));
    assert.deepEqual(found, [
      { status: undefined, events: [] },
      { status: 'Queued', events: [] },
      { status: undefined, events: [] },
    ]);
  });

  it('are read again after a failure', async () => {
    const database = { query: () => Promise.reject(new Error('away')) } as unknown as EmptyDatabase['database'];
    const failing = new EventReads(database);
    const both = await Promise.allSettled([failing.after(randomUUID(), 0), failing.after(randomUUID(), 0)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await assert.rejects(failing.after(randomUUID(), 0), { message: 'away' });
  });
});
