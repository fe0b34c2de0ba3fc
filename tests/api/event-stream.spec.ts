import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import request from 'supertest';
import type { Express } from 'express';
import type { Listening } from '../../api/listen.ts';
import { eventually, listening, REQUEST, testApi, type TestApi } from '../support/api.ts';

const EVENTS = '/executions/execution-1/events';

/** One open stream: what came, and whether it has ended. */
class Follower {
  readonly messages: EventSourceMessage[] = [];
  readonly comments: string[] = [];
  ended = false;
  readonly response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.response = response;
    const parser = createParser({
      onEvent: (message) => this.messages.push(message),
      onComment: (comment) => this.comments.push(comment),
    });
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => parser.feed(chunk));
    response.on('error', () => undefined);
    response.on('close', () => (this.ended = true));
  }

  static open({ port }: Listening, path = EVENTS, headers: Record<string, string> = {}): Promise<Follower> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => resolve(new Follower(response))).on(
        'error',
        reject,
      );
    });
  }

  get ids(): (string | undefined)[] {
    return this.messages.map((message) => message.id);
  }

  get types(): (string | undefined)[] {
    return this.messages.map((message) => message.event);
  }
}

async function running(settings: Parameters<typeof testApi>[0] = {}): Promise<TestApi> {
  const api = testApi(settings);
  await request(api.app).post('/provisionpipeline').send(REQUEST).expect(200);
  return api;
}

describe('event stream', () => {
  it('replays, goes on live, and ends with the execution', async () => {
    const { app, orchestrator } = await running();
    orchestrator.happen('execution-1', 'stage.started');
    await listening(app, async (server) => {
      const follower = await Follower.open(server);
      assert.equal(follower.response.statusCode, 200);
      assert.equal(follower.response.headers['content-type'], 'text/event-stream; charset=utf-8');
      assert.match(follower.response.headers['cache-control'] ?? '', /no-store/);
      await eventually(() => follower.messages.length === 2, 'the replay');
      orchestrator.happen('execution-1', 'resource.created', { name: 'two\nlines' });
      await eventually(() => follower.messages.length === 3, 'the live event');
      orchestrator.finish('execution-1');
      await eventually(() => follower.ended, 'the end');
      assert.deepEqual(follower.types, [
        'execution.queued',
        'stage.started',
        'resource.created',
        'execution.succeeded',
        'end',
      ]);
      // The parser repeats the last id for an event without one.
      assert.deepEqual(follower.ids.slice(0, 4), ['1', '2', '3', '4']);
      assert.deepEqual(JSON.parse(follower.messages[2]!.data), {
        sequence: 3,
        at: '2026-01-02T03:04:05.000Z',
        type: 'resource.created',
        stage: 'Deploy',
        environment: 'main',
        data: { name: 'two\nlines' },
      });
      assert.deepEqual(JSON.parse(follower.messages[4]!.data), { executionId: 'execution-1', status: 'Succeeded' });
      assert.ok(follower.response.complete);
    });
  });

  it('sends headers at once, before anything has happened', async () => {
    const { app, orchestrator } = await running();
    await listening(app, async (server) => {
      const follower = await Follower.open(server, `${EVENTS}?last_event_id=1`);
      assert.equal(follower.response.statusCode, 200);
      await eventually(() => orchestrator.listeners === 1, 'the iteration');
      assert.deepEqual(follower.messages, []);
    });
  });

  for (const [what, path, headers] of [
    ['the header', EVENTS, { 'Last-Event-ID': '2' }],
    ['the query', `${EVENTS}?last_event_id=2`, {}],
    ['the header before the query', `${EVENTS}?last_event_id=0`, { 'Last-Event-ID': '2' }],
  ] as [string, string, Record<string, string>][]) {
    it(`replays only what comes after the last event id from ${what}`, async () => {
      const { app, orchestrator } = await running();
      orchestrator.happen('execution-1', 'stage.started');
      orchestrator.happen('execution-1', 'resource.created');
      orchestrator.finish('execution-1');
      await listening(app, async (server) => {
        const follower = await Follower.open(server, path, headers);
        await eventually(() => follower.ended, 'the end');
        assert.deepEqual(follower.types, ['resource.created', 'execution.succeeded', 'end']);
      });
    });
  }

  for (const id of ['-1', '1.5', 'x', '99999999999999999999', '1e3', ' 1 2']) {
    it(`answers 400 to the last event id "${id}"`, async () => {
      const { app } = await running();
      await request(app).get(EVENTS).set('Last-Event-ID', id).expect(400);
      const { body } = await request(app).get(EVENTS).query({ last_event_id: id }).expect(400);
      assert.equal(body.errors[0].pointer, '?last_event_id');
    });
  }

  it('answers 404 as JSON for an execution that is not there', async () => {
    const { app } = testApi();
    const response = await request(app).get(EVENTS).expect(404);
    assert.equal(response.type, 'application/json');
  });

  it('keeps an idle stream open with comments', async () => {
    const { app } = await running({ heartbeatSeconds: 0.02 });
    await listening(app, async (server) => {
      const follower = await Follower.open(server);
      await eventually(() => follower.comments.length >= 3, 'three comments');
      assert.equal(follower.comments[0], 'heartbeat');
    });
  });

  it('stops listening when the client goes away', async () => {
    const { app, orchestrator } = await running();
    await listening(app, async (server) => {
      const follower = await Follower.open(server);
      await eventually(() => orchestrator.listeners === 1, 'the iteration');
      follower.response.destroy();
      await eventually(() => orchestrator.listeners === 0, 'the end of the iteration');
    });
  });

  it('cuts the stream, without "end", when its events cannot be read any more: the client comes back', async () => {
    const { app, orchestrator } = await running();
    await listening(app, async (server) => {
      const follower = await Follower.open(server);
      await eventually(() => follower.messages.length === 1, 'the replay');
      orchestrator.failures.set('events', Object.assign(new Error('gone'), { code: '57P01' }));
      orchestrator.wake('execution-1');
      await eventually(() => follower.ended, 'the cut');
      assert.equal(follower.response.complete, false);
      assert.ok(!follower.types.includes('end'));
      orchestrator.failures.clear();
      orchestrator.finish('execution-1');
      const again = await Follower.open(server, EVENTS, { 'Last-Event-ID': '1' });
      await eventually(() => again.ended, 'the end');
      assert.deepEqual(again.types, ['diagnostic', 'execution.succeeded', 'end']);
    });
  });

  it('waits for a client that does not read, and loses nothing', async () => {
    const { app, orchestrator } = await running();
    const text = 'x'.repeat(100_000);
    for (let event = 0; event < 200; event++) orchestrator.happen('execution-1', 'diagnostic', { text });
    orchestrator.finish('execution-1');
    await listening(app, async (server) => {
      const follower = await Follower.open(server);
      follower.response.pause();
      await eventually(() => orchestrator.listeners === 1, 'the iteration');
      follower.response.resume();
      await eventually(() => follower.ended, 'the end', 20_000);
      assert.equal(follower.messages.length, 203);
    });
  });

  it('serves many at once, each with everything', async () => {
    const { app, orchestrator } = await running();
    await listening(app, async (server) => {
      const followers = await Promise.all(Array.from({ length: 30 }, () => Follower.open(server)));
      await eventually(() => orchestrator.listeners === 30, 'all iterations');
      for (let event = 0; event < 20; event++) orchestrator.happen('execution-1', 'diagnostic');
      orchestrator.finish('execution-1');
      await eventually(() => followers.every((follower) => follower.ended), 'all ends');
      for (const { messages } of followers) assert.equal(messages.length, 23);
    });
  });
});

describe('closing', () => {
  it('ends streams and takes no more connections, quickly', async () => {
    const { app, orchestrator } = await running();
    await listening(app, async (server) => {
      const follower = await Follower.open(server);
      await eventually(() => orchestrator.listeners === 1, 'the iteration');
      const started = Date.now();
      await Promise.all([server.close(), server.close()]);
      assert.ok(Date.now() - started < 2_000, 'nothing was left to wait for');
      await eventually(() => follower.ended, 'the end');
      assert.ok(!follower.types.includes('end'));
      assert.equal(orchestrator.listeners, 0);
      await assert.rejects(Follower.open(server), { code: 'ECONNREFUSED' });
    });
  });

  it('lets a request that is being answered finish', async () => {
    const { app, orchestrator } = await running();
    const { reached, release } = orchestrator.hold('listPipelines');
    await listening(app, async (server) => {
      const answer = fetch(`http://127.0.0.1:${server.port}/pipelines`);
      await reached;
      const closed = server.close();
      release();
      assert.equal((await answer).status, 200);
      await closed;
    });
  });

  it('cuts off what never finishes within 5 s', async () => {
    const { app, orchestrator } = await running();
    const { reached, release } = orchestrator.hold('listPipelines');
    await listening(app, async (server) => {
      const answer = fetch(`http://127.0.0.1:${server.port}/pipelines`).then(
        () => 'answered',
        () => 'cut',
      );
      await reached;
      const started = Date.now();
      await server.close();
      assert.ok(Date.now() - started < 5_000);
      assert.equal(await answer, 'cut');
      release();
    });
  });

  it('says so when the port is taken', async () => {
    const { app }: { app: Express } = testApi();
    await listening(app, async ({ port }) => {
      const { listen } = await import('../../api/listen.ts');
      await assert.rejects(listen(app, { host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
    });
  });
});
