/**
 * Stands for API Gateway while a sandbox runs: HTTP APIs answer on loopback, through the integration of their route to the code
 * of its Lambda function. Nobody signs here; the address of an API is below `/<account>/<region>/<API id>`.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Logger } from 'pino';
import type { SandboxAwsSettings } from '../config.ts';
import type { LoopbackServer } from '../loopback.ts';
import { listenOnLoopback } from '../loopback.ts';
import { Faults } from './faults.ts';
import { isCode } from './files.ts';
import { gatewayUrl, keepGatewayUrl } from './gateway-address.ts';
import { invoke } from './invoke-function.ts';
import { bodyOf, refuseWebPages } from './local-endpoint/requests.ts';
import { scopeOf } from './partitions.ts';
import type { Scope } from './partitions.ts';
import { text } from './properties.ts';
import { Store, placeOf } from './store.ts';

const ROUTE = { token: 'aws:apigatewayv2/route:Route' };
const INTEGRATION = { token: 'aws:apigatewayv2/integration:Integration' };
const STAGE = { token: 'aws:apigatewayv2/stage:Stage' };

export interface HttpGateway extends LoopbackServer {
  /** Whether the addresses that APIs were given before do not answer, because something else has their port. */
  readonly moved: boolean;
}

/**
 * Listens on the port of the last time, so that addresses in stack outputs stay true; at first on `port`, or else on any.
 * @param port 0: any
 */
export async function startHttpGateway(
  settings: SandboxAwsSettings,
  port: number,
  logger: Logger,
): Promise<HttpGateway> {
  const ending = new AbortController();
  const store = new Store(settings.directory);
  const faults = new Faults(settings.faults, settings.directory);
  const world = { faults, speed: settings.speed, signal: ending.signal };
  const server = createServer((request, response) => {
    answer(request, response, store, world).catch((error: unknown) => {
      logger.warn({ err: error, url: request.url }, 'an HTTP API of the sandbox could not answer');
      // What API Gateway answers, whatever is wrong with the function.
      if (!response.headersSent) send(response, 500, { message: 'Internal Server Error' });
    });
  });
  const former = await gatewayUrl(settings.directory);
  const wanted = former === undefined ? port : Number(new URL(former).port);
  const { url, close } = await listenOnLoopback(server, wanted).catch(async (error: unknown) => {
    if (!isCode(error, 'EADDRINUSE')) throw error;
    return await listenOnLoopback(server);
  });
  await keepGatewayUrl(settings.directory, url);
  return {
    url,
    moved: former !== undefined && former !== url,
    close: async () => {
      ending.abort();
      await close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: Store,
  world: Parameters<typeof invoke>[3],
): Promise<void> {
  try {
    refuseWebPages(request);
  } catch (error) {
    send(response, 403, { message: (error as Error).message });
    return;
  }
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [, accountId = '', region = '', apiId = '', stage = '', ...rest] = url.pathname.split('/');
  const scope = scopeOf(accountId, region);
  const routeKey = `${request.method ?? ''} /${rest.join('/')}`;
  const functionArn = /^\d{12}$/.test(accountId)
    ? await functionOf(store, scope, { apiId, stage, routeKey })
    : undefined;
  if (functionArn === undefined) {
    send(response, 404, { message: 'Not Found' });
    return;
  }
  const event = eventOf(request, await bodyOf(request), url, { scope, apiId, stage, routeKey });
  const result = await invoke({ functionName: functionArn, input: JSON.stringify(event) }, scope, store, world);
  forward(response, JSON.parse(result) as unknown);
}

async function functionOf(
  store: Store,
  scope: Scope,
  { apiId, stage, routeKey }: Record<'apiId' | 'stage' | 'routeKey', string>,
): Promise<string | undefined> {
  if (!(await store.read(placeOf(STAGE, scope), `${apiId}/${stage}`))) return undefined;
  const routes = (await store.list(placeOf(ROUTE, scope))).filter(({ inputs }) => inputs['apiId'] === apiId);
  const route =
    routes.find(({ inputs }) => inputs['routeKey'] === routeKey) ??
    routes.find(({ inputs }) => inputs['routeKey'] === '$default');
  if (!route) return undefined;
  const id = text(route.inputs, 'target').replace(/^integrations\//, '');
  const integration = await store.read(placeOf(INTEGRATION, scope), id);
  const uri = text(integration?.inputs ?? {}, 'integrationUri');
  return /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? (uri || undefined);
}

const TEXT = /^(?:text\/|application\/(?:json|xml|javascript|x-www-form-urlencoded)\b)|^$/;

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html (format 2.0) */
function eventOf(
  { headers, method = '' }: IncomingMessage,
  body: Buffer,
  url: URL,
  { scope, apiId, stage, routeKey }: { scope: Scope; apiId: string; stage: string; routeKey: string },
): Record<string, unknown> {
  const isText = TEXT.test(headers['content-type'] ?? '');
  const rawPath = `/${url.pathname.split('/').slice(4).join('/')}`;
  const now = new Date();
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: url.search.slice(1),
    headers,
    ...(url.search ? { queryStringParameters: Object.fromEntries(url.searchParams) } : {}),
    requestContext: {
      accountId: scope.accountId,
      apiId,
      domainName: url.host,
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] },
      requestId: randomUUID(),
      routeKey,
      stage,
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: !isText,
  };
}

/** A function answers with a response, or with a body alone. */
function forward(response: ServerResponse, result: unknown): void {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    send(response, 200, result);
    return;
  }
  const { statusCode, headers, body, isBase64Encoded } = result as {
    statusCode: number;
    headers?: Record<string, string>;
    body?: string;
    isBase64Encoded?: boolean;
  };
  response
    .writeHead(statusCode, { 'Content-Type': 'text/plain', ...headers })
    .end(Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
