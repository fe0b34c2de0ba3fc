/**
 * Which child runs an operation. Built-in pipeline types run from the bundle, which starts in less than half of the time. A custom
 * blueprint is imported from outside and has to share its host's copy of Pulumi, so its child is not bundled.
 */
import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { UNBUNDLED_CHILD, childBundle } from './bundle/child-bundle.ts';
import type { PooledChild, StackChildren } from './child-pool.ts';
import { ChildPool } from './child-pool.ts';

export interface ChildPoolsSettings {
  /** Of the engine, as in `EngineSettings.module`. */
  engineModule: string;
  /** How many to keep ready for built-in types. */
  warm: number;
  /** Of all of them, as in `ChildPoolSettings`. */
  niceness: number;
  env: NodeJS.ProcessEnv;
  logger: Logger;
}

export class ChildPools implements StackChildren {
  readonly #builtIn: ChildPool;
  readonly #custom: ChildPool;
  readonly #poolOf = new WeakMap<PooledChild, ChildPool>();

  constructor({ engineModule, warm, ...common }: ChildPoolsSettings) {
    this.#builtIn = new ChildPool({ entry: bundledEntry(engineModule, common.logger), warm, ...common });
    // One is kept ready where there are custom blueprints at all.
    const warmCustom = common.env.CUSTOM_BLUEPRINTS ? Math.min(1, warm) : 0;
    this.#custom = new ChildPool({ entry: UNBUNDLED_CHILD, warm: warmCustom, ...common });
  }

  refill(): void {
    this.#builtIn.refill();
    this.#custom.refill();
  }

  async take(pipelineType: string): Promise<PooledChild> {
    const pool = Object.hasOwn(BLUEPRINTS, pipelineType) ? this.#builtIn : this.#custom;
    const child = await pool.take();
    this.#poolOf.set(child, pool);
    return child;
  }

  async release(child: PooledChild): Promise<void> {
    await this.#poolOf.get(child)?.release(child);
  }

  async close(): Promise<void> {
    await Promise.all([this.#builtIn.close(), this.#custom.close()]);
  }
}

/** The same bundle for as long as the service runs, unless it was removed meanwhile, as with `rm -rf node_modules/.cache`. */
export function bundledEntry(engineModule: string, logger: Logger): () => Promise<URL> {
  let entry: Promise<URL> | undefined;
  return async () => {
    const asked = (entry ??= bundledOrNot(engineModule, logger));
    if (existsSync(await asked)) return await asked;
    // Others may have seen it at the same time: one build for all of them.
    if (entry === asked) entry = bundledOrNot(engineModule, logger);
    return await entry;
  };
}

/** Where it cannot be bundled, such as on a read-only disk without `npm run bundles`, operations only start more slowly. */
async function bundledOrNot(engineModule: string, logger: Logger): Promise<URL> {
  try {
    return await childBundle(engineModule);
  } catch (error) {
    logger.warn({ err: error }, 'the child process could not be bundled: operations start more slowly');
    return UNBUNDLED_CHILD;
  }
}
