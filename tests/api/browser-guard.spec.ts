import assert from 'node:assert/strict';
import request from 'supertest';
import { REQUEST, testApi } from '../support/api.ts';

const FOREIGN = 'https://attacker.example';

describe('web pages', () => {
  for (const [what, headers, code] of [
    ['the Origin of another site', { Origin: FOREIGN }, 'ORIGIN_NOT_ALLOWED'],
    ['the Origin of another port', { Origin: 'http://127.0.0.1:3000' }, 'ORIGIN_NOT_ALLOWED'],
    ['an opaque Origin', { Origin: 'null' }, 'ORIGIN_NOT_ALLOWED'],
    ['an Origin that is none', { Origin: '*' }, 'ORIGIN_NOT_ALLOWED'],
    ['Sec-Fetch-Site: cross-site', { 'Sec-Fetch-Site': 'cross-site' }, 'ORIGIN_NOT_ALLOWED'],
    ['Sec-Fetch-Site: same-site', { 'Sec-Fetch-Site': 'same-site' }, 'ORIGIN_NOT_ALLOWED'],
    ['a foreign Host', { Host: 'attacker.example:8080' }, 'HOST_NOT_ALLOWED'],
    ['a Host that only begins like loopback', { Host: '127.0.0.1.attacker.example' }, 'HOST_NOT_ALLOWED'],
    ['a Host that only ends like loopback', { Host: 'x.localhost' }, 'HOST_NOT_ALLOWED'],
    ['the address of another machine', { Host: '192.168.1.5' }, 'HOST_NOT_ALLOWED'],
    ['an empty Host', { Host: '' }, 'HOST_NOT_ALLOWED'],
    [
      'DNS rebinding, where page and service are of one origin',
      { Host: 'attacker.example', Origin: 'http://attacker.example', 'Sec-Fetch-Site': 'same-origin' },
      'HOST_NOT_ALLOWED',
    ],
  ] as [string, Record<string, string>, string][]) {
    it(`refuses ${what}, for every method`, async () => {
      const { app, orchestrator } = testApi();
      for (const call of [
        request(app).post('/provisionpipeline').set('Content-Type', 'text/plain').send(JSON.stringify(REQUEST)),
        request(app).delete('/pipelines/x'),
        request(app).get('/pipelines/x/history'),
        request(app).options('/pipelines'),
        request(app).get('/metrics'),
        request(app).post('/webhooks/github').send({}),
      ]) {
        const response = await call.set(headers).expect(403);
        assert.equal(response.headers['x-error-code'], code);
        assert.equal(response.headers['access-control-allow-origin'], undefined);
      }
      assert.deepEqual(orchestrator.calls, []);
    });
  }

  for (const [what, headers] of [
    ['a program, which sends no such headers', {}],
    ['localhost', { Host: 'localhost:8080' }],
    ['IPv6 loopback', { Host: '[::1]:8080' }],
    ['loopback other than 127.0.0.1', { Host: '127.1.2.3' }],
    ['an address typed into a browser', { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }],
    ['its own origin', { Host: 'localhost:8080', Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'same-origin' }],
    [
      'its own origin, of a browser without Sec-Fetch-Site',
      { Host: 'localhost:8080', Origin: 'http://localhost:8080' },
    ],
    [
      'a link in a message',
      { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
    ],
  ] as [string, Record<string, string>][]) {
    it(`answers ${what}`, async () => {
      await request(testApi().app).get('/pipelines').set(headers).expect(200);
    });
  }

  it('are refused where they submit a form, whose navigation looks like that of a link', async () => {
    const { app } = testApi();
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
    await request(app).post('/provisionpipeline').set(headers).type('text/plain').send('{}').expect(403);
    await request(app)
      .get('/pipelines')
      .set({ ...headers, 'Sec-Fetch-Dest': 'iframe' })
      .expect(403);
  });

  it('are refused what they have a browser fetch ahead, without a click', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
    for (const purpose of ['prefetch', 'prefetch;prerender', 'prefetch;anonymous-client-ip']) {
      await request(testApi().app)
        .get('/pipelines/x/history')
        .set({ ...headers, 'Sec-Purpose': purpose })
        .expect(403);
    }
  });

  it('may name the host of PUBLIC_URL', async () => {
    const { app } = testApi({ publicUrl: 'https://mlops.example.com/api' });
    await request(app).get('/pipelines').set('Host', 'MLOps.example.com').expect(200);
    await request(app).get('/pipelines').set('Host', 'example.com').expect(403);
  });

  it('are no concern behind a gateway, whose secret none of them knows', async () => {
    const { app } = testApi({ gatewaySecret: 'a-secret-of-the-gateway' });
    await request(app).get('/healthz').set('Host', '10.0.0.7').expect(200);
    await request(app).get('/pipelines').set('Origin', FOREIGN).expect(401);
  });
});
