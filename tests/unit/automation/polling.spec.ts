import assert from 'node:assert/strict';
import { poll, repeat } from '../../../automation/platform/polling.ts';

describe('polling', () => {
  it('asks at once, waits longer and longer, and gives the answer', async () => {
    let asked = 0;
    const begun = performance.now();
    const answer = await poll(async () => (++asked === 5 ? { value: 'there' } : undefined), {
      firstMs: 2,
      longestMs: 8,
    });
    assert.equal(answer, 'there');
    // 2 + 4 + 8 + 8 ms of waiting; timers may fire a millisecond early.
    assert.ok(performance.now() - begun >= 18);
  });

  it('takes undefined for an answer where it is given as one', async () => {
    assert.equal(await poll(async () => ({ value: undefined }), { firstMs: 60_000 }), undefined);
  });

  it('ends with its signal, and with what is thrown', async () => {
    const ending = new AbortController();
    const waiting = poll(async () => void ending.abort(), { firstMs: 60_000, signal: ending.signal });
    await assert.rejects(waiting, { name: 'AbortError' });
    await assert.rejects(
      poll(() => Promise.reject(new Error('gone')), { firstMs: 60_000 }),
      /gone/,
    );
  });
});

describe('repeated work', () => {
  it('never overlaps, survives what it throws, and ends when the current run has ended', async () => {
    const errors: unknown[] = [];
    const { promise: fourth, resolve } = Promise.withResolvers<undefined>();
    let [running, runs, most] = [0, 0, 0];
    const repetition = repeat(
      async () => {
        most = Math.max(most, ++running);
        await new Promise((done) => setImmediate(done));
        running--;
        if (++runs === 4) resolve(undefined);
        if (runs === 2) throw new Error('once');
      },
      1,
      (error) => errors.push(error),
    );
    // The timers of `repeat` do not keep a process alive: something else has to.
    const alive = setInterval(() => undefined, 1_000);
    await fourth;
    await repetition.stop();
    clearInterval(alive);
    const before = runs;
    await new Promise((done) => setImmediate(done));
    assert.deepEqual([most, running, runs, errors.length], [1, 0, before, 1]);
  });

  it('runs when it is woken, also where that happens during a run or was asked for in advance', async () => {
    // The timers of `repeat` do not keep a process alive.
    const alive = setInterval(() => undefined, 1_000);
    let runs = 0;
    const reached = [
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
    ];
    const repetition = repeat(
      async () => {
        if (++runs === 2) repetition.wake();
        reached[runs - 1]?.resolve(undefined);
      },
      60_000,
      assert.ifError,
    );
    await reached[0]?.promise;
    repetition.wakeIn(1);
    await reached[1]?.promise;
    await reached[2]?.promise;
    repetition.wakeIn(60_000);
    await repetition.stop();
    clearInterval(alive);
    assert.equal(runs, 3);
  });

  it('pauses for as long as is right after each run', async () => {
    const alive = setInterval(() => undefined, 1_000);
    const { promise: second, resolve } = Promise.withResolvers<undefined>();
    let runs = 0;
    const repetition = repeat(
      async () => void (++runs === 2 && resolve(undefined)),
      () => (runs === 1 ? 1 : 60_000),
      assert.ifError,
    );
    await second;
    await repetition.stop();
    clearInterval(alive);
    assert.equal(runs, 2);
  });
});
