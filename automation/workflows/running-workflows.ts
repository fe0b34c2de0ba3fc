/** The durable workflows that run in this process, so that the sweep can distinguish a stranded one from a busy one. */
export class RunningWorkflows {
  readonly #ids = new Set<string>();
  readonly #onEnd: () => void;

  /** @param onEnd called after each workflow: another one may begin */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  async whileRunning(workflowId: string, run: () => Promise<void>): Promise<void> {
    this.#ids.add(workflowId);
    try {
      await run();
    } finally {
      this.#ids.delete(workflowId);
      this.#onEnd();
    }
  }

  isRunning(workflowId: string): boolean {
    return this.#ids.has(workflowId);
  }
}
