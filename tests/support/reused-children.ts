/**
 * Stack operations for specs that are not about processes: a child serves many operations, one at a time, where the
 * service gives each its own. Importing Pulumi and the blueprints is more than half of an operation's work.
 *
 * A child that failed, or was cancelled or stopped, is not used again: its program may have left something running.
 */
import type { Socket } from 'node:net';
import pino from 'pino';
import { preferInstalledCli } from '../../automation/engine/cli.ts';
import { ChildPool } from '../../automation/stacks/child-pool.ts';
import type { ChildPoolSettings, PooledChild, StackChildren } from '../../automation/stacks/child-pool.ts';
import { bundledEntry } from '../../automation/stacks/child-pools.ts';
import type { FromChild } from '../../automation/stacks/messages.ts';
import type { OperationRunner } from '../../automation/stacks/stack-runner.ts';
import { StackRunner } from '../../automation/stacks/stack-runner.ts';

/** More would only compete for the cores: the service and the database need one too. */
const CHILDREN = 2;
/** Then a child is replaced: modules keep some memory of every program they have run. */
const OPERATIONS_PER_CHILD = 200;

class ReusedChildren implements StackChildren {
  readonly #pool: ChildPool;
  readonly #idle: PooledChild[] = [];
  readonly #waiting: ((child: Promise<PooledChild>) => void)[] = [];
  readonly #served = new WeakMap<PooledChild, { count: number; last?: FromChild }>();
  #busy = 0;

  constructor(pool: ChildPool) {
    this.#pool = pool;
  }

  async take(): Promise<PooledChild> {
    if (this.#busy === CHILDREN) return await new Promise((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    return await this.#next();
  }

  async release(child: PooledChild): Promise<void> {
    const served = this.#served.get(child);
    for (const event of ['message', 'exit', 'error']) child.process.removeAllListeners(event);
    const isSound = served?.last?.type === 'result' && served.last.result.ok && served.count < OPERATIONS_PER_CHILD;
    if (isSound && child.process.connected) {
      // A test process that has nothing left to do ends, and its children with it.
      setKeepsParentAlive(child, false);
      this.#idle.push(child);
    } else {
      await this.#pool.release(child);
    }
    const next = this.#waiting.shift();
    if (next) next(this.#next());
    else this.#busy--;
  }

  async #next(): Promise<PooledChild> {
    const child = this.#idle.pop() ?? (await this.#start());
    if (!child.process.connected) return await this.#next();
    const served = this.#served.get(child) ?? { count: 0 };
    served.count++;
    served.last = undefined;
    this.#served.set(child, served);
    child.process.on('message', (message: FromChild) => (served.last = message));
    setKeepsParentAlive(child, true);
    return child;
  }

  async #start(): Promise<PooledChild> {
    try {
      return await this.#pool.take();
    } catch (error) {
      this.#busy--;
      throw error;
    }
  }
}

function setKeepsParentAlive({ process: child }: PooledChild, keeps: boolean): void {
  const method = keeps ? 'ref' : 'unref';
  child[method]();
  child.channel?.[method]();
  for (const pipe of child.stdio.slice(1)) (pipe as Socket | null | undefined)?.[method]();
}

const logger = pino({ level: 'silent' });
// As the service does it: `npx` puts the npm package `pulumi`, which downloads a CLI, in front of one on the PATH.
const env = { ...process.env, PATH: await preferInstalledCli(process.env.PATH ?? '') };

/** @param entry of the children */
export function reuseChildren(entry: ChildPoolSettings['entry']): OperationRunner {
  const children = new ReusedChildren(new ChildPool({ entry, warm: 0, niceness: 10, env, logger }));
  const runner = new StackRunner(children, { timeoutSeconds: 120, silenceSeconds: 60, graceSeconds: 10 }, logger);
  return {
    // Without `onStart` the lease names no process that a successor would end: the child may be on another stack by then.
    run: (operation, { onStart: _, ...options } = {}) => runner.run(operation, options),
  };
}

// An operation brings the engine's module with it: the bundle holds the one that specs run on.
const engineFile = process.env.SANDBOX_ENGINE === 'real' ? 'child-cli-engine.ts' : 'child-engine.ts';
const engine = new URL(`../../sandbox/${engineFile}`, import.meta.url).href;

/** Shared by all specs of this process. */
export const reusedChildren = reuseChildren(bundledEntry(engine, logger));
