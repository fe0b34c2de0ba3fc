/** Pipeline type → the blueprint's program. Imported in the child only: it brings Pulumi's provider SDK with it. */
import { cwd } from 'node:process';
import type { Blueprint, BlueprintProgram } from '../../../blueprints/blueprint.ts';
import { loadCustomBlueprints } from '../../../blueprints/custom/load.ts';
import { BLUEPRINTS, findBlueprint } from '../../../blueprints/registry.ts';
import { customBlueprintSources } from '../../config/process-environment.ts';
import { OrchestratorError } from '../../errors.ts';

/** What an operation needs of a blueprint. */
export interface LoadedProgram extends Pick<
  Blueprint,
  'endpointOutput' | 'endpointConfigOutput' | 'needs' | 'conflicts' | 'smokeRequest'
> {
  program: BlueprintProgram;
}

export async function loadProgram(type: string): Promise<LoadedProgram> {
  // Custom ones are imported for their own operations only, so side effects on this process stay contained.
  const blueprint = findBlueprint(type) ?? (await findCustom(type));
  const { loadProgram: load } = blueprint;
  if (!load) throw new OrchestratorError('PIPELINE_TYPE_NOT_AVAILABLE', `${type} has no component yet.`);
  return { ...blueprint, program: await load() };
}

/** Imports every built-in program ahead of time, so that the operation does not have to wait for it. */
export async function preloadPrograms(): Promise<void> {
  await Promise.all(Object.values(BLUEPRINTS).map((blueprint) => blueprint.loadProgram?.()));
}

/** The service checked them all at its start, and passes the folders of the valid ones to its children in the environment. */
async function findCustom(type: string): Promise<Blueprint> {
  const reasons: string[] = [];
  for (const folder of customBlueprintSources()) {
    const [loaded] = await loadCustomBlueprints([folder], { from: cwd() });
    const found = loaded?.blueprints.find(({ pipelineType }) => pipelineType === type);
    if (found) return found;
    reasons.push(...(loaded?.reasons ?? []).map((reason) => `${folder}: ${reason}`));
  }
  throw new OrchestratorError(
    'PIPELINE_TYPE_NOT_AVAILABLE',
    `No blueprint for ${type} is loaded. ${reasons.join('; ') || 'Add it to CUSTOM_BLUEPRINTS.'}`,
  );
}
