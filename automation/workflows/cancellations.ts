/**
 * Learns that an execution whose operation runs in this process must be cancelled, by any process: one query at a time for all
 * of them, however many operations run. Used by run-execution-steps.ts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Executions } from '../executions/executions.ts';

/** How soon an operation learns that it must be cancelled. */
const POLL_MS = 500;

interface Watched {
  executionId: string;
  controller: AbortController;
}

export interface Cancellation {
  /** Aborted once the execution is cancelled; the reason is who cancelled it. */
  readonly signal: AbortSignal;
  stop(): void;
}

export class Cancellations {
  readonly #executions: Pick<Executions, 'cancelled'>;
  readonly #logger: Logger;
  readonly #watched = new Set<Watched>();
  #isPolling = false;

  constructor(executions: Pick<Executions, 'cancelled'>, logger: Logger) {
    this.#executions = executions;
    this.#logger = logger;
  }

  watch(executionId: string): Cancellation {
    const watched: Watched = { executionId, controller: new AbortController() };
    this.#watched.add(watched);
    if (!this.#isPolling) void this.#poll();
    return { signal: watched.controller.signal, stop: () => void this.#watched.delete(watched) };
  }

  async #poll(): Promise<void> {
    this.#isPolling = true;
    while (this.#watched.size > 0) {
      await delay(POLL_MS, undefined, { ref: false });
      if (this.#watched.size > 0) await this.#look();
    }
    this.#isPolling = false;
  }

  async #look(): Promise<void> {
    const watched = [...this.#watched];
    try {
      const by = await this.#executions.cancelled(watched.map(({ executionId }) => executionId));
      for (const { executionId, controller } of watched) {
        if (by.has(executionId)) controller.abort(by.get(executionId));
      }
    } catch (error) {
      // A database that is briefly unavailable is queried again; an outage is reported elsewhere.
      this.#logger.debug({ err: error }, 'could not check for cancellations');
    }
  }
}
