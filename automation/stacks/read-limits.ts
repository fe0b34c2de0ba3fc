/**
 * Limits of concurrent previews and histories, because each is a child process of some hundred megabytes that every viewer can
 * request. Used by previews.ts and the orchestrator, within one process of the service.
 */
import { Semaphore } from 'es-toolkit/promise/semaphore';
import { OrchestratorError } from '../errors.ts';

/** The caller waiting for a read of the engine. */
export interface ReadCall {
  readonly caller: string;
  /** Aborted when the caller disconnects: its work ends. */
  readonly signal: AbortSignal;
}

export interface ReadBounds {
  /** Concurrent child processes; further ones wait. */
  readonly children: number;
  /** Requests of one caller that run or wait. */
  readonly perCaller: number;
  /** Requests of all callers that run or wait. */
  readonly inAll: number;
}

export const READ_REQUESTS = { perCaller: 16, inAll: 32 } as const;

const RETRY_AFTER_SECONDS = 5;

export class ReadLimits {
  readonly #bounds: ReadBounds;
  readonly #children: Semaphore;
  readonly #callers = new Map<string, number>();
  #requests = 0;

  constructor(bounds: ReadBounds) {
    this.#bounds = bounds;
    this.#children = new Semaphore(bounds.children);
  }

  /**
   * Runs one request.
   * @throws OrchestratorError `CALLER_LIMIT_REACHED`, `SERVICE_BUSY`
   */
  async request<T>(caller: string, work: () => Promise<T>): Promise<T> {
    const { perCaller, inAll } = this.#bounds;
    const ofCaller = this.#callers.get(caller) ?? 0;
    if (ofCaller >= perCaller) {
      throw new OrchestratorError(
        'CALLER_LIMIT_REACHED',
        `${perCaller} previews and histories of ${caller} are already in progress. Wait for one of them to end.`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    }
    if (this.#requests >= inAll) {
      throw new OrchestratorError(
        'SERVICE_BUSY',
        `${inAll} previews and histories are already in progress. Try again in a moment.`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    }
    this.#callers.set(caller, ofCaller + 1);
    this.#requests++;
    try {
      return await work();
    } finally {
      this.#requests--;
      const left = (this.#callers.get(caller) ?? 1) - 1;
      if (left === 0) this.#callers.delete(caller);
      else this.#callers.set(caller, left);
    }
  }

  /** Waits for its turn. @throws the signal's reason if the caller has disconnected in the meantime */
  async child<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#children.acquire();
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#children.release();
    }
  }
}
