import { ProviderError } from '../provider.ts';
import { messageOf } from './cli-error.ts';
import type { EngineEvents } from './events.ts';
import { isReported } from './events.ts';
import type { Snapshot } from './snapshot.ts';
import type { Step, StepContext } from './step.ts';

/** Ends a chain of steps: one of them failed (and was reported), or the operation is being given up. */
export class StepStopped extends Error {
  readonly reason: 'failed' | 'canceled';

  constructor(reason: 'failed' | 'canceled', cause?: unknown) {
    super(reason === 'failed' ? 'a step failed' : 'the operation was canceled', { cause });
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
}

/** Runs steps: records, announces, does, records, announces. */
export class StepExecutor {
  readonly changes: Record<string, number> = {};
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

  /** Starts no more steps; those that run come to their end. */
  stop(): void {
    this.#stopped = true;
  }

  /** Notes a failure that no step caused. */
  fail(): void {
    this.#failed = true;
    if (!this.#options.continueOnError) {
      this.stop();
    }
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
    this.#succeeded += 1;
    if (isReported(step) && (step.logical || step.operation === 'refresh')) {
      this.changes[step.result] = (this.changes[step.result] ?? 0) + 1;
    }
    // Outside of previews a component shows its outputs only when it registers them.
    if (
      step.old?.custom === true ||
      step.new?.custom === true ||
      context.preview ||
      step.new === undefined ||
      step.operation === 'refresh'
    ) {
      events.after(step);
    }
  }

  #report(step: Step, error: unknown, settle: (() => void) | undefined): void {
    const { snapshot, events } = this.#options;
    settle?.();
    const partial = error instanceof ProviderError ? error.partial : undefined;
    if (partial !== undefined && step.keepPartial !== undefined) {
      step.keepPartial(partial);
      step.commit(snapshot);
    }
    snapshot.save();
    this.fail();
    events.diagnostic({
      severity: 'error',
      urn: step.urn,
      message: partial === undefined ? messageOf(error) : initErrorMessage(partial.reasons),
    });
    events.failed(step, partial === undefined ? 0 : 1, this.#succeeded);
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
