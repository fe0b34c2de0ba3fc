/**
 * The child process as a bundle: importing its 2,500 modules one by one takes longer than the rest of its start, and every
 * operation has its own child.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachedBundle } from './cached-bundle.ts';
import { OUTPUT } from './plugins.ts';

/** The same program unbundled: the only form that shares its packages with custom blueprints. */
export const UNBUNDLED_CHILD = new URL('../child/main.ts', import.meta.url);
const SWITCH = new URL('../child/dead-mans-switch-thread.ts', import.meta.url);

/**
 * The entry of the bundled child, for built-in pipeline types.
 * @param engineModule as in `EngineSettings.module`: it becomes part of the bundle
 * @param child another program that serves operations, for tests
 * @throws esbuild's error
 */
export async function childBundle(engineModule: string, child = UNBUNDLED_CHILD): Promise<URL> {
  const folder = await cachedBundle({
    engineModule,
    entries: { [OUTPUT.main]: child, [OUTPUT.switch]: SWITCH },
  });
  return pathToFileURL(join(folder, `${OUTPUT.main}.cjs`));
}
