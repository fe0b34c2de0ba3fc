import assert from 'node:assert/strict';
import { once } from 'node:events';
import pino from 'pino';
import { Cancellations } from '../../../automation/workflows/cancellations.ts';
import { until } from '../../support/until.ts';

const LOG = pino({ level: 'silent' });

describe('the watch for cancellations', () => {
  it('asks for all operations at once, and ends those that are cancelled', async () => {
    const asked: string[][] = [];
    const cancellations = new Cancellations(
      {
        cancelled: async (ids) => {
          asked.push([...ids]);
          if (asked.length === 1) throw new Error('the database is away');
          return new Map([['a', 'dave']]);
        },
      },
      LOG,
    );
    const [a, b] = [cancellations.watch('a'), cancellations.watch('b')];
    await once(a.signal, 'abort');
    assert.equal(a.signal.reason, 'dave');
    assert.equal(b.signal.aborted, false);
    assert.deepEqual(asked, [
      ['a', 'b'],
      ['a', 'b'],
    ]);
    a.stop();
    await until(() => asked.length === 3, 'the other one is still watched');
    assert.deepEqual(asked[2], ['b']);
    b.stop();
  });
});
