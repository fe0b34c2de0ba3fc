import assert from 'node:assert/strict';
import type { Express } from 'express';
import request from 'supertest';
import { testApi } from '../support/api.ts';

interface Operation {
  operationId: string;
  tags?: string[];
  security?: object[];
  'x-role': string;
}

/** What the page refers to, relative to `/docs`. */
function linked(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
}

async function operationsOf(app: Express): Promise<Operation[]> {
  const { paths } = (await request(app).get('/openapi.json').expect(200)).body as {
    paths: Record<string, Record<string, Operation>>;
  };
  return Object.values(paths).flatMap((methods) => Object.values(methods));
}

describe('the page of the API', () => {
  it('loads only what the service serves, under a policy that forbids all else', async () => {
    const { app } = testApi();
    const page = await request(app)
      .get('/docs')
      .expect(200)
      .expect('Content-Type', /^text\/html/);
    const policy = page.get('Content-Security-Policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    assert.ok(!/script-src[^;]*unsafe/.test(policy), policy);
    assert.ok(!/<script>|\son\w+=/.test(page.text), 'no script inside the page');
    const paths = linked(page.text);
    assert.ok(paths.length >= 4, page.text);
    for (const path of paths) {
      const type = path.endsWith('.js')
        ? /javascript/
        : path.endsWith('.css')
          ? /css/
          : path.endsWith('.png')
            ? /png/
            : /json/;
      const file = await request(app)
        .get(new URL(path, 'http://api/docs').pathname)
        .expect(200)
        .expect('Content-Type', type);
      assert.ok(Number(file.get('Content-Length')) > 50 || file.text.length > 50, path);
    }
  });

  it('serves no other file of the package, and none outside of it', async () => {
    const { app } = testApi();
    for (const file of [
      'index.html',
      'package.json',
      'swagger-ui.js',
      '..%2f..%2fpackage.json',
      '%2e%2e%2fREADME.md',
    ]) {
      const { headers } = await request(app).get(`/docs/${file}`).expect(404);
      assert.equal(headers['x-error-code'], 'PATH_NOT_FOUND', file);
    }
  });

  it('is where `/` sends a browser; programs get links instead, which lead somewhere', async () => {
    const { app } = testApi();
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const { headers } = await request(app).get('/').set('Accept', browser).expect(303);
    assert.equal(new URL(headers.location ?? '', 'http://api/').pathname, '/docs');
    const { body } = await request(app).get('/').set('Accept', '*/*').expect(200);
    for (const link of Object.values((body as { links: Record<string, string> }).links)) {
      await request(app).get(new URL(link, 'http://api/').pathname).expect(200);
    }
  });

  it('lists every call under a heading', async () => {
    for (const { operationId, tags } of await operationsOf(testApi().app)) assert.equal(tags?.length, 1, operationId);
  });

  it('asks for signatures where a gateway checks them, but not for probes', async () => {
    for (const { operationId, security } of await operationsOf(testApi().app)) {
      assert.equal(security, undefined, operationId);
    }
    const gatewaySecret = 'gateway-secret-of-tests';
    const { app } = testApi({ gatewaySecret });
    const { body } = await request(app)
      .get('/openapi.json')
      .set({ 'x-mlops-caller': 'arn:aws:iam::111111111111:user/ada', 'x-mlops-gateway-secret': gatewaySecret })
      .expect(200);
    const document = body as {
      paths: Record<string, Record<string, Operation>>;
      components: { securitySchemes: Record<string, Record<string, string>> };
    };
    assert.equal(document.components.securitySchemes.sigv4?.['x-amazon-apigateway-authtype'], 'awsSigv4');
    for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
      const expected = operation['x-role'] === 'open' ? undefined : [{ sigv4: [] }];
      assert.deepEqual(operation.security, expected, operation.operationId);
    }
  });
});
