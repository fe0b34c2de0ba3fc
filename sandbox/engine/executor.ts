import { status } from '@grpc/grpc-js';
import { ProviderError } from '../provider.ts';
import { messageOf } from './cli-error.ts';
import type { EngineEvents } from './events.ts';
import { isReported, UNKNOWN_STATUS } from './events.ts';
import { equalProperties } from './properties.ts';
import type { Snapshot } from './snapshot.ts';
import type { Step, StepContext } from './step.ts';
import { DeleteProtectedError } from './steps.ts';

/** Ends a chain of steps: one of them failed (and was reported), or the operation is being aborted. */
export class StepStopped extends Error {
  readonly reason: 'failed' | 'canceled' | 'bailed';

  /** @param reason `bailed` if no step can be generated */
  constructor(reason: 'failed' | 'canceled' | 'bailed', cause?: unknown) {
    super(reason === 'canceled' ? 'the operation was canceled' : 'the operation failed', { cause });
    this.name = 'StepStopped';
    this.reason = reason;
  }
}

export interface ExecutorOptions {
  snapshot: Snapshot;
  events: EngineEvents;
  context: StepContext;
  /** How many cloud operations may run at once. */
  parallel: number;
  continueOnError: boolean;
  /** Whether the operation only refreshes the state. */
  refreshOnly: boolean;
  /** Whether the operation refreshes at all. */
  refreshes: boolean;
}

/** Runs steps: records, announces, does, records, announces. */
export class StepExecutor {
  readonly changes: Record<string, number> = {};
  /** Those that failed in an operation that continues. */
  readonly erroredSteps: Step[] = [];
  readonly #options: ExecutorOptions;
  readonly #waiting: Array<() => void> = [];
  #running = 0;
  #succeeded = 0;
  #failed = false;
  #stopped = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  get failed(): boolean {
    return this.#failed;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Starts no more steps; running ones are completed. */
  stop(): void {
    this.#stopped = true;
  }

  /** Runs steps one after the other. @throws StepStopped */
  async chain(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#run(step);
    }
  }

  async #run(step: Step): Promise<void> {
    await this.#enter();
    try {
      if (this.#stopped) {
        throw new StepStopped('canceled');
      }
      await this.#perform(step);
    } finally {
      this.#leave();
    }
  }

  async #perform(step: Step): Promise<void> {
    const { snapshot, events, context } = this.#options;
    events.before(step);
    const resource = step.new ?? step.old;
    const recorded = !context.preview && step.pending !== undefined && resource !== undefined;
    const settle = recorded
      ? snapshot.begin({ type: step.pending ?? 'creating', resource: { ...resource } })
      : undefined;
    try {
      await step.apply(context);
    } catch (error) {
      this.#report(step, error, settle);
      throw new StepStopped('failed', error);
    }
    settle?.();
    step.commit(snapshot);
    snapshot.save();
    if (isReported(step) && isCounted(step, this.#options.refreshOnly)) {
      this.#succeeded += 1;
      this.changes[step.result] = (this.changes[step.result] ?? 0) + 1;
    }
    // Except in previews, a component shows its outputs only when it registers them.
    if (
      resource?.custom === true ||
      context.preview ||
      step.operation === 'delete' ||
      (step.operation === 'refresh' && this.#options.refreshes)
    ) {
      events.after(step, step.operation === 'refresh' && !this.#options.refreshOnly ? 'refresh' : step.result);
    }
  }

  #report(step: Step, error: unknown, settle: (() => void) | undefined): void {
    const { snapshot, events } = this.#options;
    settle?.();
    const partial = error instanceof ProviderError ? error.partial : undefined;
    const kept = partial !== undefined && step.keepPartial !== undefined;
    if (kept) {
      step.keepPartial?.(partial);
    }
    const message = partial === undefined ? messageOf(error) : initErrorMessage(partial.reasons);
    const { preview } = this.#options.context;
    events.diagnostic({
      severity: 'error',
      ...(isReported(step) && { urn: step.urn }),
      message: preview ? `Preview failed: ${message}` : message,
    });
    if (!preview) {
      events.failed(step, partial === undefined ? statusOf(step, error) : 1, this.#succeeded);
    }
    if (kept) {
      step.afterPartial?.();
      step.commit(snapshot);
    }
    snapshot.save();
    this.#failed = true;
    if (this.#options.continueOnError || error instanceof DeleteProtectedError) {
      this.erroredSteps.push(step);
    } else if (!(step.operation === 'refresh')) {
      this.stop();
    }
  }

  #enter(): Promise<void> {
    if (this.#running < this.#options.parallel) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#running -= 1;
    } else {
      next();
    }
  }
}

function initErrorMessage(reasons: string[]): string {
  const count = reasons.length === 1 ? '1 error' : `${reasons.length} errors`;
  return `${count} occurred:\n${reasons.map((reason) => `\t* ${reason}\n`).join('')}\n`;
}

/** Whether a step counts as a change in the summary of the operation. */
function isCounted(step: Step, refreshOnly: boolean): boolean {
  if (step.operation === 'read') {
    const { old, new: fresh } = step;
    return old?.outputs !== undefined && fresh?.outputs !== undefined && !equalProperties(old.outputs, fresh.outputs);
  }
  return step.logical || (refreshOnly && step.operation === 'refresh');
}

/** A provider's error does not say what became of the resource; after a failed creation none is known. */
function statusOf(step: Step, error: unknown): number {
  const unclear =
    error instanceof ProviderError && [status.UNKNOWN, status.INTERNAL, status.DATA_LOSS].includes(error.code);
  return unclear && step.operation !== 'create' && step.operation !== 'create-replacement' ? UNKNOWN_STATUS : 0;
}
