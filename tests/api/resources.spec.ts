import assert from 'node:assert/strict';
import request from 'supertest';
import { ANSWERS, type AnswerName } from '../../api/answers.ts';
import type { Express } from 'express';
import { PIPELINE_ID, REQUEST, testApi } from '../support/api.ts';

async function provisioned(): Promise<ReturnType<typeof testApi>> {
  const api = testApi();
  await request(api.app).post('/provisionpipeline').send(REQUEST).expect(200);
  api.orchestrator.calls.length = 0;
  return api;
}

function assertShape(name: AnswerName, body: unknown): void {
  assert.equal(ANSWERS[name].validate(body).error?.message, undefined);
}

/** Every method with its path, but OPTIONS. */
const KNOWN: [string, string][] = [
  ['/provisionpipeline', 'POST, OPTIONS'],
  ['/pipelinestatus', 'POST, OPTIONS'],
  ['/pipelines', 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}`, 'GET, DELETE, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/executions`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/history`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/outputs`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/preview`, 'POST, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/drift`, 'POST, GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/drift/history`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/drift/reconcile`, 'POST, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/environments/main/state`, 'GET, POST, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/revisions`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/revisions/1`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/revisions/1/diff`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/jobs`, 'GET, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/card`, 'GET, POST, HEAD, OPTIONS'],
  [`/pipelines/${PIPELINE_ID}/card/export`, 'POST, OPTIONS'],
  ['/deliveries', 'GET, HEAD, OPTIONS'],
  ['/deliveries/7/redeliver', 'POST, OPTIONS'],
  ['/notifications/7/resend', 'POST, OPTIONS'],
  ['/approvals', 'GET, HEAD, OPTIONS'],
  ['/executions', 'GET, HEAD, OPTIONS'],
  ['/executions/execution-1', 'GET, HEAD, OPTIONS'],
  ['/executions/execution-1/events', 'GET, HEAD, OPTIONS'],
  ['/pipeline-types', 'GET, HEAD, OPTIONS'],
  ['/pipeline-types/byom_realtime_builtin', 'GET, HEAD, OPTIONS'],
  ['/healthz', 'GET, HEAD, OPTIONS'],
  ['/readyz', 'GET, HEAD, OPTIONS'],
  ['/metrics', 'GET, HEAD, OPTIONS'],
  ['/openapi.json', 'GET, HEAD, OPTIONS'],
];

describe('resources', () => {
  for (const [path, name, list] of [
    ['/pipelines', 'PipelineSummary', true],
    [`/pipelines/${PIPELINE_ID}`, 'Pipeline', false],
    [`/pipelines/${PIPELINE_ID}/executions`, 'Execution', true],
    [`/pipelines/${PIPELINE_ID}/history`, 'HistoryEntry', true],
    [`/pipelines/${PIPELINE_ID}/outputs`, 'PipelineOutputs', false],
    [`/pipelines/${PIPELINE_ID}/drift`, 'DriftCheck', true],
    [`/pipelines/${PIPELINE_ID}/drift/history`, 'DriftCheck', true],
    [`/pipelines/${PIPELINE_ID}/environments/main/state`, 'DeployedState', false],
    [`/pipelines/${PIPELINE_ID}/revisions`, 'RevisionSummary', true],
    [`/pipelines/${PIPELINE_ID}/revisions/1`, 'Revision', false],
    [`/pipelines/${PIPELINE_ID}/revisions/1/diff`, 'RevisionDifference', false],
    [`/pipelines/${PIPELINE_ID}/jobs`, 'PipelineJobs', false],
    [`/pipelines/${PIPELINE_ID}/card`, 'PipelineCard', false],
    ['/deliveries', 'Delivery', true],
    ['/executions', 'Execution', true],
    ['/executions/execution-1', 'ExecutionDetail', false],
    ['/pipeline-types', 'PipelineType', true],
    ['/pipeline-types/byom_realtime_builtin', 'PipelineType', false],
    ['/healthz', 'Liveness', false],
    ['/readyz', 'Readiness', false],
  ] as const) {
    it(`GET ${path} answers 200 in the published shape`, async () => {
      const { app } = await provisioned();
      const { body, type, text } = await request(app).get(path).expect(200);
      assert.equal(type, 'application/json');
      assert.ok(text.endsWith('\n'), 'a terminal expects the last line to end');
      if (list) assert.ok(body.length > 0);
      for (const item of list ? body : [body]) assertShape(name, item);
    });
  }

  it('GET /approvals asks for what waits, in one environment', async () => {
    const { app, orchestrator } = await provisioned();
    const { body } = await request(app).get('/approvals?environment=prod').expect(200);
    assert.deepEqual(body, []);
    assert.deepEqual(orchestrator.calls, [
      { method: 'listExecutions', arguments: [{ limit: 100, environment: 'prod', status: 'AwaitingApproval' }] },
    ]);
    await request(app).get('/approvals?status=Failed').expect(400);
  });

  it('GET /pipelines/:id/jobs asks for a bounded number of jobs, and continues in one environment', async () => {
    const { app, orchestrator } = await provisioned();
    const path = `/pipelines/${PIPELINE_ID}/jobs`;
    await request(app).get(path).expect(200);
    await request(app)
      .get(`${path}?environment=prod&kind=monitoring&limit=50&after=2026-01-02T03:04:05.678Z`)
      .expect(200);
    assert.deepEqual(
      orchestrator.calls.map((call) => call.arguments[1]),
      [{ limit: 10 }, { environment: 'prod', kind: 'monitoring', limit: 50, after: '2026-01-02T03:04:05.678Z' }],
    );
    for (const query of [
      'limit=51',
      'kind=x',
      'environment=qa',
      'after=2026-01-02T03:04:05Z',
      'after=x&environment=prod',
    ]) {
      await request(app).get(`${path}?${query}`).expect(400);
    }
  });

  it('POST /pipelines/:id/card saves the card, and /card/export exports it in one of two formats', async () => {
    const { app, orchestrator } = await provisioned();
    const path = `/pipelines/${PIPELINE_ID}/card`;
    assertShape('PipelineCard', (await request(app).post(path).expect(200)).body);
    assertShape('CardExport', (await request(app).post(`${path}/export`).expect(200)).body);
    await request(app).post(`${path}/export?format=json`).expect(200);
    await request(app).post(`${path}/export?format=docx`).expect(400);
    assert.deepEqual(orchestrator.calls, [
      { method: 'saveCard', arguments: [PIPELINE_ID, 'sandbox-user'] },
      { method: 'exportCard', arguments: [PIPELINE_ID, 'pdf', 'sandbox-user'] },
      { method: 'exportCard', arguments: [PIPELINE_ID, 'json', 'sandbox-user'] },
    ]);
  });

  it('POST /deliveries/:id/redeliver answers 202 with the delivery, and 404 for what is none', async () => {
    const { app } = await provisioned();
    const { body } = await request(app).post('/deliveries/7/redeliver').expect(202);
    assertShape('Delivery', body);
    assert.equal(body.status, 'Pending');
    for (const id of ['8', 'x', '0', '1e400']) await request(app).post(`/deliveries/${id}/redeliver`).expect(404);
  });

  it('POST /notifications/:id/resend answers 202 with the notification, and 404 for what is none', async () => {
    const { app, orchestrator } = await provisioned();
    orchestrator.notificationEntries.push({
      id: 7,
      at: '2026-01-02T03:04:05.000Z',
      kind: 'failed',
      subject: 'Deployment failed',
      message: 'It failed.',
      data: {},
      delivery: 'undeliverable',
      attempts: 9,
      lastError: 'Error: the topic does not exist',
    });
    const { body } = await request(app).post('/notifications/7/resend').expect(202);
    assertShape('Notification', body);
    assert.equal(body.delivery, 'pending');
    for (const id of ['8', 'x', '0', '1e400']) await request(app).post(`/notifications/${id}/resend`).expect(404);
  });

  it('GET /pipelines/:id/revisions/:revision answers 404 for what is no number of a revision', async () => {
    const { app } = await provisioned();
    for (const revision of ['0', 'x', '99999999999', '1.5']) {
      await request(app).get(`/pipelines/${PIPELINE_ID}/revisions/${revision}`).expect(404);
    }
    await request(app).get(`/pipelines/${PIPELINE_ID}/revisions/1/diff?to=x`).expect(400);
  });

  it('DELETE /pipelines/:id answers 202 with the execution that destroys it', async () => {
    const { app, orchestrator } = await provisioned();
    const { body } = await request(app).delete(`/pipelines/${PIPELINE_ID}`).expect(202);
    assertShape('GuideProvisionAnswer', body);
    assert.deepEqual(body, {
      message: 'success: stack deletion started',
      pipeline_id: PIPELINE_ID,
      execution_id: 'execution-2',
    });
    assert.deepEqual(orchestrator.calls, [{ method: 'destroy', arguments: [PIPELINE_ID, 'sandbox-user', false] }]);
  });

  it('POST /pipelines/:id/drift and /drift/reconcile answer 202 with what they have started', async () => {
    const { app, orchestrator } = await provisioned();
    const drift = await request(app).post(`/pipelines/${PIPELINE_ID}/drift`).expect(202);
    assertShape('DriftCheckAnswer', drift.body);
    assert.equal(drift.body.checks[0].checkId, '6d0c3a4e-0f7b-4d43-9f3e-2a1f0c9b8e77');
    const reconcile = await request(app).post(`/pipelines/${PIPELINE_ID}/drift/reconcile`).expect(202);
    assertShape('ExecutionAnswer', reconcile.body);
    assert.equal(reconcile.body.executionId, 'execution-2');
    assert.deepEqual(orchestrator.calls, [
      { method: 'checkDrift', arguments: [PIPELINE_ID, 'sandbox-user'] },
      { method: 'reconcile', arguments: [PIPELINE_ID, 'sandbox-user'] },
    ]);
  });

  for (const [path, sent] of [
    ['run', undefined],
    ['rollback', { revision: 1 }],
  ] as const) {
    it(`POST /pipelines/:id/${path} answers 202 with the execution, in camelCase`, async () => {
      const { app } = await provisioned();
      const { body } = await request(app).post(`/pipelines/${PIPELINE_ID}/${path}`).send(sent).expect(202);
      assertShape('ExecutionAnswer', body);
      assert.deepEqual([body.pipelineId, body.executionId], [PIPELINE_ID, 'execution-2']);
    });
  }

  it('DELETE /pipelines/:id?preview=true answers with the key names of the guide', async () => {
    const { app } = await provisioned();
    const { body } = await request(app).delete(`/pipelines/${PIPELINE_ID}?preview=true`).expect(200);
    assertShape('GuidePreviewAnswer', body);
  });

  it('POST /pipelines/:id/preview lays the body over the request; without a body nothing', async () => {
    const { app, orchestrator } = await provisioned();
    const change = { inference_instance: 'ml.m5.xlarge' };
    const { body } = await request(app).post(`/pipelines/${PIPELINE_ID}/preview`).send(change).expect(200);
    assertShape('PreviewAnswer', body);
    await request(app).post(`/pipelines/${PIPELINE_ID}/preview`).expect(200);
    assert.deepEqual(
      orchestrator.calls.map((call) => call.arguments),
      [
        [PIPELINE_ID, change],
        [PIPELINE_ID, {}],
      ],
    );
  });

  it('GET /pipeline-types names all twelve types', async () => {
    const { app } = testApi();
    const { body } = await request(app).get('/pipeline-types').expect(200);
    assert.equal(body.length, 12);
  });

  it('GET /pipeline-types/:type of a type that is not there is 404 and names those that are', async () => {
    const { app } = testApi();
    const { body } = await request(app).get('/pipeline-types/byom_realtime').expect(404);
    assert.match(body.detailedMessage, /byom_realtime_builtin/);
  });

  it('GET /readyz answers 503 with the checks while the service is not ready', async () => {
    const { app, orchestrator } = testApi();
    orchestrator.ready = { ready: false, checks: { database: { ok: false, detail: 'no connection' } } };
    const { body } = await request(app).get('/readyz').expect(503);
    assert.deepEqual(body, orchestrator.ready);
    await request(app).get('/healthz').expect(200, { status: 'ok' });
  });

  it('knows no ids that cannot be ids', async () => {
    const { app, orchestrator } = testApi();
    for (const id of ['a'.repeat(300), '%00', 'a%00b', 'a%20b', '-a', '..%2f..', '%F0%9F%98%80', '%2e%2e']) {
      for (const path of [
        `/pipelines/${id}`,
        `/pipelines/${id}/history`,
        `/executions/${id}`,
        `/executions/${id}/events`,
      ]) {
        await request(app).get(path).expect(404);
      }
    }
    assert.deepEqual(orchestrator.calls, []);
  });

  it('answers 400 to a path that cannot be decoded', async () => {
    const { app } = testApi();
    for (const path of ['/pipelines/%', '/pipelines/%E0%A4%A', '/executions/%ff/events']) {
      const response = await request(app).get(path).expect(400);
      assert.equal(response.body.message, 'A BadRequest exception occurred');
      assert.equal(response.headers['x-error-code'], 'PATH_INVALID');
    }
  });

  it('answers 404 to unknown paths, in any letter case but its own', async () => {
    const { app } = testApi();
    for (const path of ['/nothing', '/PIPELINES', '/pipelines/a/b', '/provisionpipeline/x', '/__proto__']) {
      const { body } = await request(app).get(path).expect(404);
      assert.equal(body.message, 'A NotFound exception occurred');
      assertShape('Error', body);
    }
  });
});

describe('methods', () => {
  for (const [path, allow] of KNOWN) {
    it(`${path}: OPTIONS answers 204, any other than ${allow} 405 with Allow`, async () => {
      const { app, orchestrator } = await provisioned();
      const options = await request(app).options(path).expect(204);
      assert.equal(options.headers.allow, allow);
      assert.equal(options.text, '');
      for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
        if (allow.includes(method.toUpperCase())) continue;
        const response = await request(app)[method](path).expect(405);
        assert.equal(response.headers.allow, allow);
        assert.equal(response.body.message, 'A MethodNotAllowed exception occurred');
      }
      assert.deepEqual(orchestrator.calls, []);
    });
  }

  for (const [path, allow] of KNOWN.filter(([, methods]) => methods.includes('GET'))) {
    it(`HEAD ${path} answers as GET does, without the body`, async () => {
      const { app, orchestrator } = await provisioned();
      orchestrator.finish('execution-1');
      const [head, get] = [await headOf(app, path), await request(app).get(path).expect(200)];
      assert.equal(head.status, 200, allow);
      assert.equal(head.headers['content-type'], get.headers['content-type']);
      assert.equal(head.text ?? '', '');
    });
  }

  it('HEAD of something that is not there is 404', async () => {
    await request(testApi().app).head('/pipelines/nothing').expect(404);
  });
});

function headOf(app: Express, path: string): Promise<request.Response> {
  return request(app)
    .head(path)
    .then((response) => response);
}
