/** What every method of the `FakeOrchestrator` does first: it is recorded, and may fail or be held up. */
import type { Orchestrator } from '../../automation/orchestrator.ts';

export abstract class RecordedCalls {
  /** Every call, in order: the method and its arguments. */
  readonly calls: { method: keyof Orchestrator; arguments: unknown[] }[] = [];
  /** Thrown by the method of that name from now on. */
  readonly failures = new Map<keyof Orchestrator, unknown>();
  readonly #gates = new Map<keyof Orchestrator, { gate: Promise<unknown>; reached: () => void }>();

  /** Holds a method until `release` is called, so that a test can inspect a request in progress. */
  hold(method: keyof Orchestrator): { reached: Promise<unknown>; release: () => void } {
    const gate = Promise.withResolvers<undefined>();
    const reached = Promise.withResolvers<undefined>();
    this.#gates.set(method, { gate: gate.promise, reached: () => reached.resolve(undefined) });
    return { reached: reached.promise, release: () => gate.resolve(undefined) };
  }

  protected async called(method: keyof Orchestrator, ...args: unknown[]): Promise<void> {
    this.calls.push({ method, arguments: args });
    this.fail(method);
    const held = this.#gates.get(method);
    held?.reached();
    await held?.gate;
  }

  protected fail(method: keyof Orchestrator): void {
    if (this.failures.has(method)) throw this.failures.get(method);
  }
}
