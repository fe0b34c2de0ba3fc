/** Previews and histories: they end with their caller, and are answered in time, or later. */
import assert from 'node:assert/strict';
import request from 'supertest';
import { ANSWER_SECONDS, STREAM_SECONDS } from '../../api/app.ts';
import { ANSWERS } from '../../api/answers.ts';
import { OrchestratorError } from '../../automation/errors.ts';
import { PIPELINE_ID, REQUEST, eventually, listening, testApi } from '../support/api.ts';

async function provisioned(settings: Parameters<typeof testApi>[0] = {}) {
  const api = testApi(settings);
  await api.orchestrator.provision(REQUEST, 'kim');
  return api;
}

describe('previews and histories', () => {
  for (const [what, method, path, body] of [
    ['a preview of a request', 'POST', '/provisionpipeline?preview=true', REQUEST],
    ['a preview of a pipeline', 'POST', `/pipelines/${PIPELINE_ID}/preview`, {}],
    ['a history', 'GET', `/pipelines/${PIPELINE_ID}/history`, undefined],
  ] as const) {
    const held = path.includes('history') ? 'history' : path.startsWith('/pipelines') ? 'previewPipeline' : 'preview';
    const init = (signal?: AbortSignal, headers: Record<string, string> = {}): RequestInit => ({
      method,
      headers: { ...headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
    });

    it(`${what} ends when its caller hangs up`, async () => {
      const { app, orchestrator, log } = await provisioned();
      const { reached, release } = orchestrator.hold(held);
      await listening(app, async ({ port }) => {
        const leaving = new AbortController();
        const call = fetch(`http://127.0.0.1:${port}${path}`, init(leaving.signal)).catch(() => 'gone');
        await reached;
        assert.equal(orchestrator.reads[0]?.signal.aborted, false);
        leaving.abort();
        assert.equal(await call, 'gone');
        await eventually(() => orchestrator.reads[0]?.signal.aborted === true, 'the work is aborted');
        orchestrator.failures.set(held, new Error('the operation was cancelled'));
        release();
      });
      assert.ok(!log.some((line) => line.includes('"level":50')), 'that is no fault of the service');
    });

    it(`${what} is answered with an operation when the time is over, and goes on`, async () => {
      const { app, orchestrator } = await provisioned({ answerWithinSeconds: 0.3 });
      const { reached, release } = orchestrator.hold(held);
      await listening(app, async ({ port }) => {
        const url = `http://127.0.0.1:${port}`;
        const answering = fetch(`${url}${path}`, init());
        await reached;
        const answer = await answering;
        assert.equal(answer.status, 202);
        assert.ok(Number(answer.headers.get('retry-after')) > 0);
        const location = answer.headers.get('location') ?? '';
        const accepted = (await answer.json()) as Record<string, unknown>;
        assert.equal(ANSWERS.Operation.validate(accepted).error, undefined);
        assert.equal(location, `/operations/${String(accepted.operationId)}`);
        const ask = async () => (await (await fetch(`${url}${location}`)).json()) as Record<string, unknown>;
        assert.equal((await ask()).status, 'InProgress');
        assert.equal(orchestrator.reads[0]?.signal.aborted, false, 'its caller asks again');
        release();
        let operation = await ask();
        const deadline = Date.now() + 5_000;
        while (operation.status === 'InProgress' && Date.now() < deadline) operation = await ask();
        assert.equal(operation.status, 'Succeeded');
        assert.equal(ANSWERS.Operation.validate(operation).error, undefined);
        assert.ok(operation.result);
      });
    });
  }

  it('are answered at once to who prefers that, and to who waits so long', async () => {
    const { app, orchestrator } = await provisioned();
    for (const prefer of ['respond-async', 'respond-async, wait=0', 'wait=0', 'return=minimal; foo, respond-async']) {
      const { release } = orchestrator.hold('preview');
      await request(app).post('/provisionpipeline?preview=true').set('Prefer', prefer).send(REQUEST).expect(202);
      release();
    }
    await request(app).post('/provisionpipeline?preview=true').set('Prefer', 'wait=10').send(REQUEST).expect(200);
    await request(app)
      .post('/provisionpipeline?preview=true')
      .set('Prefer', 'handling=lenient')
      .send(REQUEST)
      .expect(200);
  });

  it('say at once what is wrong', async () => {
    const { app, orchestrator } = await provisioned();
    const refused = new OrchestratorError('CALLER_LIMIT_REACHED', 'too many', { retryAfterSeconds: 5 });
    orchestrator.failures.set('preview', refused);
    const call = () =>
      request(app).post('/provisionpipeline?preview=true').set('Prefer', 'respond-async').send(REQUEST);
    const { headers } = await call().expect(429);
    assert.equal(headers['retry-after'], '5');
  });

  it('of which nothing is known answer 404', async () => {
    const { app } = testApi();
    for (const id of ['x', '7a1c3f00-0000-4000-8000-00000000ffff']) {
      const { headers } = await request(app).get(`/operations/${id}`).expect(404);
      assert.equal(headers['x-error-code'], 'OPERATION_NOT_FOUND');
    }
  });

  it('and event streams end before the gateway, which waits 30 s, gives them up', () => {
    assert.ok(ANSWER_SECONDS <= 25 && STREAM_SECONDS < 29);
  });
});

describe('event streams', () => {
  it('end after the configured time, and continue after the last event', async () => {
    const { app, orchestrator } = await provisioned({ streamSeconds: 0.5 });
    orchestrator.happen('execution-1', 'stage.started');
    await listening(app, async ({ port }) => {
      const follow = async (last: string) =>
        await (
          await fetch(`http://127.0.0.1:${port}/executions/execution-1/events`, { headers: { 'Last-Event-ID': last } })
        ).text();
      const first = await follow('0');
      assert.match(first, /^retry: 250\n\n/);
      assert.match(first, /event: stage\.started/);
      assert.ok(!first.includes('event: end'), 'the execution goes on');
      const last = /.*id: (\d+)/s.exec(first)?.[1] ?? '';
      assert.ok(!(await follow(last)).includes('stage.started'));
      orchestrator.finish('execution-1');
      assert.match(await follow(last), /event: end/);
    });
  });

  it('are bounded for each caller, and freed when they are closed', async () => {
    const { app } = await provisioned();
    await listening(app, async ({ port }) => {
      const url = `http://127.0.0.1:${port}/executions/execution-1/events`;
      const open = async (caller: string) => {
        const closing = new AbortController();
        const response = await fetch(url, { headers: { 'x-caller': caller }, signal: closing.signal });
        return { status: response.status, headers: response.headers, close: () => closing.abort() };
      };
      const streams = await Promise.all(Array.from({ length: 100 }, () => open('kim')));
      assert.ok(streams.every(({ status }) => status === 200));
      const refused = await open('kim');
      assert.deepEqual([refused.status, refused.headers.get('x-error-code')], [429, 'CALLER_LIMIT_REACHED']);
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      const other = await open('lee');
      assert.equal(other.status, 200);
      streams[0]?.close();
      const deadline = Date.now() + 5_000;
      let again = await open('kim');
      while (again.status !== 200 && Date.now() < deadline) again = await open('kim');
      assert.equal(again.status, 200);
      for (const stream of [...streams, other, again]) stream.close();
    });
  });
});
