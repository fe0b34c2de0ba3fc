/**
 * Loads the engine module that the settings name. A bundle contains that module, with the same copy of the Pulumi SDK, and
 * replaces these functions with its own (../stacks/bundle/plugins.ts).
 */
import type { EngineModule } from './engine.ts';

/** @param module as in `EngineSettings.module` */
export async function loadEngineModule(module: string): Promise<EngineModule> {
  return (await import(module)) as EngineModule;
}

/** In the child, called before there is an operation; loads the engine if it is known by then. */
export async function preloadEngineModule(): Promise<void> {}
