import assert from 'node:assert/strict';
import pino from 'pino';
import { EventWriter } from '../../../automation/executions/event-writer.ts';
import type { ExecutionEvents, NewEvent } from '../../../automation/executions/events.ts';

const LOG = pino({ level: 'silent' });

describe('the writer of the events of an operation', () => {
  let batches: string[][];
  let writer: EventWriter;

  beforeEach(() => {
    batches = [];
    const events = {
      append: async (_executionId: string, batch: NewEvent[]) => void batches.push(batch.map(({ type }) => type)),
    };
    writer = new EventWriter(events as unknown as ExecutionEvents, 'execution', { stage: 'DeployDev' }, LOG);
  });

  const add = (...types: string[]) => types.forEach((type) => writer.add({ type, data: {} }));

  it('stores the first event at once, and what follows soon after it together', async () => {
    add('first');
    assert.deepEqual(batches, [['first']]);
    await new Promise((done) => setImmediate(done));
    add('second');
    await new Promise((done) => setImmediate(done));
    add('third');
    assert.deepEqual(batches, [['first']], 'no batch for each of them');
    await writer.close();
    assert.deepEqual(batches, [['first'], ['second', 'third']]);
  });

  it('does not wait for more events when it is closed', async () => {
    add('first', 'second');
    const begun = performance.now();
    await writer.close();
    assert.deepEqual(batches.flat(), ['first', 'second']);
    assert.ok(performance.now() - begun < 50);
  });
});
