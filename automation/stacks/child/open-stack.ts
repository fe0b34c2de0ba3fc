/**
 * A stack that an operation has opened, with as few CLI commands as possible: its state is read once, and again only after
 * something may have changed it; an update reads neither outputs nor history, because the state has them too. With Pulumi
 * Cloud each command is a round trip. Created by the operation's workspace, used by its actions.
 */
import type {
  Deployment,
  DestroyOptions,
  PreviewOptions,
  RefreshOptions,
  Stack,
  UpOptions,
  UpdateSummary,
} from '@pulumi/pulumi/automation/index.js';
import type { StackState } from './state.ts';

export class OpenStack {
  readonly #stack: Stack;
  #exported: Promise<Deployment> | undefined;

  constructor(stack: Stack) {
    this.#stack = withoutReads(stack);
  }

  /** @returns the state in the backend; undefined for a stack without one */
  async state(): Promise<StackState | undefined> {
    const { deployment } = await this.#export();
    return deployment as StackState | undefined;
  }

  /** Imports the state from {@link state} after it was edited. */
  async replaceState(state: StackState): Promise<void> {
    const exported = await this.#export();
    await this.#changing(this.#stack.importStack({ ...exported, deployment: state } as Deployment));
  }

  /** @returns what the engine printed */
  async up(options: UpOptions): Promise<string> {
    const { stdout } = await this.#changing(this.#stack.up(options));
    return stdout;
  }

  async destroy(options: DestroyOptions): Promise<void> {
    await this.#changing(this.#stack.destroy(options));
  }

  async refresh(options: RefreshOptions): Promise<void> {
    await this.#changing(this.#stack.refresh(options));
  }

  /** Clears the engine's lock. Some back ends report an error when there is none. */
  async unlock(): Promise<void> {
    await this.#changing(this.#stack.cancel().catch(() => undefined));
  }

  async preview(options: PreviewOptions): Promise<void> {
    await this.#stack.preview(options);
  }

  async previewDestroy(options: DestroyOptions): Promise<void> {
    await this.#stack.previewDestroy(options);
  }

  async previewRefresh(options: RefreshOptions): Promise<void> {
    await this.#stack.previewRefresh(options);
  }

  /** @param size how many of the newest entries */
  async history(size: number): Promise<UpdateSummary[]> {
    return await this.#stack.history(size, 1, false);
  }

  /** Removes the stack, which must be empty, from its backend. */
  async remove(): Promise<void> {
    await this.#stack.workspace.removeStack(this.#stack.name);
  }

  async #export(): Promise<Deployment> {
    this.#exported ??= this.#stack.exportStack();
    try {
      return await this.#exported;
    } catch (thrown) {
      this.#exported = undefined;
      throw thrown;
    }
  }

  /** The cached state is stale afterwards, whether the command succeeds or not. */
  async #changing<T>(command: Promise<T>): Promise<T> {
    try {
      return await command;
    } finally {
      this.#exported = undefined;
    }
  }
}

/** The SDK calls these two methods after each update: three CLI commands whose output is not needed here. */
function withoutReads(stack: Stack): Stack {
  return Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
}
