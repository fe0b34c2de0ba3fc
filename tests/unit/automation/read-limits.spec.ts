import assert from 'node:assert/strict';
import { ReadLimits } from '../../../automation/stacks/read-limits.ts';

const NEVER = new AbortController().signal;

/** Work that goes on until it is let go. */
function held() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { work: () => promise, release: () => resolve(undefined) };
}

describe('bounds of previews and histories', () => {
  it('hold for each caller and for all, and end with the work, however it ends', async () => {
    const limits = new ReadLimits({ children: 1, perCaller: 2, inAll: 3 });
    const { work, release } = held();
    const running = ['kim', 'kim', 'lee'].map((caller) => limits.request(caller, work));
    await assert.rejects(limits.request('kim', work), {
      code: 'CALLER_LIMIT_REACHED',
      status: 429,
      retryAfterSeconds: 5,
    });
    await assert.rejects(limits.request('ann', work), { code: 'SERVICE_BUSY', status: 503, retryAfterSeconds: 5 });
    release();
    await Promise.all(running);
    const failing = () => Promise.reject(new Error('failed'));
    for (let index = 0; index < 10; index++) await assert.rejects(limits.request('kim', failing), /failed/);
    assert.equal(await limits.request('kim', async () => 'done'), 'done');
  });

  it('start no more children than are allowed, and none for a caller who has gone', async () => {
    const limits = new ReadLimits({ children: 2, perCaller: 10, inAll: 10 });
    let running = 0;
    let most = 0;
    const gates = Array.from({ length: 6 }, held);
    const leaving = new AbortController();
    let started = 0;
    const all = gates.map(({ work }, index) =>
      limits.child(index === 4 ? leaving.signal : NEVER, async () => {
        started++;
        most = Math.max(most, ++running);
        await work();
        running--;
      }),
    );
    leaving.abort(new Error('the caller has disconnected'));
    for (const { release } of gates) release();
    const ends = await Promise.allSettled(all);
    assert.deepEqual([most, started], [2, 5]);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
  });
});
