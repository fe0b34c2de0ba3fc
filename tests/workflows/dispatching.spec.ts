/** How accepted executions come to be queued: several pipelines together, each in the order of its requests. */
import assert from 'node:assert/strict';
import type { Transaction } from '../../automation/platform/database.ts';
import type { DispatcherDependencies } from '../../automation/workflows/dispatcher.ts';
import { Dispatcher } from '../../automation/workflows/dispatcher.ts';
import type { Segment } from '../../automation/workflows/segment.ts';
import { AcceptedRequests } from '../support/accepted-requests.ts';
import type { EmptyDatabase } from '../support/empty-database.ts';
import { emptyDatabase, silent } from '../support/empty-database.ts';
import { recordStatements } from '../support/recorded-statements.ts';
import { until } from '../support/until.ts';

/** Keeps what is added in a table, as DBOS does, so that a transaction that is rolled back has added nothing. */
class QueueInTable {
  /** A pipeline whose segments it refuses. */
  refused = '';

  async add(transaction: Transaction, { executionId }: Segment, { pipelineId }: { pipelineId: string }): Promise<void> {
    if (pipelineId === this.refused) throw new Error('refused');
    await transaction.query('INSERT INTO queued (pipeline_id, execution_id) VALUES ($1, $2)', [
      pipelineId,
      executionId,
    ]);
  }
}

describe('dispatching', () => {
  let empty: EmptyDatabase;
  let requests: AcceptedRequests;
  let queue: QueueInTable;
  let dispatcher: Dispatcher;

  before(async () => {
    empty = await emptyDatabase();
    await empty.database.query('CREATE TABLE queued (id serial, pipeline_id text, execution_id text)');
    requests = new AcceptedRequests(empty);
    const { executions } = requests;
    queue = new QueueInTable();
    // The others are for what its sweeps do besides.
    const dependencies = { database: empty.database, executions, queue, clock: () => new Date(), logger: silent };
    dispatcher = new Dispatcher(dependencies as Partial<DispatcherDependencies> as DispatcherDependencies);
  });

  after(async () => {
    await empty.stop();
  });

  beforeEach(async () => {
    await empty.database.query('TRUNCATE queued');
  });

  afterEach(() => {
    queue.refused = '';
  });

  const accept = async (modelName: string, instance = 'ml.m5.large') => {
    const { pipelineId, executionId = '' } = await requests.accept(modelName, { inference_instance: instance });
    return { pipelineId, executionId };
  };

  const acceptMany = async (prefix: string, count: number) => {
    const accepted: { pipelineId: string; executionId: string }[] = [];
    for (let index = 0; index < count; index++) accepted.push(await accept(`${prefix}-${index}`));
    return accepted;
  };

  const queued = async () => {
    const { rows } = await empty.database.query<{ execution_id: string }>(
      'SELECT execution_id FROM queued ORDER BY id',
    );
    return rows.map((row) => row.execution_id);
  };

  const ids = (accepted: { executionId: string }[]) => accepted.map(({ executionId }) => executionId);

  /** As the requests of many callers at once do, until so many are queued. */
  const dispatchSoon = async (accepted: { pipelineId: string }[], count = accepted.length) => {
    for (const { pipelineId } of accepted) dispatcher.dispatchSoon(pipelineId);
    await until(async () => (await queued()).length >= count, 'they are queued');
  };

  it('takes six statements for all pipelines that wait for it, besides those that queue', async () => {
    const accepted = await acceptMany('together', 6);
    const { statements, stop } = recordStatements(empty.database);
    await dispatchSoon(accepted).finally(stop);
    assert.deepEqual(await queued(), ids(accepted));
    // The first one is on its way when the others come, which are dispatched together.
    const others = statements.filter((statement) => !/ queued/.test(statement));
    assert.equal(others.length, 2 * 6, statements.join('\n'));
  });

  it('queues the requests of a pipeline in their order, and each once', async () => {
    const accepted = [await accept('ordered', 'ml.m5.large'), await accept('between')];
    accepted.push(await accept('ordered', 'ml.m5.xlarge'), await accept('ordered', 'ml.m5.2xlarge'));
    await dispatchSoon(accepted);
    assert.deepEqual((await queued()).toSorted(), ids(accepted).toSorted());
    const ofOne = ids(accepted.filter(({ pipelineId }) => pipelineId === accepted[0]?.pipelineId));
    assert.deepEqual(
      (await queued()).filter((id) => ofOne.includes(id)),
      ofOne,
    );
  });

  it('queues all others if a pipeline cannot be queued, and that one later', async () => {
    const accepted = await acceptMany('beside', 5);
    const third = accepted[2] ?? assert.fail();
    queue.refused = third.pipelineId;
    await dispatchSoon(accepted, 4);
    assert.deepEqual((await queued()).toSorted(), ids(accepted.filter((one) => one !== third)).toSorted());
    queue.refused = '';
    await dispatchSoon([third], 5);
    assert.ok((await queued()).includes(third.executionId));
  });
});
