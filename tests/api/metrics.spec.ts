import assert from 'node:assert/strict';
import request from 'supertest';
import { PIPELINE_ID, REQUEST, testApi } from '../support/api.ts';

async function metricsOf(app: Parameters<typeof request>[0]): Promise<string> {
  const { text, type } = await request(app).get('/metrics').expect(200);
  assert.equal(type, 'text/plain');
  return text;
}

describe('metrics', () => {
  it('times requests by route pattern, not by path', async () => {
    const { app } = testApi();
    await request(app).post('/provisionpipeline').send(REQUEST).expect(200);
    await request(app).get(`/pipelines/${PIPELINE_ID}`).expect(200);
    await request(app).get('/pipelines/nothing').expect(404);
    await request(app).get('/no/such/path').expect(404);
    const text = await metricsOf(app);
    for (const labels of [
      'method="POST",route="/provisionpipeline",status="200"',
      'method="GET",route="/pipelines/:id",status="200"',
      'method="GET",route="/pipelines/:id",status="404"',
      'method="GET",route="unmatched",status="404"',
    ]) {
      assert.ok(text.includes(`mlops_http_request_duration_seconds_count{${labels}} 1`), labels);
    }
    assert.ok(!text.includes(PIPELINE_ID) && !text.includes('/no/such/path'));
  });

  it('counts executions by status, once for all who ask within a few seconds', async () => {
    const { app, orchestrator } = testApi();
    await request(app).post('/provisionpipeline').send(REQUEST).expect(200);
    const texts = await Promise.all(Array.from({ length: 8 }, () => metricsOf(app)));
    for (const text of texts) assert.match(text, /mlops_executions\{status="InProgress"\} 1/);
    assert.equal(orchestrator.calls.filter(({ method }) => method === 'countPipelines').length, 1);
  });

  it('tells how busy the event loop is, without a timer that samples it', async () => {
    const { app } = testApi();
    const text = await metricsOf(app);
    assert.match(text, /^nodejs_eventloop_utilization_ratio (0|1|0\.\d+)$/m);
    assert.match(text, /^nodejs_eventloop_lag_seconds /m);
    assert.doesNotMatch(text, /lag_p99/);
  });

  it('gives the rest while the executions cannot be counted', async () => {
    const { app, orchestrator, log } = testApi();
    orchestrator.failures.set('countPipelines', Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    const text = await metricsOf(app);
    assert.match(text, /process_cpu_seconds_total/);
    assert.ok(!text.includes('mlops_executions{'));
    assert.match(log.join(''), /could not be counted/);
  });

  it('keeps two apps in one process apart', async () => {
    const [one, other] = [testApi(), testApi()];
    await request(one.app).get('/pipelines').expect(200);
    assert.match(await metricsOf(one.app), /route="\/pipelines"/);
    assert.ok(!(await metricsOf(other.app)).includes('route="/pipelines"'));
  });

  it('counts all unknown methods in one series', async () => {
    const { app } = testApi();
    for (const method of ['propfind', 'purge', 'lock'] as const) await request(app)[method]('/pipelines').expect(405);
    assert.match(await metricsOf(app), /method="other",route="\/pipelines",status="405"\} 3/);
  });
});
