/**
 * `CUSTOM_BLUEPRINTS` → blueprints, or the reasons why not. A broken one affects no other: it is refused, with every
 * reason at once, and the others are loaded.
 */
import type { Blueprint } from '../blueprint.ts';
import type { CustomBlueprint } from '../registry.ts';
import { clashFaults, contractFaults, definitionsIn, pipelineTypesIn } from './contract.ts';
import { serveHostPackages } from './host-packages.ts';
import type { LocatedBlueprint } from './locate.ts';
import { BlueprintRefused, locateBlueprint } from './locate.ts';

export interface LoadOptions {
  /** Paths are relative to it, and packages are looked for in it first: the working directory. */
  from: string;
  /**
   * Checks a blueprint before it is imported here, where it could do harm.
   * @returns the reasons to refuse it
   */
  examine?: (located: LocatedBlueprint) => Promise<readonly string[]>;
}

/** @param sources entries of the setting; where two clash, the first one wins. Never throws. */
export async function loadCustomBlueprints(
  sources: readonly string[],
  options: LoadOptions,
): Promise<readonly CustomBlueprint[]> {
  const found: CustomBlueprint[] = [];
  for (const source of sources) {
    const before = found.flatMap(({ blueprints }) => blueprints);
    found.push(await loadOne(source, before, options));
  }
  return found;
}

async function loadOne(source: string, before: readonly Blueprint[], options: LoadOptions): Promise<CustomBlueprint> {
  let known: Pick<CustomBlueprint, 'folder' | 'name' | 'version' | 'pipelineTypes'> = { pipelineTypes: [] };
  try {
    const located = locateBlueprint(source, options.from);
    const { folder, name, version } = located;
    known = { ...known, folder, version, ...(name === undefined ? {} : { name }) };
    refuseFor((await options.examine?.(located)) ?? []);
    const exported = await importDefault(located);
    known = { ...known, pipelineTypes: pipelineTypesIn(exported) };
    refuseFor(contractFaults(exported));
    const blueprints = definitionsIn(exported).map((definition) => ({ ...definition, version }));
    refuseFor(clashFaults(blueprints, before));
    return { source, ...known, reasons: [], blueprints };
  } catch (error) {
    const reasons = error instanceof BlueprintRefused ? error.reasons : [inWords(error)];
    return { source, ...known, reasons, blueprints: [] };
  }
}

function refuseFor(reasons: readonly string[]): void {
  if (reasons.length > 0) throw new BlueprintRefused(reasons);
}

/** @throws BlueprintRefused */
async function importDefault({ folder, entry }: LocatedBlueprint): Promise<unknown> {
  serveHostPackages(folder);
  let module: { default?: unknown };
  try {
    module = (await import(entry.href)) as { default?: unknown };
  } catch (error) {
    throw new BlueprintRefused([`it cannot be imported: ${inWords(error)}`], { cause: error });
  }
  if (module.default === undefined) {
    throw new BlueprintRefused([
      'its entry has no default export: the blueprint (see BlueprintDefinition), or a list of them',
    ]);
  }
  return module.default;
}

/** What was thrown, for a person; anything may be. */
export function inWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `it threw ${String(thrown)}`;
  if ((thrown as NodeJS.ErrnoException).code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
    return `${thrown.message} A package must ship JavaScript: build it with npm run blueprint:build.`;
  }
  return thrown.name === 'Error' ? thrown.message : `${thrown.name}: ${thrown.message}`;
}
