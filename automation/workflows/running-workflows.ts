/** The durable workflows that run in this process, so that the sweep can distinguish a stranded one from a busy one. */
export class RunningWorkflows {
  readonly #ids = new Set<string>();

  async whileRunning(workflowId: string, run: () => Promise<void>): Promise<void> {
    this.#ids.add(workflowId);
    try {
      await run();
    } finally {
      this.#ids.delete(workflowId);
    }
  }

  isRunning(workflowId: string): boolean {
    return this.#ids.has(workflowId);
  }
}
