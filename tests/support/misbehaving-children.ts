/** misbehaving-child.ts as a bundle with the simulated engine, as the children of a service are. */
import { childBundle } from '../../automation/stacks/bundle/child-bundle.ts';

/** `EngineSettings.module` of its operations. */
export const MISBEHAVING_ENGINE = new URL('../../sandbox/child-engine.ts', import.meta.url).href;

let bundled: Promise<URL> | undefined;

/** For `ChildPoolSettings.entry`. */
export async function misbehavingChild(): Promise<URL> {
  return await (bundled ??= childBundle(MISBEHAVING_ENGINE, new URL('misbehaving-child.ts', import.meta.url)));
}
