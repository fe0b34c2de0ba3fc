/**
 * A proxy on loopback that signs: browsers cannot sign with SigV4, and the API on AWS answers signed requests only. It gives
 * away the rights of the person who started it, so it answers one browser: the one that was opened with its token.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Connection } from './connection.ts';
import { SESSION_PATH, SIGN_IN_PAGE, SIGN_IN_PATH, SIGN_IN_SCRIPT, SIGN_IN_SCRIPT_PATH } from './sign-in-page.ts';

export interface SigningProxy {
  /** To be opened in a browser. The token is in the fragment, which browsers send to nobody. */
  readonly url: string;
  close(): Promise<void>;
}

/** The API's own limit. */
const BODY_BYTES = 1024 * 1024;

/** All others stay: cookies, and what would tell the API of a browser on another host. */
const FORWARDED = ['accept', 'content-type', 'if-none-match', 'last-event-id', 'x-request-id'];

/** `fetch` has decoded the body; the others are about one connection. */
const NOT_RETURNED = ['connection', 'content-encoding', 'content-length', 'keep-alive', 'transfer-encoding'];

/** @param port 0: any */
export async function startSigningProxy(connection: Connection, port: number): Promise<SigningProxy> {
  const token = randomBytes(32).toString('base64url');
  const session = randomBytes(32).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, response, { connection, token, session }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, (error as Error).message);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}${SIGN_IN_PATH}#${token}`,
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

interface Proxied {
  connection: Connection;
  token: string;
  session: string;
}

async function answer(request: IncomingMessage, response: ServerResponse, proxied: Proxied): Promise<void> {
  const { method = 'GET', socket } = request;
  if (!isOwnPage(request)) {
    refuse(response, 403, 'This address answers the page that "mlops console" has opened, and no other.');
    return;
  }
  const path = (request.url ?? '/').replace(/\?.*$/, '');
  if (method === 'GET' && path === SIGN_IN_PATH) {
    page(response, 'text/html; charset=utf-8', SIGN_IN_PAGE);
  } else if (method === 'GET' && path === SIGN_IN_SCRIPT_PATH) {
    page(response, 'text/javascript; charset=utf-8', SIGN_IN_SCRIPT);
  } else if (method === 'POST' && path === SESSION_PATH) {
    if (!isSame(await bodyOf(request), proxied.token)) {
      refuse(response, 401, 'The token is not that of this proxy.');
      return;
    }
    // Cookies are shared by all ports of a host, so the name has the port.
    const cookie = `${cookieName(socket.localPort)}=${proxied.session}; Path=/; HttpOnly; SameSite=Strict`;
    response.writeHead(204, { 'Set-Cookie': cookie }).end();
  } else if (isSame(cookieOf(request), proxied.session)) {
    await forward(request, response, proxied.connection);
  } else {
    refuse(response, 401, 'Open the address that "mlops console" has printed.');
  }
}

/** `Host` shuts out DNS rebinding, the others pages of other origins. @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site */
function isOwnPage({ headers, socket }: IncomingMessage): boolean {
  const host = `127.0.0.1:${socket.localPort}`;
  const { origin, 'sec-fetch-site': site } = headers;
  return (
    headers.host === host &&
    (origin === undefined || origin === `http://${host}`) &&
    (site === undefined || site === 'same-origin' || site === 'none')
  );
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { address, headers, send }: Connection,
): Promise<void> {
  const { method = 'GET' } = request;
  const body = method === 'GET' || method === 'HEAD' ? '' : await bodyOf(request);
  const forwarded = Object.fromEntries(
    FORWARDED.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answered = await send(new URL(request.url ?? '/', address), {
    method,
    headers: { ...forwarded, ...headers },
    redirect: 'manual',
    signal: gone.signal,
    ...(body === '' ? {} : { body }),
  });
  const returned = [...answered.headers].filter(([name]) => !NOT_RETURNED.includes(name) && name !== 'set-cookie');
  response.writeHead(answered.status, Object.fromEntries(returned));
  // Events are passed on as they come.
  response.flushHeaders();
  if (!answered.body) {
    response.end();
    return;
  }
  await pipeline(Readable.fromWeb(answered.body as ReadableStream), response).catch((error: unknown) => {
    if (!gone.signal.aborted) throw error;
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES) throw new Error('The request is larger than 1 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function cookieName(port: number | undefined): string {
  return `mlops-console-${port ?? 0}`;
}

function cookieOf({ headers, socket }: IncomingMessage): string {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim().split('='));
  return cookies.find(([name]) => name === cookieName(socket.localPort))?.[1] ?? '';
}

/** In constant time: hashes are of one length. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

function page(response: ServerResponse, type: string, content: string): void {
  response
    .writeHead(200, {
      'Content-Type': type,
      'Content-Security-Policy': "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(content);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
}
