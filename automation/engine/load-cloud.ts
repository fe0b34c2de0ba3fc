import type { Cloud } from '../aws/cloud.ts';
import { loadEngineModule } from './engine-module.ts';
import type { EngineSettings } from './engine.ts';

/** The {@link Cloud} that goes with an engine, for the service process: without the engine itself. */
export async function loadCloud(settings: EngineSettings): Promise<Cloud> {
  const { createCloud } = await loadEngineModule(settings.module);
  return await createCloud(settings);
}
