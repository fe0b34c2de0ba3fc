import assert from 'node:assert/strict';
import request from 'supertest';
import { exchange, listening, REQUEST, testApi } from '../support/api.ts';

const SECRET = 'a-secret-of-the-gateway';
const ARN = 'arn:aws:sts::111122223333:assumed-role/DataScientist/kim@example.com';

describe('identity', () => {
  it('takes the caller from the header when the gateway has said its secret', async () => {
    const { app, orchestrator } = testApi({ gatewaySecret: SECRET });
    await request(app)
      .post('/provisionpipeline')
      .set({ 'x-mlops-caller': ARN, 'x-mlops-gateway-secret': SECRET })
      .send(REQUEST)
      .expect(200);
    assert.equal(orchestrator.calls[0]?.arguments[1], ARN);
  });

  for (const [what, headers] of [
    ['without headers', {}],
    ['without the secret', { 'x-mlops-caller': ARN }],
    ['with a wrong secret', { 'x-mlops-caller': ARN, 'x-mlops-gateway-secret': 'a-secret-of-the-gatewax' }],
    ['with part of the secret', { 'x-mlops-caller': ARN, 'x-mlops-gateway-secret': SECRET.slice(0, 5) }],
    ['without a caller', { 'x-mlops-gateway-secret': SECRET }],
    ['with a caller that is none', { 'x-mlops-caller': 'a b\tc', 'x-mlops-gateway-secret': SECRET }],
  ] as [string, Record<string, string>][]) {
    it(`answers 401 ${what}`, async () => {
      const { app, orchestrator } = testApi({ gatewaySecret: SECRET });
      const { body } = await request(app).post('/provisionpipeline').set(headers).send(REQUEST).expect(401);
      assert.equal(body.message, 'An Unauthorized exception occurred');
      assert.ok(!JSON.stringify(body).includes(SECRET));
      assert.deepEqual(orchestrator.calls, []);
    });
  }

  it('lets probes through unsigned', async () => {
    const { app } = testApi({ gatewaySecret: SECRET });
    for (const path of ['/healthz', '/readyz', '/metrics']) await request(app).get(path).expect(200);
    await request(app).get('/pipelines').expect(401);
    await request(app).get('/openapi.json').expect(401);
  });

  it('tells a stranger neither what a path takes nor whether it is there', async () => {
    const { app } = testApi({ gatewaySecret: SECRET });
    await request(app).get('/nothing').expect(401);
    await request(app).put('/pipelines').expect(401);
    await request(app).options('/pipelines').expect(401);
    await request(app).post('/provisionpipeline').set('Content-Type', 'text/plain').send('x').expect(401);
  });

  it('takes either of two secrets while the gateway changes from one to the other, and no part of both', async () => {
    const { app } = testApi({ gatewaySecret: `the-next-secret-of-it,${SECRET}` });
    const call = (secret: string) =>
      request(app).get('/pipelines').set({ 'x-mlops-caller': ARN, 'x-mlops-gateway-secret': secret });
    await call(SECRET).expect(200);
    await call('the-next-secret-of-it').expect(200);
    await call(`the-next-secret-of-it,${SECRET}`).expect(401);
    await call('').expect(401);
  });

  it('says what the gateway does wrong where it names no caller', async () => {
    const { app } = testApi({ gatewaySecret: SECRET });
    const { body } = await request(app).get('/pipelines').set('x-mlops-gateway-secret', SECRET).expect(401);
    assert.match(body.detailedMessage, /x-mlops-caller/);
  });

  describe('where there is no gateway', () => {
    const callerGiven = async (headers: Record<string, string>) => {
      const { app, orchestrator } = testApi();
      await request(app).post('/provisionpipeline').set(headers).send(REQUEST).expect(200);
      return orchestrator.calls[0]?.arguments[1];
    };

    it('is what x-caller says', async () => {
      assert.equal(await callerGiven({ 'x-caller': ARN }), ARN);
    });

    it('is sandbox-user by default, whatever the headers of a gateway say', async () => {
      assert.equal(await callerGiven({ 'x-mlops-caller': ARN, 'x-mlops-gateway-secret': '' }), 'sandbox-user');
    });

    for (const caller of ['', 'a b', 'x'.repeat(513), 'é']) {
      it(`is not ${JSON.stringify(caller.slice(0, 10))}`, async () => {
        const { app, orchestrator } = testApi();
        await listening(app, async ({ port }) => {
          const sent = `GET /pipelines HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Caller: ${caller}\r\n\r\n`;
          const answer = await exchange(port, Buffer.from(sent, 'latin1'));
          assert.match(answer, /^HTTP\/1.1 401 /);
          assert.match(answer, /The header x-caller must be an ARN or a name/);
        });
        assert.deepEqual(orchestrator.calls, []);
      });
    }
  });

  it('ignores x-caller where there is a gateway', async () => {
    const { app, orchestrator } = testApi({ gatewaySecret: SECRET });
    await request(app)
      .post('/provisionpipeline')
      .set({ 'x-mlops-caller': ARN, 'x-mlops-gateway-secret': SECRET, 'x-caller': 'lee' })
      .send(REQUEST)
      .expect(200);
    assert.equal(orchestrator.calls[0]?.arguments[1], ARN);
    await request(app).get('/pipelines').set('x-caller', 'lee').expect(401);
  });
});

describe('rate limit', () => {
  const as = (caller: string) => ({ 'x-mlops-caller': caller, 'x-mlops-gateway-secret': SECRET });

  it('answers 429 with Retry-After, caller by caller, and never to probes', async () => {
    const { app } = testApi({ gatewaySecret: SECRET, rateLimitPerMinute: 3 });
    for (let call = 0; call < 3; call++) await request(app).get('/pipelines').set(as('kim')).expect(200);
    const response = await request(app).get('/pipelines').set(as('kim')).expect(429);
    assert.equal(response.body.message, 'A TooManyRequests exception occurred');
    assert.ok(Number(response.headers['retry-after']) > 0);
    assert.ok(Number(response.headers['retry-after']) <= 60);
    await request(app).get('/pipelines').set(as('lee')).expect(200);
    for (let call = 0; call < 5; call++) await request(app).get('/healthz').expect(200);
  });

  it('counts guesses at the secret by address', async () => {
    const { app } = testApi({ gatewaySecret: SECRET, rateLimitPerMinute: 2 });
    const guess = () => request(app).get('/pipelines').set('X-Forwarded-For', `10.0.0.${Math.random()}`);
    await guess().expect(401);
    await guess().expect(401);
    await guess().expect(429);
  });

  it('is off at 0', async () => {
    const { app } = testApi({ rateLimitPerMinute: 0 });
    for (let call = 0; call < 20; call++) {
      const { headers } = await request(app).get('/pipelines').expect(200);
      assert.equal(headers.ratelimit, undefined);
    }
  });
});

describe('request id and log', () => {
  it('keeps a harmless id of the caller, on refusals too', async () => {
    const { app } = testApi();
    for (const path of ['/pipelines', '/nothing']) {
      const { headers } = await request(app).get(path).set('X-Request-Id', 'JKJaXmPLvHcESHA=');
      assert.equal(headers['x-request-id'], 'JKJaXmPLvHcESHA=');
    }
  });

  for (const id of ['', 'a b', 'x'.repeat(129), '"quoted"', '<script>', 'é']) {
    it(`makes its own id instead of ${JSON.stringify(id.slice(0, 10))}`, async () => {
      const { app } = testApi();
      await listening(app, async ({ port }) => {
        const sent = `GET /pipelines HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Request-Id: ${id}\r\n\r\n`;
        const answer = await exchange(port, Buffer.from(sent, 'latin1'));
        assert.match(answer, /\r\nX-Request-Id: [0-9a-f]{8}-[0-9a-f-]{27}\r\n/);
      });
    });
  }

  it('logs method, path, status and id of a request, and no header, query or body', async () => {
    const { app, log } = testApi({ gatewaySecret: SECRET });
    await request(app)
      .post('/provisionpipeline?validate_only=true')
      .set({ 'x-mlops-caller': ARN, 'x-mlops-gateway-secret': SECRET, 'X-Request-Id': 'the-request' })
      .set({ Authorization: 'AWS4-HMAC-SHA256 hunter2', Cookie: 'session=hunter2', 'x-amz-security-token': 'hunter2' })
      .send({ ...REQUEST, secret: 'hunter2' })
      .expect(200);
    await request(app).get('/pipelines?token=hunter2').set('Authorization', 'Bearer hunter2').expect(401);
    const lines = log.map((line) => JSON.parse(line)).filter((line) => line.res);
    assert.equal(lines.length, 2);
    const { id, method, path } = lines[0].req;
    assert.deepEqual({ id, method, path }, { id: 'the-request', method: 'POST', path: '/provisionpipeline' });
    assert.equal(lines[0].res.status, 200);
    assert.equal(typeof lines[0].responseTime, 'number');
    for (const secret of ['hunter2', SECRET, 'validate_only']) assert.ok(!log.join('').includes(secret), secret);
  });

  it('does not log probes that go well', async () => {
    const { app, orchestrator, log } = testApi();
    await request(app).get('/readyz').expect(200);
    assert.deepEqual(log, []);
    orchestrator.ready = { ready: false, checks: {} };
    await request(app).get('/readyz').expect(503);
    assert.equal(log.length, 1);
  });
});

describe('headers', () => {
  it('says nothing of the framework, forbids sniffing and caching', async () => {
    const { headers } = await request(testApi().app).get('/pipelines').expect(200);
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers.etag, undefined);
  });
});
