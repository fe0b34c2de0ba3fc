/**
 * The client of the HTTP API, typed by its OpenAPI document (`client/schema.d.ts`): calls, pages of lists, operations that are
 * polled, and events as they come. For `mlops`, the scripts and the tests.
 */
import { setTimeout as delay } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import { follow, StreamRefused } from '../../client/follow.ts';
import type { Following } from '../../client/follow.ts';
import type { ExecutionEvent, Model } from '../../client/model.ts';
import type { paths } from '../../client/schema.d.ts';

export interface Outgoing {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Default: redirects are followed. */
  redirect?: 'manual';
  signal?: AbortSignal;
}

/** Sends a request; one that signs does so before. */
export type Send = (url: URL, outgoing: Outgoing) => Promise<Response>;

/** A response other than 2xx, or one that is not from the API. */
export class UnexpectedAnswer extends Error {
  readonly status: number;
  readonly body: unknown;
  /** From docs/errors.md; absent if something else responded, such as a gateway. */
  readonly code: string | undefined;

  constructor(method: string, path: string, status: number, body: unknown, code?: string | null) {
    super(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    this.name = 'UnexpectedAnswer';
    this.status = status;
    this.body = body;
    this.code = code ?? undefined;
  }
}

/** A preview or history that became an operation, which failed. */
export class OperationFailed extends Error {
  readonly code: string;

  constructor({ code = 'OPERATION_FAILED', message = 'The operation failed.' }: { code?: string; message?: string }) {
    super(message);
    this.name = 'OperationFailed';
    this.code = code;
  }
}

export interface ListPage<Entry> {
  entries: Entry[];
  /** Whether the list goes on after the last entry. */
  more: boolean;
}

interface Answered<T> {
  data?: T | undefined;
  response: Response;
}

/** Attempts after 1, 2, 4, … seconds to resume a stream of events: a service that is being replaced is back within a minute. */
export const ATTEMPTS = 6;

export class ApiClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #send: Send;
  /** The calls of the OpenAPI document. What is not 2xx is thrown as UnexpectedAnswer. */
  readonly GET: Client<paths>['GET'];
  readonly POST: Client<paths>['POST'];
  readonly DELETE: Client<paths>['DELETE'];

  /** @param headers sent with every request */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}, send: Send = fetch) {
    this.#url = url.replace(/\/$/, '');
    this.#headers = headers;
    this.#send = send;
    const client = createClient<paths>({ baseUrl: this.#url, fetch: (request) => this.#sendTyped(request) });
    client.use({
      onResponse: async ({ request, schemaPath, response }) =>
        response.ok ? undefined : Promise.reject(await refusal(response, request.method, schemaPath)),
    });
    ({ GET: this.GET, POST: this.POST, DELETE: this.DELETE } = client);
  }

  /**
   * A call by its path, for scripts and tests; or to another address than the API's, such as that of a model.
   * @throws UnexpectedAnswer for anything but 2xx
   */
  async call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await this.#request(method, path, body);
    if (!response.ok) throw await refusal(response, method, path);
    const text = await response.text();
    return (parsed(text) ?? text) as T;
  }

  /**
   * The answer of a preview or history: behind a gateway these become operations, which are polled to their end.
   * @throws OperationFailed
   */
  async settle<T extends object>(call: Promise<Answered<T | Model<'Operation'>>>): Promise<T> {
    let { data, response } = await answered(call);
    while (isOperation(data)) {
      const { operationId: id, status, result, error } = data;
      if (status === 'Succeeded') return result as T;
      if (status === 'Failed') throw new OperationFailed(error ?? {});
      // The service says when to ask again.
      await delay(1_000 * Number(response.headers.get('retry-after') ?? 1));
      ({ data, response } = await answered(this.GET('/operations/{id}', { params: { path: { id } } })));
    }
    return data;
  }

  /**
   * Follows an execution to its end. A stream that ends earlier, as a gateway ends it, or breaks off, is continued after the
   * last event.
   * @throws StreamLost if it cannot be continued
   */
  async *follow(
    executionId: string,
    options: Pick<Following, 'after' | 'onBroken'> = {},
  ): AsyncIterable<ExecutionEvent> {
    const path = `/executions/${encodeURIComponent(executionId)}/events`;
    try {
      const open = (headers: Readonly<Record<string, string>>) => this.#request('GET', path, undefined, headers);
      yield* follow({ ...options, attempts: ATTEMPTS, open });
    } catch (error) {
      throw error instanceof StreamRefused ? await refusal(error.response, 'GET', path) : error;
    }
  }

  async #sendTyped(request: Request): Promise<Response> {
    const body = await request.text();
    return await this.#send(new URL(request.url), {
      method: request.method,
      headers: { ...this.#headers, ...Object.fromEntries(request.headers) },
      ...(body === '' ? {} : { body }),
    });
  }

  async #request(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return await this.#send(new URL(path.startsWith('/') ? this.#url + path : path), {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** The answer of a call of the API. */
export async function answerOf<T>(call: Promise<Answered<T>>): Promise<NonNullable<T>> {
  return (await answered(call)).data;
}

/**
 * The first entries of a list, page after page as the `Link` headers lead.
 * @param page reads the page after an entry; undefined: the first one
 */
export async function entriesOf<Entry>(
  page: (after: string | undefined) => Promise<Answered<Entry[]>>,
  limit: number,
): Promise<ListPage<Entry>> {
  const entries: Entry[] = [];
  let after: string | undefined;
  do {
    const { data, response } = await answered(page(after));
    entries.push(...data);
    const next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
    after = next && (new URL(next, response.url || 'http://localhost').searchParams.get('after') ?? undefined);
  } while (after !== undefined && entries.length < limit);
  return { entries: entries.slice(0, limit), more: after !== undefined || entries.length > limit };
}

async function answered<T>(call: Promise<Answered<T>>): Promise<{ data: NonNullable<T>; response: Response }> {
  try {
    const { data, response } = await call;
    if (data === undefined || data === null) throw new SyntaxError('empty');
    return { data, response };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new NotTheApi(error);
  }
}

/** Something else than the API responded, such as a proxy that asks for a sign-in. */
export class NotTheApi extends Error {
  constructor(cause: SyntaxError) {
    super('The response is not that of the API (no JSON): check --url or MLOPS_URL.', { cause });
    this.name = 'NotTheApi';
  }
}

async function refusal(response: Response, method: string, path: string): Promise<UnexpectedAnswer> {
  const text = await response.text();
  const code = response.headers.get('x-error-code');
  return new UnexpectedAnswer(method, path, response.status, parsed(text) ?? text, code);
}

function isOperation(answer: object): answer is Model<'Operation'> {
  return 'operationId' in answer && 'kind' in answer;
}

/** Gateways, proxies and models respond in other formats than JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
