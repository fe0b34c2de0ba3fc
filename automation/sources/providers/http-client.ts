/** Calls of a provider's API: a deadline, no more bytes than are wanted, and errors that say what to do. */
import { secretMask } from '../../config/secret-values.ts';
import { SourceUnavailable } from '../source.ts';

const DEADLINE_MS = 20_000;
/** Answers other than files, such as the description of a branch with its last commit. */
const ANSWER_BYTES = 1_048_576;
/** Renamed repositories and projects are redirected once or twice. */
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** So much of an error's text is shown. */
const ERROR_TEXT_LENGTH = 200;

export interface ApiCall {
  readonly method?: 'GET' | 'POST';
  readonly accept?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default 1 MiB; of more, one byte more than that is given. */
  readonly limitBytes?: number;
}

export class ApiClient {
  readonly #base: string;
  readonly #credentials: Readonly<Record<string, string>>;
  readonly #stopped: AbortSignal;
  readonly #headers: Readonly<Record<string, string>>;

  /**
   * @param base URL without a slash at its end
   * @param credentials headers that hold the token; their values appear in no error
   * @param stopped aborts calls in progress
   * @param headers further headers of every call
   */
  constructor(
    base: string,
    credentials: Readonly<Record<string, string>>,
    stopped: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.#base = base;
    this.#credentials = credentials;
    this.#stopped = stopped;
    this.#headers = headers;
  }

  /**
   * @returns the body; undefined where a GET is answered 404
   * @throws SourceUnavailable for any other answer than 2xx, and where there is none
   */
  async call(
    path: string,
    { method = 'GET', accept, body, limitBytes = ANSWER_BYTES }: ApiCall = {},
  ): Promise<Uint8Array | undefined> {
    const what = `${method} ${this.#base}${path}`;
    const signal = AbortSignal.any([this.#stopped, AbortSignal.timeout(DEADLINE_MS)]);
    try {
      const response = await this.#fetch(new URL(`${this.#base}${path}`), {
        method,
        headers: {
          'User-Agent': 'mlops-workload-orchestrator',
          ...this.#headers,
          ...this.#credentials,
          ...(accept ? { Accept: accept } : {}),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
      });
      const bytes = await firstBytes(response, limitBytes + 1);
      if (response.ok) return bytes;
      if (response.status === 404 && method === 'GET') return undefined;
      throw refused(what, response, this.#withoutSecrets(new TextDecoder().decode(bytes)));
    } catch (error) {
      if (error instanceof SourceUnavailable) throw error;
      throw new SourceUnavailable(`${what} was not answered: ${this.#withoutSecrets(reasonOf(error))}`);
    }
  }

  /**
   * Follows redirects within the provider's origin only. Fetch itself drops nothing but `Authorization` on the way to
   * another one, and GitLab's token is sent in a header of its own.
   * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
   */
  async #fetch(first: URL, init: RequestInit & { method: string }): Promise<Response> {
    for (let url = first, count = 0; ; count++) {
      const response = await fetch(url.href, { ...init, redirect: 'manual' });
      const location = response.headers.get('location');
      if (!REDIRECTS.has(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = URL.parse(location, url.href);
      const problem =
        next?.origin !== first.origin || next.username !== '' || next.password !== ''
          ? 'redirects to another origin, where the token must not go'
          : init.method !== 'GET'
            ? 'redirects a request that writes'
            : count === MAX_REDIRECTS
              ? `redirects more than ${MAX_REDIRECTS} times`
              : undefined;
      if (problem !== undefined || next === null) {
        throw new SourceUnavailable(
          `${init.method} ${first.origin}${first.pathname} ${String(problem)}. Is the API URL in the settings right, and the repository still called that?`,
          { status: response.status },
        );
      }
      url = next;
    }
  }

  /** An answer may repeat what was sent: what debugging proxies do. */
  #withoutSecrets(text: string): string {
    const secrets = Object.values(this.#credentials).flatMap((value) => [value, value.replace(/^Bearer /, '')]);
    return secretMask(secrets)(text);
  }

  /** @returns the answer as JSON; undefined for 404 */
  async json(path: string): Promise<Record<string, unknown> | undefined> {
    const bytes = await this.call(path, { accept: 'application/json' });
    if (!bytes) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    } catch (error) {
      // The cause would quote what was answered.
      throw new SourceUnavailable(`GET ${this.#base}${path} did not return JSON: ${(error as Error).name}`);
    }
  }
}

/** Stops reading where enough has come: a file may be as large as the provider likes. */
async function firstBytes(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body) {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      length += chunk.length;
      // Leaving the loop cancels the rest.
      if (length >= limit) break;
    }
  }
  return Buffer.concat(chunks).subarray(0, limit);
}

function refused(what: string, response: Response, body: string): SourceUnavailable {
  const { status } = response;
  const text = body.replace(/\s+/g, ' ').trim().slice(0, ERROR_TEXT_LENGTH);
  const hint = [401, 403, 404].includes(status) ? ' Is the token there, valid, and allowed to do this?' : '';
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new SourceUnavailable(`${what} answered ${status}: ${text}${hint}`, {
    status,
    ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterSeconds: seconds } : {}),
  });
}

/** `fetch failed` alone says nothing: its cause has the socket's error. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return [message, cause?.code ?? cause?.message].filter(Boolean).join(': ');
}

/** `%2F` for the slashes in names that are one part of a path. */
export const encoded = encodeURIComponent;
