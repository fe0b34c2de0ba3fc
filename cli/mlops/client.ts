/** A client of the HTTP API: plain fetch, pages of lists, and events as they come. For `mlops`, the scripts and the tests. */
import { setTimeout as delay } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { ExecutionEvent } from '../../automation/model.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

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

/** A response other than 2xx. */
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

  constructor({ code, message }: { code: string; message: string }) {
    super(message);
    this.name = 'OperationFailed';
    this.code = code;
  }
}

interface Operation {
  status: 'InProgress' | 'Succeeded' | 'Failed';
  result?: unknown;
  error?: { code: string; message: string };
}

export interface ListPage<Entry> {
  entries: Entry[];
  /** Whether the list goes on after the last entry. */
  more: boolean;
}

export class ApiClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #send: Send;

  /** @param headers sent with every request */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}, send: Send = fetch) {
    this.#url = url;
    this.#headers = headers;
    this.#send = send;
  }

  /** @throws UnexpectedAnswer for anything but 2xx */
  async call<T>(method: Method, path: string, body?: unknown): Promise<T> {
    return (await this.#answer(await this.#request(method, path, body), method, path)) as T;
  }

  /**
   * As `call`, for previews and histories: behind a gateway they become operations, which are polled to their end.
   * @throws OperationFailed
   */
  async settle<T>(method: Method, path: string, body?: unknown): Promise<T> {
    let response = await this.#request(method, path, body);
    const location = response.headers.get('location');
    if (response.status !== 202 || !location?.startsWith('/operations/')) {
      return (await this.#answer(response, method, path)) as T;
    }
    for (;;) {
      // The service says when to ask again.
      await delay(1_000 * Number(response.headers.get('retry-after') ?? 1));
      response = await this.#request('GET', location);
      const { status, result, error } = (await this.#answer(response, 'GET', location)) as Operation;
      if (status === 'Succeeded') return result as T;
      if (error) throw new OperationFailed(error);
    }
  }

  /** The first entries of a list, page after page as the `Link` headers lead. */
  async list<Entry>(path: string, limit: number): Promise<ListPage<Entry>> {
    const entries: Entry[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const response = await this.#request('GET', next);
      entries.push(...((await this.#answer(response, 'GET', next)) as Entry[]));
      next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
      if (entries.length >= limit) {
        return { entries: entries.slice(0, limit), more: next !== undefined || entries.length > limit };
      }
    }
    return { entries, more: false };
  }

  /**
   * Follows an execution to its end. A stream that ends earlier, as a gateway ends it, is continued after the last event.
   * @param after sequence of the last event that is known already
   */
  async *follow(executionId: string, after = 0): AsyncIterable<ExecutionEvent> {
    const path = `/executions/${encodeURIComponent(executionId)}/events`;
    for (let last = after, ended = false; !ended;) {
      const response = await this.#request('GET', path, undefined, {
        Accept: 'text/event-stream',
        'Last-Event-ID': String(last),
      });
      const { body } = response;
      if (!response.ok || !body) {
        await this.#answer(response, 'GET', path);
        throw new UnexpectedAnswer('GET', path, response.status, 'no stream of events');
      }
      const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const message of events) {
        ended = message.event === 'end';
        if (ended) break;
        const event = JSON.parse(message.data) as ExecutionEvent;
        last = event.sequence;
        yield event;
      }
    }
  }

  async #request(
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await this.#send(new URL(path, this.#url), {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #answer(response: Response, method: string, path: string): Promise<unknown> {
    const text = await response.text();
    const answer = parsed(text);
    if (!response.ok) {
      throw new UnexpectedAnswer(method, path, response.status, answer ?? text, response.headers.get('x-error-code'));
    }
    return answer ?? text;
  }
}

/** Gateways, proxies and models respond in other formats than JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
