/**
 * The live events of an execution, read with fetch: `EventSource` delivers only event types that were registered beforehand, and
 * signs nothing. A stream that breaks off is resumed after the last event, so that each event is delivered exactly once.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { ExecutionEvent } from './model.ts';

export interface Following {
  /** Asks for the stream with these headers: `GET /executions/{id}/events`. */
  open(headers: Readonly<Record<string, string>>): Promise<Response>;
  /** Sequence of the last event that is known already; default: none. */
  after?: number;
  /** Gives up after this many attempts in a row to resume it; default: never. */
  attempts?: number;
  signal?: AbortSignal;
  /** Called when the stream is open, at first and after a break. */
  onConnected?(): void;
  /** Called before each attempt to resume a broken stream; the first is 1. */
  onBroken?(attempt: number, cause: Error): void;
  /** Waits; a test does not. */
  pause?(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The stream was answered with an error that asking again does not change, such as 404. */
export class StreamRefused extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`the events were answered with ${response.status}`);
    this.name = 'StreamRefused';
    this.response = response;
  }
}

/** The stream broke off, and all attempts to resume it failed. The execution is not affected. */
export class StreamLost extends Error {
  constructor(after: number, attempts: number, cause: Error) {
    super(
      `The events broke off after number ${after}, and ${attempts} attempts to resume them failed: ${cause.message}`,
      { cause },
    );
    this.name = 'StreamLost';
  }
}

const FIRST_PAUSE_MS = 1_000;
/** A service that is being replaced is back within a minute; a page that stays open does not ask more often than this. */
const LONGEST_PAUSE_MS = 32_000;

/**
 * Yields what has happened, then what happens, until the execution has ended or `signal` aborts.
 * @throws StreamRefused, or StreamLost after `attempts`
 */
export async function* follow(following: Following): AsyncGenerator<ExecutionEvent> {
  const { signal, attempts = Infinity, onBroken, pause = wait } = following;
  let last = following.after ?? 0;
  for (let failures = 0; !signal?.aborted;) {
    const stream = new Stream(following);
    let broken: Error | undefined;
    try {
      for await (const { event, data } of stream.messages(last)) {
        if (event === 'end') return;
        const happened = JSON.parse(data) as ExecutionEvent;
        // A proxy may repeat what it had buffered.
        if (happened.sequence <= last) continue;
        last = happened.sequence;
        failures = 0;
        yield happened;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isBreak(error)) throw error;
      broken = error;
    }
    // A gateway ends each stream after a while: as long as something comes, even if only heartbeats, that is no failure.
    if (stream.hadHeartbeat) failures = 0;
    if (!broken && stream.isAlive) {
      await pause(stream.retryMs ?? FIRST_PAUSE_MS, signal);
      continue;
    }
    const cause = broken ?? new Error('the stream was empty');
    if (++failures > attempts) throw new StreamLost(last, attempts, cause);
    onBroken?.(failures, cause);
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal);
  }
}

/** One connection. */
class Stream {
  readonly #following: Following;
  /** How long the service wants clients to wait before they come back. */
  retryMs: number | undefined;
  hadHeartbeat = false;

  constructor(following: Following) {
    this.#following = following;
  }

  get isAlive(): boolean {
    return this.hadHeartbeat || this.retryMs !== undefined;
  }

  async *messages(after: number): AsyncGenerator<{ event?: string | undefined; data: string }> {
    const { open, onConnected } = this.#following;
    const response = await open({ Accept: 'text/event-stream', 'Last-Event-ID': String(after) });
    if (isTemporary(response)) throw new Unavailable(response);
    if (!response.ok || !response.body || !isEventStream(response)) throw new StreamRefused(response);
    onConnected?.();
    const reader = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(
        new EventSourceParserStream({
          onRetry: (ms) => (this.retryMs = ms),
          onComment: () => (this.hadHeartbeat = true),
        }),
      )
      .getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        this.hadHeartbeat = true;
        yield next.value;
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }
}

/** The service, or what is in front of it, cannot answer now. */
class Unavailable extends Error {
  constructor({ status }: Response) {
    super(`HTTP ${status}`);
  }
}

function isTemporary({ status }: Response): boolean {
  return status >= 500 || status === 429;
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}

/** fetch reports a connection that fails, at first or in the middle, as a TypeError; a caller may have wrapped it. */
function isBreak(error: unknown): error is Error {
  return error instanceof Unavailable || error instanceof TypeError || (error as Error).cause instanceof TypeError;
}

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted) done();
  });
}
