import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import request from 'supertest';
import { MAX_DEPTH, MAX_KEYS, MAX_VALUES } from '../../blueprints/request/bounds.ts';
import { until } from '../support/until.ts';
import { exchange, listening, PIPELINE_ID, REQUEST, testApi } from '../support/api.ts';

const MEBIBYTE = 1024 * 1024;

/** Bytes of a POST with this body. */
function post(body: Buffer, headers = 'Content-Type: application/json', path = '/provisionpipeline'): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${headers}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** A valid request of exactly so many bytes. */
function requestOf(bytes: number): string {
  const empty = JSON.stringify({ ...REQUEST, padding: '' });
  return JSON.stringify({ ...REQUEST, padding: 'x'.repeat(bytes - empty.length) });
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

describe('large bodies', () => {
  it('are read a few at a time, so that they keep nothing else waiting, and ordinary ones are read all the same', async () => {
    const path = '/provisionpipeline';
    const whole = post(Buffer.from(requestOf(900_000)), undefined, path);
    await listening(testApi().app, async ({ port }) => {
      const slow = Array.from({ length: 4 }, () => {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        // The rest never comes.
        socket.write(post(Buffer.alloc(MEBIBYTE, ' '), undefined, '/pipelinestatus').subarray(0, 1_000));
        return socket;
      });
      let refused = '';
      await until(async () => {
        refused = await exchange(port, whole);
        return statusOf(refused) === 503;
      }, 'a fifth large body is refused, whatever its route');
      assert.match(refused, /^retry-after: \d+/im);
      assert.match(refused, /SERVICE_BUSY/);
      assert.equal(statusOf(await exchange(port, post(Buffer.from(JSON.stringify(REQUEST))))), 200);
      assert.equal(statusOf(await exchange(port, post(Buffer.alloc(MEBIBYTE + 1, ' ')))), 413);
      for (const socket of slow) socket.destroy();
      await until(async () => statusOf(await exchange(port, whole)) === 200, 'large bodies are read again');
    });
  });
});

describe('bodies', () => {
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'application/vnd.mlops+json',
  ]) {
    it(`takes "${type}"`, async () => {
      await request(testApi().app)
        .post('/provisionpipeline')
        .set('Content-Type', type)
        .send(JSON.stringify(REQUEST))
        .expect(200);
    });
  }

  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
    'text/json',
    'application/xml',
    'nonsense',
    ',;=',
  ]) {
    it(`answers 415 to "${type}"`, async () => {
      const { app, orchestrator } = testApi();
      const response = await request(app)
        .post(`/pipelines/${PIPELINE_ID}/preview`)
        .set('Content-Type', type)
        .send(JSON.stringify(REQUEST))
        .expect(415);
      assert.equal(response.body.message, 'An UnsupportedMediaType exception occurred');
      assert.match(response.body.detailedMessage, /application\/json/);
      assert.deepEqual(orchestrator.calls, []);
    });
  }

  it('answers 415 to a body without a content type', async () => {
    await listening(testApi().app, async ({ port }) => {
      const bytes = post(Buffer.from('{}'), 'X-Nothing: 1', '/events');
      assert.equal(statusOf(await exchange(port, bytes)), 415);
    });
  });

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream', 'nonsense']) {
    it(`parses the JSON of the guide's two calls under "${type}"`, async () => {
      const { app, orchestrator } = testApi();
      const send = (path: string, body: unknown) =>
        request(app).post(path).set('Content-Type', type).send(JSON.stringify(body)).expect(200);
      const { body } = await send('/provisionpipeline', REQUEST);
      await send('/pipelinestatus', { pipeline_id: body.pipeline_id });
      assert.deepEqual(orchestrator.calls[0]?.arguments[0], REQUEST);
    });
  }

  it("parses the JSON of the guide's calls without a content type, and refuses what is not JSON", async () => {
    await listening(testApi().app, async ({ port }) => {
      const send = (text: string) => exchange(port, post(Buffer.from(text), 'X-Nothing: 1'));
      assert.equal(statusOf(await send(JSON.stringify(REQUEST))), 200);
      assert.equal(statusOf(await send('pipeline_type=byom_realtime_builtin')), 400);
    });
  });

  it('refuses more keys and entries than any request has, before they are parsed', async () => {
    const { app, orchestrator } = testApi();
    const send = (body: string) =>
      request(app).post('/provisionpipeline').set('Content-Type', 'application/json').send(body);
    const keys = Object.fromEntries(Array.from({ length: 80_000 }, (_, index) => [`k${index}`, 1]));
    for (const body of [{ keys }, { list: Object.values(keys) }, { lists: Array(MAX_VALUES).fill([]) }]) {
      const response = await send(JSON.stringify(body)).expect(400);
      assert.equal(response.body.errors[0].rule, 'range');
      assert.match(response.body.errors[0].message, new RegExp(String(MAX_VALUES)));
    }
    // What looks like many keys inside of a string is one text.
    await send(JSON.stringify({ ...REQUEST, padding: '[{,"\\'.repeat(MAX_VALUES) })).expect(200);
    assert.equal(orchestrator.calls.length, 1);
  });

  it('refuses more keys of the request itself than all types have, before they are parsed', async () => {
    const { app, orchestrator } = testApi();
    const keys = (length: number) => Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, [1, 2]]));
    const send = (body: object) => request(app).post('/provisionpipeline').send(body);
    // The end is missing: a body that was parsed would be refused for that.
    const cut = request(app).post('/provisionpipeline').set('Content-Type', 'application/json');
    const response = await cut.send(JSON.stringify(keys(MAX_KEYS + 1)).slice(0, -1)).expect(400);
    assert.deepEqual(
      response.body.errors.map(({ rule, message }: { rule: string; message: string }) => [rule, message]),
      [['range', `has more than ${MAX_KEYS} keys`]],
    );
    assert.equal(response.body.detailedMessage, `Bad request. The body has more than ${MAX_KEYS} keys`);
    await send({ ...REQUEST, ...keys(MAX_KEYS - Object.keys(REQUEST).length) }).expect(200);
    // Deeper down, and in a list, only the number of all values counts.
    await send({ ...REQUEST, algo_hyperparamaters: keys(MAX_KEYS + 1) }).expect(200);
    assert.equal(orchestrator.calls.length, 2);
  });

  for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'compress', 'aws-chunked']) {
    it(`answers 415 to a body in ${encoding}`, async () => {
      await request(testApi().app)
        .post('/provisionpipeline')
        .set('Content-Type', 'application/json')
        .set('Content-Encoding', encoding)
        .serialize((value) => value as string)
        .send(gzipSync(JSON.stringify(REQUEST)))
        .expect(415);
    });
  }

  it('takes exactly 1 MiB and refuses one byte more with 413', async () => {
    const { app, orchestrator } = testApi();
    const send = (bytes: number) =>
      request(app).post('/provisionpipeline').set('Content-Type', 'application/json').send(requestOf(bytes));
    await send(MEBIBYTE).expect(200);
    const response = await send(MEBIBYTE + 1).expect(413);
    assert.equal(response.body.message, 'A PayloadTooLarge exception occurred');
    assert.equal(orchestrator.calls.length, 1);
  });

  it('refuses a body in chunks that grows over 1 MiB, whatever it does not announce', async () => {
    await listening(testApi().app, async ({ port }) => {
      const chunk = Buffer.alloc(MEBIBYTE, 0x20);
      const head =
        'POST /provisionpipeline HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
      const size = `${chunk.length.toString(16)}\r\n`;
      const bytes = Buffer.concat([head + size, chunk, '\r\n1\r\n \r\n0\r\n\r\n'].map((part) => Buffer.from(part)));
      assert.equal(statusOf(await exchange(port, bytes)), 413);
    });
  });

  for (const [what, body, rule] of [
    ['malformed JSON', '{"pipeline_type": ', 'json'],
    ['text', 'hello', 'json'],
    ['two values', '{} {}', 'json'],
    ['white space', '   ', 'json'],
    ['a NUL character', '{"a": {"b/c": ["\\u0000"]}}', 'characters'],
    ['a NUL character in a key', '{"\\u0000": 1}', 'characters'],
    ['half a surrogate pair', '{"a": "\\ud800"}', 'characters'],
    ['too deep nesting', '['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1), 'depth'],
    ['a number that JSON cannot hold', '{"a": 1e400}', 'range'],
    ['a key that could reach into prototypes', '{"a": {"__proto__": {}}}', 'pattern'],
    ['a million brackets', '['.repeat(500_000) + ']'.repeat(500_000), 'depth'],
  ] as const) {
    it(`answers 400 to ${what}`, async () => {
      const { app, orchestrator } = testApi();
      const response = await request(app)
        .post('/provisionpipeline')
        .set('Content-Type', 'application/json')
        .send(body)
        .expect(400);
      assert.equal(response.body.message, 'A BadRequest exception occurred');
      assert.equal(response.body.errors[0].rule, rule);
      assert.deepEqual(orchestrator.calls, []);
    });
  }

  it('points at the character that cannot be stored', async () => {
    const { body } = await request(testApi().app)
      .post('/provisionpipeline')
      .set('Content-Type', 'application/json')
      .send('{"a": {"b/c": [1, "\\u0000"]}}')
      .expect(400);
    assert.equal(body.errors[0].pointer, '/a/b~1c/1');
    assert.match(body.detailedMessage, /^Bad request\. \/a\/b~1c\/1 must not contain the NUL character/);
  });

  it('answers 400 to bytes that are not UTF-8, and takes a byte order mark', async () => {
    await listening(testApi().app, async ({ port }) => {
      const invalid = await exchange(port, post(Buffer.from([0x22, 0xc3, 0x28, 0x22])));
      assert.equal(statusOf(invalid), 400);
      assert.match(invalid, /"rule":"utf8"/);
      const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(JSON.stringify(REQUEST))]);
      assert.equal(statusOf(await exchange(port, post(marked))), 200);
    });
  });

  it('answers 400 to an empty body and says what is expected', async () => {
    const { app } = testApi();
    const provision = await request(app).post('/provisionpipeline').expect(400);
    assert.match(provision.body.detailedMessage, /pipeline_type/);
    assert.deepEqual(provision.body.errors[0].pointer, '');
    const status = await request(app).post('/pipelinestatus').set('Content-Length', '0').expect(400);
    assert.match(status.body.detailedMessage, /pipeline_id/);
  });

  it('treats an empty body in chunks as an empty one', async () => {
    await listening(testApi().app, async ({ port }) => {
      const head =
        'POST /pipelinestatus HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
      const answer = await exchange(port, head);
      assert.equal(statusOf(answer), 400);
      assert.match(answer, /The body is empty/);
    });
  });

  it('hands any JSON value on: the request rules name what is wrong', async () => {
    for (const value of ['null', '3', '"text"', '[]', 'true', '{"__proto__": {"a": 1}}']) {
      const response = await request(testApi().app)
        .post('/provisionpipeline')
        .set('Content-Type', 'application/json')
        .send(value)
        .expect(400);
      assert.equal(response.body.errors[0].pointer, '/pipeline_type');
    }
  });

  it('survives a client that goes away in the middle of its body', async () => {
    await listening(testApi().app, async ({ port }) => {
      const torn =
        'POST /provisionpipeline HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a';
      await exchange(port, torn, { hangUp: true });
      assert.equal(
        statusOf(await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')),
        200,
      );
    });
  });

  it('answers any bytes as body with less than 500', async () => {
    const { app } = testApi();
    const jsonish = fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text));
    const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
    const torn = fc.tuple(jsonish, fc.nat(200)).map(([body, at]) => body.subarray(0, at));
    const wild = fc
      .string({ unit: 'binary', maxLength: 200 })
      .map((text) => Buffer.from(JSON.stringify({ pipeline_type: text })));
    await listening(app, async ({ port }) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(bytes, jsonish, torn, wild), async (body) => {
          const status = statusOf(await exchange(port, post(body)));
          assert.ok(status === 200 || (status >= 400 && status < 500), `status ${status}`);
        }),
        { numRuns: 300 },
      );
    });
  });

  it('answers any bytes as the whole of a request with less than 500, and lives on', async () => {
    const { app } = testApi();
    const method = fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PURGE', 'M-SEARCH', 'x');
    const target = fc.oneof(
      fc.constantFrom(
        '*',
        '/',
        '//',
        '/%',
        '/pipelines/%00',
        'http://x/pipelines',
        '/pipelines?%',
        '/executions/../..',
      ),
      fc.webUrl({ withQueryParameters: true }),
      fc.string({ maxLength: 30 }),
    );
    const line = fc
      .tuple(method, target)
      .map(([verb, path]) => `${verb} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    const noise = fc
      .uint8Array({ minLength: 1, maxLength: 200 })
      .map((array) => Buffer.concat([Buffer.from(array), Buffer.from('\r\n\r\n')]));
    await listening(app, async ({ port }) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(line, noise), async (sent) => {
          const status = statusOf(await exchange(port, sent, { hangUp: true }));
          assert.ok(Number.isNaN(status) || status < 500, `status ${status}`);
        }),
        { numRuns: 200 },
      );
      assert.equal(
        statusOf(await exchange(port, 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')),
        200,
      );
    });
  });
});
