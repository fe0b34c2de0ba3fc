/** At the start of the service: custom blueprints into the registry, the broken ones into the log. */
import { cwd } from 'node:process';
import type { Logger } from 'pino';
import { loadCustomBlueprints } from '../../blueprints/custom/load.ts';
import { customBlueprints, useCustomBlueprints } from '../../blueprints/registry.ts';
import { probeBlueprint } from './probe.ts';

/**
 * Takes the place of whatever was loaded before. Never throws: what is wrong with a blueprint is in the log, in
 * `GET /custom-blueprints` and in `GET /readyz`.
 * @param sources entries of `CUSTOM_BLUEPRINTS`
 * @param childEnvironment environment of the processes that run custom code
 */
export async function startCustomBlueprints(
  sources: readonly string[],
  childEnvironment: NodeJS.ProcessEnv,
  logger: Logger,
): Promise<void> {
  const found = await loadCustomBlueprints(sources, {
    from: cwd(),
    examine: (located) => probeBlueprint(located, childEnvironment),
  });
  useCustomBlueprints(found);
  for (const { source, folder, version, pipelineTypes, reasons } of found) {
    const about = { source, folder, version, pipelineTypes };
    if (reasons.length > 0) logger.error({ ...about, reasons }, 'a custom blueprint was refused');
    else logger.info(about, 'a custom blueprint was loaded');
  }
}

/** `CUSTOM_BLUEPRINTS` of the child processes: where those lie that were loaded, whatever the setting called them. */
export function loadedFolders(): string {
  return customBlueprints()
    .filter(({ reasons }) => reasons.length === 0)
    .map(({ folder }) => folder)
    .join(',');
}
