/** What lies between a browser and an API that answers signed requests only. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SigningProxy } from '../../cli/mlops/signing-proxy.ts';
import { startSigningProxy } from '../../cli/mlops/signing-proxy.ts';

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

describe('the proxy of mlops console', () => {
  let api: Server;
  let received: Received[];
  let reply: (response: ServerResponse) => void;
  let proxy: SigningProxy;
  let origin: string;
  let token: string;

  before(async () => {
    api = createServer((request, response) => {
      void text(request).then((body) => {
        received.push({ method: request.method, url: request.url, headers: request.headers, body });
        reply(response);
      });
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const { port } = api.address() as AddressInfo;
    proxy = await startSigningProxy(
      {
        address: new URL(`http://127.0.0.1:${port}`),
        headers: {},
        send: (url, outgoing) =>
          fetch(url, { ...outgoing, headers: { ...outgoing.headers, authorization: 'AWS4-HMAC-SHA256 signed' } }),
      },
      0,
    );
    ({ origin } = new URL(proxy.url));
    token = new URL(proxy.url).hash.slice(1);
  });

  beforeEach(() => {
    received = [];
    reply = (response) => void response.writeHead(200, { 'Content-Type': 'application/json', ETag: '"1"' }).end('[]');
  });

  after(async () => {
    await proxy.close();
    api.closeAllConnections();
    api.close();
  });

  const signIn = async (given: string) => await fetch(`${origin}/__mlops/session`, { method: 'POST', body: given });
  async function session(): Promise<string> {
    const cookie = (await signIn(token)).headers.get('set-cookie') ?? '';
    assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
    return cookie.split(';')[0] ?? '';
  }

  it('passes on and signs the requests of the page that has its token, and nothing else about the browser', async () => {
    const cookie = await session();
    const headers = { Cookie: cookie, Origin: origin, 'Content-Type': 'application/json', 'User-Agent': 'browser' };
    const answer = await fetch(`${origin}/pipelines/a%20b/run?x=1`, { method: 'POST', headers, body: '{"a":1}' });
    assert.deepEqual([answer.status, answer.headers.get('etag'), await answer.json()], [200, '"1"', []]);
    const [one] = received;
    assert.deepEqual([one?.method, one?.url, one?.body], ['POST', '/pipelines/a%20b/run?x=1', '{"a":1}']);
    assert.equal(one?.headers.authorization, 'AWS4-HMAC-SHA256 signed');
    assert.deepEqual([one?.headers.cookie, one?.headers.origin], [undefined, undefined]);
    assert.notEqual(one?.headers['user-agent'], 'browser');
  });

  it('passes on refusals and redirects as they are', async () => {
    const cookie = await session();
    reply = (response) => void response.writeHead(303, { Location: '/console/' }).end();
    const redirected = await fetch(`${origin}/`, { headers: { Cookie: cookie }, redirect: 'manual' });
    assert.deepEqual([redirected.status, redirected.headers.get('location')], [303, '/console/']);
    reply = (response) => void response.writeHead(403).end('{"message":"Forbidden"}');
    assert.equal((await fetch(`${origin}/audit`, { headers: { Cookie: cookie } })).status, 403);
  });

  it('passes on events as they come, and ends the request when the browser has gone', async () => {
    const cookie = await session();
    let ended: Promise<unknown> | undefined;
    reply = (response) => {
      ended = once(response, 'close');
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
    };
    const gone = new AbortController();
    const answer = await fetch(`${origin}/executions/1/events`, { headers: { Cookie: cookie }, signal: gone.signal });
    const first = await answer.body?.getReader().read();
    assert.equal(Buffer.from(first?.value ?? []).toString(), 'data: 1\n\n');
    gone.abort();
    await ended;
  });

  /** `fetch` sets these headers itself. */
  async function statusWith(headers: Record<string, string>): Promise<number | undefined> {
    const sent = httpRequest(`${origin}/pipelines`, { headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  }

  it('answers no other page and no other program', async () => {
    const Cookie = await session();
    const port = new URL(origin).port;
    assert.equal(await statusWith({ Cookie }), 200);
    assert.equal(await statusWith({}), 401);
    assert.equal(await statusWith({ Cookie: `${Cookie}x` }), 401);
    assert.equal((await signIn('guessed')).status, 401);
    for (const headers of [
      { Host: `attacker.example:${port}` },
      { Host: `localhost:${port}` },
      { Origin: 'https://attacker.example' },
      { Origin: 'http://127.0.0.1:1' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ] as Record<string, string>[]) {
      assert.equal(await statusWith({ Cookie, ...headers }), 403, JSON.stringify(headers));
    }
    assert.equal(received.length, 1);
  });

  it('opens with a page that keeps the token out of requests, and runs no script but its own', async () => {
    assert.match(proxy.url, /^http:\/\/127\.0\.0\.1:\d+\/__mlops\/#[\w-]{43}$/);
    const page = await fetch(`${origin}/__mlops/`);
    assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'self';/);
    const [, script = ''] = /<script src="([^"]+)">/.exec(await page.text()) ?? [];
    assert.match(await (await fetch(`${origin}${script}`)).text(), /location\.hash/);
    assert.equal(received.length, 0);
  });
});
