/** The sandbox's API Gateway: addresses of HTTP APIs that answer on loopback, through the code of their function. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { HttpGateway } from '../../sandbox/aws/http-gateway.ts';
import { startHttpGateway } from '../../sandbox/aws/http-gateway.ts';
import { Account, FUNCTION, archive } from './support.ts';

const ECHO = `export const handler = async ({ routeKey, rawPath, body, isBase64Encoded, requestContext }) => {
  if (body === 'fail') throw new Error('the function failed');
  return body === 'plain' ? { plain: true } : {
    statusCode: 201,
    headers: { 'Content-Type': 'text/csv', 'x-stage': requestContext.stage },
    body: [routeKey, rawPath, Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString()].join(' '),
  };
};`;

describe('sandbox AWS: HTTP APIs', () => {
  let account: Account;
  let gateway: HttpGateway;
  let url: string;

  const logger = pino({ enabled: false });

  before(async () => {
    account = await Account.open();
    gateway = await startHttpGateway(account.settings, 0, logger);
    const role = await account.role('fn-role', 'lambda.amazonaws.com');
    const fn = await account.create(FUNCTION, 'fn', {
      role: role.properties['arn'] ?? '',
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      code: archive(ECHO, 'echo'),
    });
    const api = await account.create('aws:apigatewayv2/api:Api', 'api', { protocolType: 'HTTP' });
    const integration = await account.create('aws:apigatewayv2/integration:Integration', 'integration', {
      apiId: api.id,
      integrationType: 'AWS_PROXY',
      integrationUri: fn.properties['arn'] ?? '',
      payloadFormatVersion: '2.0',
    });
    const target = `integrations/${integration.id}`;
    await account.create('aws:apigatewayv2/route:Route', 'route', { apiId: api.id, routeKey: 'POST /echo', target });
    await account.create('aws:apigatewayv2/stage:Stage', 'stage', { apiId: api.id, name: 'prod', autoDeploy: true });
    url = `${String(api.properties['apiEndpoint'])}/prod`;
  });

  after(async () => {
    await gateway.close();
    await account.remove();
  });

  const post = async (path: string, body: string, headers: Record<string, string> = {}) =>
    await fetch(`${url}${path}`, { method: 'POST', body, headers: { 'Content-Type': 'text/csv', ...headers } });

  it('answer with what the function returns, bytes included', async () => {
    assert.ok(url.startsWith(`${gateway.url}/111111111111/us-east-1/`), url);
    for (const type of ['text/csv', 'application/octet-stream']) {
      const answer = await post('/echo', '1,2', { 'Content-Type': type });
      assert.deepEqual(
        [answer.status, answer.headers.get('content-type'), answer.headers.get('x-stage')],
        [201, 'text/csv', 'prod'],
      );
      assert.equal(await answer.text(), 'POST /echo /prod/echo 1,2');
    }
    const plain = await post('/echo', 'plain');
    assert.deepEqual([plain.status, await plain.json()], [200, { plain: true }]);
  });

  it('answer as API Gateway for what they do not have, for a function that fails, and for web pages', async () => {
    const missing = await post('/other', '');
    assert.deepEqual([missing.status, await missing.json()], [404, { message: 'Not Found' }]);
    assert.equal((await fetch(`${gateway.url}/`)).status, 404);
    const failed = await post('/echo', 'fail');
    assert.deepEqual([failed.status, await failed.json()], [500, { message: 'Internal Server Error' }]);
    assert.equal((await post('/echo', '1', { Origin: 'https://example.com' })).status, 403);
  });

  it('keep their address when the sandbox starts again, unless something else has the port', async () => {
    const { url: first } = gateway;
    await gateway.close();
    gateway = await startHttpGateway(account.settings, 0, logger);
    assert.deepEqual([gateway.url, gateway.moved], [first, false]);
    await gateway.close();
    const squatter = createServer().listen(Number(new URL(first).port), '127.0.0.1');
    try {
      gateway = await startHttpGateway(account.settings, 0, logger);
      assert.equal(gateway.moved, true);
      assert.notEqual(Number(new URL(gateway.url).port), (squatter.address() as AddressInfo).port);
    } finally {
      squatter.close();
    }
  });
});
