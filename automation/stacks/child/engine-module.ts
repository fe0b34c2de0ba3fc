/**
 * The module of the engine that an operation names. A bundle has it inside, with the same copy of the Pulumi SDK, and puts
 * its own functions in the place of these (../bundle/plugins.ts).
 */
import type { EngineModule } from '../../engine/engine.ts';

/** @param module as in `EngineSettings.module` */
export async function loadEngineModule(module: string): Promise<EngineModule> {
  return (await import(module)) as EngineModule;
}

/** Before there is an operation, as far as it is known by then. */
export async function preloadEngineModule(): Promise<void> {}
