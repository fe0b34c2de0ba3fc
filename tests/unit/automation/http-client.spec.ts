import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiClient } from '../../../automation/sources/providers/http-client.ts';
import type { SourceUnavailable } from '../../../automation/sources/source.ts';

const TOKEN = 'token-that-no-one-else-may-see';

async function serve(answer: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe("a provider's API", () => {
  const seen: IncomingMessage[] = [];
  let strangers = 0;
  let location: string | undefined;
  let status = 302;
  let provider: { url: string; server: Server };
  let stranger: { url: string; server: Server };

  beforeEach(async () => {
    seen.length = 0;
    strangers = 0;
    status = 302;
    stranger = await serve((_request, response) => {
      strangers++;
      response.end('{}');
    });
    provider = await serve((request, response) => {
      seen.push(request);
      const { url = '' } = request;
      if (url === '/renamed') response.end('found');
      else if (url === '/echo') response.writeHead(500).end(JSON.stringify(request.headers));
      else if (url === '/text') response.end(`token is ${TOKEN}`);
      else response.writeHead(status, { Location: location ?? '' }).end();
    });
  });

  afterEach(() => {
    for (const { server } of [provider, stranger]) {
      server.close();
      server.closeAllConnections();
    }
  });

  const client = (name = 'PRIVATE-TOKEN', value = TOKEN) =>
    new ApiClient(provider.url, { [name]: value }, new AbortController().signal);

  async function failure(call: Promise<unknown>): Promise<string> {
    const error = await call.then(
      () => assert.fail('it was answered'),
      (thrown: SourceUnavailable) => thrown,
    );
    assert.equal(error.name, 'SourceUnavailable');
    // As a logger would write it.
    const all = `${error.stack ?? ''} ${JSON.stringify(error)} ${String((error.cause as Error | undefined)?.message)}`;
    assert.ok(!all.includes(TOKEN), all);
    return error.message;
  }

  for (const code of [301, 302, 303, 307, 308]) {
    it(`is followed to a new path of its own with ${code}, with the token`, async () => {
      status = code;
      location = '/renamed';
      assert.equal(Buffer.from((await client().call('/old')) ?? []).toString(), 'found');
      assert.deepEqual(
        seen.map(({ headers }) => headers['private-token']),
        [TOKEN, TOKEN],
      );
    });
  }

  for (const [what, to] of [
    ['another port', () => stranger.url],
    ['another host', () => stranger.url.replace('127.0.0.1', 'localhost')],
    ['no scheme, but another host', () => stranger.url.replace('http:', '')],
    ['another scheme', () => provider.url.replace('http:', 'https:')],
    ['credentials in the URL', () => provider.url.replace('http://', 'http://user:password@')],
    ['what is no URL', () => 'http://['],
  ] as [string, () => string][]) {
    for (const [name, value] of [
      ['PRIVATE-TOKEN', TOKEN],
      ['Authorization', `Bearer ${TOKEN}`],
    ] as const) {
      it(`is not followed to ${what}, so that the ${name} header does not leak`, async () => {
        location = to();
        const message = await failure(client(name, value).call('/old'));
        assert.match(message, /redirects to another origin/);
        assert.ok(!message.includes('password'));
        assert.deepEqual([seen.length, strangers], [1, 0]);
      });
    }
  }

  it('is not followed in circles', async () => {
    location = '/old';
    assert.match(await failure(client().call('/old')), /redirects more than 5 times/);
    assert.equal(seen.length, 6);
  });

  it('is not followed with what is written', async () => {
    location = '/renamed';
    status = 307;
    const message = await failure(client().call('/statuses', { method: 'POST', body: {} }));
    assert.match(message, /redirects a request that writes/);
  });

  it('may repeat what was sent: the token is masked', async () => {
    assert.match(await failure(client('Authorization', `Bearer ${TOKEN}`).call('/echo')), /\[secret\]/);
    assert.match(await failure(client().json('/text')), /did not return JSON/);
  });
});
