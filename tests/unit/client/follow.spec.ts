/** Streams of events that break: over a real connection, because only that breaks as real ones do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { follow, StreamLost, StreamRefused } from '../../../client/follow.ts';
import type { Following } from '../../../client/follow.ts';

const LAST = 9;
const END = 'event: end\ndata: {}\n\n';

const event = (sequence: number) =>
  `id: ${sequence}\nevent: diagnostic\ndata: ${JSON.stringify({ sequence, at: '', type: 'diagnostic', data: {} })}\n\n`;

const from = (after: number) => Array.from({ length: LAST - after }, (_, index) => event(after + 1 + index));

/** What a service does with the connections, one after the other; the last one does it with all further ones. */
type Answer = (response: ServerResponse, after: number) => void;

const open = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });

/** Sends these events, the last one only in part, and breaks the connection. */
const cutAfter =
  (count: number): Answer =>
  (response, after) => {
    const events = from(after);
    const sent = events.slice(0, count).join('') + (events[count] ?? '').slice(0, 20);
    // Once it has been sent: destroy discards what is buffered.
    open(response).write(sent, () => response.destroy());
  };
const whole: Answer = (response, after) => void open(response).end(from(after).join('') + END);
const ends: Answer = (response, after) => void open(response).end(`retry: 250\n\n${from(after)[0] ?? ''}`);
const idles: Answer = (response) => void open(response).end('retry: 250\n\n');
const refuses =
  (status: number): Answer =>
  (response) =>
    void response.writeHead(status).end('{}');

describe('following an execution', () => {
  async function following(
    answers: readonly Answer[],
    options: Partial<Following> = {},
  ): Promise<{ sequences: number[]; asked: number[]; pauses: number[]; breaks: string[]; error?: unknown }> {
    const asked: number[] = [];
    const pauses: number[] = [];
    const breaks: string[] = [];
    const sequences: number[] = [];
    const server = createServer((request, response) => {
      const after = Number(request.headers['last-event-id']);
      asked.push(after);
      answers[Math.min(asked.length, answers.length) - 1]?.(response, after);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const events = follow({
        open: (headers) => fetch(address, { headers }),
        attempts: 3,
        onBroken: (attempt, { message }) => void breaks.push(`${attempt}: ${message}`),
        pause: async (ms) => void pauses.push(ms),
        ...options,
      });
      for await (const { sequence } of events) sequences.push(sequence);
      return { sequences, asked, pauses, breaks };
    } catch (error) {
      return { sequences, asked, pauses, breaks, error };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const all = from(0).map((_, index) => index + 1);

  it('delivers every event exactly once, however often the stream breaks in the middle of one', async () => {
    const { sequences, asked, breaks, error } = await following([cutAfter(3), cutAfter(1), refuses(503), whole]);
    assert.equal(error, undefined);
    assert.deepEqual(sequences, all);
    assert.deepEqual(asked, [0, 3, 4, 4]);
    // Events in between: each break is the first again.
    assert.deepEqual(
      breaks.map((text) => text.slice(0, 2)),
      ['1:', '1:', '2:'],
    );
  });

  it('continues at once where a gateway ends each stream, and counts that as no failure', async () => {
    const { sequences, pauses, breaks } = await following([ends, idles, idles, idles, idles, ends, whole]);
    assert.deepEqual(sequences, all);
    assert.deepEqual([breaks, new Set(pauses)], [[], new Set([250])]);
  });

  it('leaves out what a proxy sends a second time', async () => {
    const { sequences } = await following([cutAfter(4), (response) => whole(response, 2)]);
    assert.deepEqual(sequences, all);
  });

  it('gives up after the last attempt, with growing pauses, and says where the stream broke off and why', async () => {
    const { sequences, pauses, error } = await following([cutAfter(2), refuses(502)]);
    assert.deepEqual(sequences, [1, 2]);
    assert.deepEqual(pauses, [1_000, 2_000, 4_000]);
    assert.ok(error instanceof StreamLost);
    assert.match(error.message, /broke off after number 2, and 3 attempts to resume them failed: HTTP 502$/);
    const { error: empty } = await following([(response) => void open(response).end()]);
    assert.match((empty as Error).message, /after number 0.*the stream was empty$/);
  });

  it('does not ask again where that is of no use', async () => {
    for (const answer of [refuses(404), refuses(403), (response: ServerResponse) => void response.end('<html>')]) {
      const { asked, error } = await following([answer]);
      assert.ok(error instanceof StreamRefused);
      assert.equal(asked.length, 1);
    }
    const { error } = await following([], { open: () => Promise.reject(new Error('no credentials')) });
    assert.equal((error as Error).message, 'no credentials');
  });

  it('stops when it is aborted, also while it waits for the next attempt', async () => {
    const abort = new AbortController();
    const { asked, error } = await following([refuses(503)], {
      attempts: Infinity,
      signal: abort.signal,
      pause: async () => {
        await setImmediate();
        abort.abort();
      },
    });
    assert.deepEqual([asked.length, error], [1, undefined]);
  });
});
