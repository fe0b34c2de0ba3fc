/** What `mlops` says before a service answers, and how it signs. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect } from '../../cli/mlops/connection.ts';
import { mlops } from './mlops-process.ts';

describe('mlops without a service', () => {
  for (const [args, problem] of [
    [['lst'], /unknown command 'lst'[\s\S]*Did you mean list\?/],
    [['list', '--serch', 'x'], /unknown option '--serch'[\s\S]*Did you mean --search\?/],
    [['list', '--limit', 'many'], /--limit <number>.*whole number/],
    [['list', '-o', 'xml'], /Allowed choices are table, json, yaml/],
    [['show'], /missing required argument 'id'/],
    [['provision'], /required option '-f, --file <file>'/],
    [['preview'], /either the id of a pipeline or --file/],
    [['list', '--url', 'localhost:8080'], /--url \(MLOPS_URL\) is not an http or https address/],
    [['list', '--url', 'https://me:hunter2@example.com'], /must not contain a user name or password/],
    [['list', '--url', 'https://example.com', '--caller', 'kim'], /--caller \(MLOPS_CALLER\)/],
  ] as const) {
    it(`explains "mlops ${args.join(' ')}" with exit code 2`, async () => {
      const { code, stdout, stderr } = await mlops(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, problem);
      assert.doesNotMatch(stderr, /hunter2|^\s+at /m);
    });
  }

  it('prints help for every command, with exit code 0', async () => {
    const { code, stdout } = await mlops(['--help']);
    assert.equal(code, 0);
    assert.match(stdout, /Exit codes:/);
    assert.match((await mlops(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
    const provision = await mlops(['provision', '--help']);
    assert.equal(provision.code, 0);
    assert.match(provision.stdout, /\$ mlops provision -f/);
  });

  it('has every command in docs/cli.md', async () => {
    const { stdout } = await mlops(['--help']);
    const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
    const names = [...stdout.matchAll(/^ {2}([a-z]+)(?:\|[a-z]+)? [[<a-z ]/gm)].map(([, name]) => name);
    assert.ok(names.length > 25, names.join());
    assert.deepEqual(
      names.filter((name) => name !== 'help' && !new RegExp(`\`${name}[ \`]`).test(page)),
      [],
    );
  });

  it('reports with exit code 6 which address does not respond, and what to check', async () => {
    // A port that was free a moment ago.
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const { code, stderr } = await mlops(['list'], { MLOPS_URL: `http://127.0.0.1:${port}` });
    assert.equal(code, 6);
    assert.match(
      stderr,
      new RegExp(`127\\.0\\.0\\.1:${port} cannot be reached \\(ECONNREFUSED\\)\\. .*--url or MLOPS_URL`),
    );
  });

  it('says what is missing to sign with', async () => {
    const { code, stderr } = await mlops(
      ['list', '--url', 'https://abc.execute-api.eu-west-1.amazonaws.com', '--profile', 'nobody'],
      { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_EC2_METADATA_DISABLED: 'true' },
    );
    assert.equal(code, 2);
    assert.match(stderr, /cannot be signed: .*--profile/);
  });
});

/**
 * The signature, computed from the description rather than by the signer.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function expectedSignature(method: string, query: string, headers: Headers, body: string, secret: string): string {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const [, scope = '', signed = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+),/.exec(headers.get('authorization') ?? '') ?? [];
  const canonical = [
    method,
    '/audit',
    query,
    ...signed.split(';').map((name) => `${name}:${headers.get(name) ?? ''}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers.get('x-amz-date') ?? '', scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((derived, piece) => hmac(derived, piece), `AWS4${secret}`);
  return hmac(key, text).toString('hex');
}

describe('requests of mlops', () => {
  const { fetch: real } = globalThis;
  const environment = process.env;
  let sent: { url: URL; init: RequestInit }[];

  beforeEach(() => {
    sent = [];
    globalThis.fetch = async (url, init = {}) => {
      sent.push({ url: url as URL, init });
      return new Response('{"entries": []}');
    };
    process.env = {
      ...environment,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session',
    };
  });

  afterEach(() => {
    globalThis.fetch = real;
    process.env = environment;
  });

  it('to a gateway are signed for its region; a space in the query is sent as it was signed', async () => {
    await connect({ url: 'https://abc.execute-api.eu-west-1.amazonaws.com' }).call('POST', '/audit?b=x+y&a=1:2', {
      c: 3,
    });
    const { url, init } = sent[0]!;
    const headers = new Headers(init.headers);
    assert.equal(url.search, '?b=x%20y&a=1:2');
    assert.equal(headers.get('x-amz-security-token'), 'session');
    headers.set('host', 'abc.execute-api.eu-west-1.amazonaws.com');
    const authorization = headers.get('authorization') ?? '';
    assert.match(authorization, /Credential=AKIAEXAMPLE\/\d{8}\/eu-west-1\/execute-api\/aws4_request, /);
    const signature = expectedSignature('POST', 'a=1%3A2&b=x%20y', headers, '{"c":3}', 'secret');
    assert.ok(authorization.endsWith(`Signature=${signature}`), authorization);
  });

  it('to another https address are signed where --region says for which region', async () => {
    await connect({ url: 'https://mlops.example.com', region: 'us-west-2' }).call('GET', '/audit');
    await connect({ url: 'https://mlops.example.com' }).call('GET', '/audit');
    const authorizations = sent.map(({ init }) => new Headers(init.headers).get('authorization'));
    assert.match(authorizations[0] ?? '', /\/us-west-2\/execute-api\//);
    assert.equal(authorizations[1], null);
  });

  it('to a sandbox are sent as they are, with the caller', async () => {
    await connect({ url: 'http://localhost:8080', caller: 'kim' }).call('GET', '/audit');
    assert.deepEqual(sent[0]!.init.headers, { 'x-caller': 'kim' });
  });
});
