import assert from 'node:assert/strict';
import request from 'supertest';
import { ANSWERS } from '../../api/answers.ts';
import type { AuditEntry } from '../../automation/audit/audit-log.ts';
import { OrchestratorError } from '../../automation/errors.ts';
import type { StoredNotification } from '../../automation/notifications/notification-log.ts';
import { REQUEST, testApi } from '../support/api.ts';

const EXECUTION = '3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11';
const AT = '2026-01-02T03:04:05.000Z';

/** Newest first. */
function entries(count: number): AuditEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    id: count - index,
    at: AT,
    principal: 'kim',
    action: 'provision',
    pipelineId: 'p',
    executionId: EXECUTION,
    detail: { revision: 1 },
  }));
}

function withEntries(count: number) {
  const api = testApi();
  api.orchestrator.auditEntries.push(...entries(count));
  return api;
}

function linesOf(text: string): AuditEntry[] {
  assert.ok(text === '' || text.endsWith('\n'));
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditEntry);
}

describe('GET /audit', () => {
  it('answers with a page in the published shape, and where the next one begins', async () => {
    const { app, orchestrator } = withEntries(150);
    const { body } = await request(app).get('/audit').expect(200);
    assert.equal(ANSWERS.AuditPage.validate(body).error?.message, undefined);
    assert.deepEqual([body.entries.length, body.entries[0].id, body.next], [100, 150, 51]);
    const { body: rest } = await request(app).get('/audit?after=51').expect(200);
    assert.deepEqual([rest.entries.length, rest.entries.at(-1).id, rest.next], [50, 1, undefined]);
    assert.deepEqual(
      orchestrator.calls.map((call) => call.arguments),
      [[{ limit: 100 }], [{ limit: 100, after: 51 }]],
    );
  });

  it('passes the filters on', async () => {
    const { app, orchestrator } = testApi();
    const query = {
      principal: 'arn:aws:iam::111122223333:user/kim',
      action: 'approve',
      pipelineId: 'p',
      executionId: EXECUTION,
      environment: 'prod',
      since: AT,
      until: '2026-02-01',
      limit: '1000',
    };
    await request(app).get('/audit').query(query).expect(200);
    const [filter] = orchestrator.calls[0]?.arguments ?? [];
    assert.deepEqual(filter, { ...query, since: new Date(AT), until: new Date('2026-02-01'), limit: 1_000 });
  });

  for (const query of [
    'limit=0',
    'limit=1001',
    'limit=x',
    'after=0',
    'after=-1',
    'executionId=1',
    'executionId=[3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11]',
    'executionId=(3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11)',
    'action=steal',
    'since=yesterday',
    // JavaScript has these times, PostgreSQL has not.
    'until=-271821-04-20T00:00:00Z',
    'since=%2B275760-09-13T00:00:00Z',
    'environment=test',
    'principal=a%00b',
    'pipelineId=a%00b',
    'format=xml',
    'who=kim',
    'limit=1&limit=2',
  ]) {
    it(`refuses ?${query}`, async () => {
      const { app, orchestrator } = testApi();
      const { body } = await request(app).get(`/audit?${query}`).expect(400);
      assert.equal(body.errors.length, 1);
      assert.deepEqual(orchestrator.calls, []);
    });
  }

  describe('as JSON lines', () => {
    it('gives all pages, one entry a line', async () => {
      const { app, orchestrator } = withEntries(2_345);
      const { text, type } = await request(app).get('/audit?format=jsonl&principal=kim').buffer(true).expect(200);
      assert.equal(type, 'application/x-ndjson');
      assert.deepEqual(linesOf(text), entries(2_345));
      const afters = orchestrator.calls.map((call) => (call.arguments[0] as { after?: number }).after);
      assert.deepEqual(afters, [undefined, 1_346, 346]);
      assert.ok(orchestrator.calls.every((call) => (call.arguments[0] as AuditEntry).principal === 'kim'));
    });

    it('gives no more than the limit', async () => {
      const { app } = withEntries(2_345);
      const { text } = await request(app).get('/audit?format=jsonl&limit=7').buffer(true).expect(200);
      assert.deepEqual(linesOf(text), entries(2_345).slice(0, 7));
    });

    it('may be asked for with Accept, and is not what is given where both would do', async () => {
      const { app } = withEntries(3);
      const lines = await request(app).get('/audit').set('Accept', 'application/x-ndjson').buffer(true).expect(200);
      assert.equal(linesOf(lines.text).length, 3);
      assert.match(String(lines.headers.vary), /Accept/);
      for (const accept of ['*/*', 'application/json, application/x-ndjson', 'text/html']) {
        const { type } = await request(app).get('/audit').set('Accept', accept).expect(200);
        assert.equal(type, 'application/json', accept);
      }
      const asked = request(app).get('/audit?format=json').set('Accept', 'application/x-ndjson');
      assert.equal((await asked.expect(200)).type, 'application/json');
    });

    it('is nothing where there is nothing, and without a body for HEAD', async () => {
      const { app, orchestrator } = testApi();
      assert.equal((await request(app).get('/audit?format=jsonl').buffer(true).expect(200)).text, '');
      orchestrator.calls.length = 0;
      const { type } = await request(app).head('/audit?format=jsonl').expect(200);
      assert.equal(type, 'application/x-ndjson');
      assert.deepEqual(orchestrator.calls, []);
    });

    it('answers with an error where the first page cannot be had', async () => {
      const { app, orchestrator } = testApi();
      orchestrator.failures.set('audit', new OrchestratorError('DATABASE_UNAVAILABLE', 'away'));
      await request(app).get('/audit?format=jsonl').expect(503);
    });

    it('is cut off if a later page cannot be read, so that it is not mistaken for the complete list', async () => {
      const { app, orchestrator } = withEntries(1_500);
      const audit = orchestrator.audit.bind(orchestrator);
      orchestrator.audit = async (filter) => {
        if (filter.after !== undefined) throw new OrchestratorError('DATABASE_UNAVAILABLE', 'away');
        return await audit(filter);
      };
      await assert.rejects(async () => await request(app).get('/audit?format=jsonl').buffer(true));
    });
  });
});

describe('refusals for want of a role', () => {
  const roles = { viewer: ['kim'], provisioner: [], approver: [], admin: ['root'] };

  it('are kept, with who tried what', async () => {
    const { app, orchestrator } = testApi({ roles });
    const as = { 'x-caller': 'kim' };
    await request(app).post('/provisionpipeline?preview=true').set(as).send(REQUEST).expect(403);
    await request(app).delete('/pipelines/my-pipeline').set(as).expect(403);
    await request(app).post(`/executions/${EXECUTION}/retry`).set(as).expect(403);
    // Neither can be the id of anything, and the database would not take the first.
    await request(app).delete('/pipelines/a%00b').set(as).expect(403);
    await request(app).post('/executions/1/retry').set(as).expect(403);
    const principal = 'kim';
    const role = 'provisioner';
    assert.deepEqual(
      orchestrator.calls.map((call) => [call.method, call.arguments[0]]),
      [
        ['recordDenied', { principal, role, method: 'POST', path: '/provisionpipeline' }],
        [
          'recordDenied',
          { principal, role, method: 'DELETE', path: '/pipelines/my-pipeline', pipelineId: 'my-pipeline' },
        ],
        [
          'recordDenied',
          { principal, role, method: 'POST', path: `/executions/${EXECUTION}/retry`, executionId: EXECUTION },
        ],
        ['recordDenied', { principal, role, method: 'DELETE', path: '/pipelines/a%00b' }],
        ['recordDenied', { principal, role, method: 'POST', path: '/executions/1/retry' }],
      ],
    );
  });

  it('are refusals even if they cannot be kept', async () => {
    const { app, orchestrator, log } = testApi({ roles });
    orchestrator.failures.set('recordDenied', new Error('no database'));
    await request(app).get('/audit').set('x-caller', 'kim').expect(403);
    assert.ok(log.some((line) => line.includes('could not be kept in the audit log') && line.includes('no database')));
  });

  it('are not kept of strangers, who could fill the log', async () => {
    const { app, orchestrator } = testApi({ roles, gatewaySecret: 'a-secret-of-the-gateway' });
    await request(app).get('/audit').set('x-mlops-caller', 'kim').expect(401);
    assert.deepEqual(orchestrator.calls, []);
  });
});

describe('GET /notifications', () => {
  const published = (id: number): StoredNotification => ({
    id,
    at: AT,
    kind: 'failed',
    pipelineId: 'p',
    executionId: EXECUTION,
    environment: 'dev',
    subject: 'Deployment failed in dev: p',
    message: 'text',
    data: { revision: 1 },
    delivery: 'delivered',
    delivered: AT,
    attempts: 0,
  });

  it('answers with a page in the published shape, and where the next one begins', async () => {
    const { app, orchestrator } = testApi();
    orchestrator.notificationEntries.push(published(2), published(1));
    const { body } = await request(app).get('/notifications?limit=1').expect(200);
    assert.equal(ANSWERS.NotificationPage.validate(body).error?.message, undefined);
    assert.deepEqual(body, { entries: [published(2)], next: 2 });
  });

  it('passes the filters on', async () => {
    const { app, orchestrator } = testApi();
    const query = { kind: 'approval-needed', pipelineId: 'p', executionId: EXECUTION, since: AT, after: '5' };
    await request(app).get('/notifications').query(query).expect(200);
    const [filter] = orchestrator.calls[0]?.arguments ?? [];
    assert.deepEqual(filter, { ...query, since: new Date(AT), after: 5, limit: 100 });
    await request(app).get('/notifications?kind=gossip').expect(400);
    await request(app).get('/notifications?since=-271821-04-20T00:00:00Z').expect(400);
    await request(app).get('/notifications?until=2026-01-01').expect(400);
  });
});
