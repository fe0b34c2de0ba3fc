/** Event streams that are opened in the same instant keep no other request waiting. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { describe, it } from 'mocha';
import { streamTurns } from '../../api/middleware/stream-turns.ts';

describe('event streams that are opened at once', () => {
  const arrive = (paths: readonly string[]) => {
    const handled: string[] = [];
    const takeTurns = streamTurns();
    for (const path of paths) {
      takeTurns({ path } as Request, {} as Response, () => handled.push(path));
    }
    return handled;
  };

  const streams = ['a', 'b', 'c'].map((id) => `/executions/${id}/events`);

  it('are opened in their order, each in a turn of the event loop of its own', async () => {
    const handled = arrive(streams);
    assert.deepEqual(handled, []);
    for (let opened = 1; opened <= streams.length; opened++) {
      await turn();
      assert.deepEqual(handled, streams.slice(0, opened));
    }
  });

  it('let other requests pass', async () => {
    const others = ['/pipelines', '/executions/a', '/executions', '/pipelines/events'];
    const handled = arrive([...streams, ...others]);
    assert.deepEqual(handled, others);
    for (const _ of streams) await turn();
    assert.deepEqual(handled, [...others, ...streams]);
  });
});
