/** Calls of a provider's API: a deadline, no more bytes than are wanted, and errors that say what to do. */
import { SourceUnavailable } from '../source.ts';

const DEADLINE_MS = 20_000;
/** Answers other than files, such as the description of a branch with its last commit. */
const ANSWER_BYTES = 1_048_576;
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
  readonly #headers: Readonly<Record<string, string>>;
  readonly #stopped: AbortSignal;

  /**
   * @param base URL without a slash at its end
   * @param headers of every call, such as the token
   * @param stopped ends calls under way
   */
  constructor(base: string, headers: Readonly<Record<string, string>>, stopped: AbortSignal) {
    this.#base = base;
    this.#headers = headers;
    this.#stopped = stopped;
  }

  /**
   * @returns the body; undefined where a GET is answered 404
   * @throws SourceUnavailable for any other answer than 2xx, and where there is none
   */
  async call(
    path: string,
    { method = 'GET', accept, body, limitBytes = ANSWER_BYTES }: ApiCall = {},
  ): Promise<Uint8Array | undefined> {
    const url = `${this.#base}${path}`;
    try {
      const response = await fetch(url, {
        method,
        headers: {
          'User-Agent': 'mlops-workload-orchestrator',
          ...this.#headers,
          ...(accept ? { Accept: accept } : {}),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([this.#stopped, AbortSignal.timeout(DEADLINE_MS)]),
      });
      const bytes = await firstBytes(response, limitBytes + 1);
      if (response.ok) return bytes;
      if (response.status === 404 && method === 'GET') return undefined;
      throw refused(`${method} ${url}`, response, bytes);
    } catch (error) {
      if (error instanceof SourceUnavailable) throw error;
      throw new SourceUnavailable(`${method} ${url} was not answered: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** @returns the answer as JSON; undefined for 404 */
  async json(path: string): Promise<Record<string, unknown> | undefined> {
    const bytes = await this.call(path, { accept: 'application/json' });
    if (!bytes) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    } catch (error) {
      throw new SourceUnavailable(`GET ${this.#base}${path} did not answer with JSON`, { cause: error });
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

function refused(what: string, response: Response, bytes: Uint8Array): SourceUnavailable {
  const { status } = response;
  const text = new TextDecoder().decode(bytes).replace(/\s+/g, ' ').trim().slice(0, ERROR_TEXT_LENGTH);
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
