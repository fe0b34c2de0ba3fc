import type { Cloud } from '../aws/cloud.ts';
import type { CreateCloud, EngineSettings } from './engine.ts';

/** The {@link Cloud} that goes with an engine, for the service process: without the engine itself. */
export async function loadCloud(settings: EngineSettings): Promise<Cloud> {
  const { createCloud } = (await import(settings.module)) as { createCloud: CreateCloud };
  return await createCloud(settings);
}
