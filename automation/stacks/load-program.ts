/** Pipeline type → the blueprint's program. Imported in the child only: it brings Pulumi's provider SDK with it. */
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { OrchestratorError } from '../errors.ts';
import type { LoadedProgram } from './execute.ts';

export async function loadProgram(type: PipelineType): Promise<LoadedProgram> {
  const blueprint = BLUEPRINTS[type];
  const { loadProgram: load } = blueprint;
  if (!load) throw new OrchestratorError('PIPELINE_TYPE_NOT_AVAILABLE', `${type} has no component yet.`);
  return { ...blueprint, program: await load() };
}

/** Imports every program there is, so that the operation to come does not wait for it. */
export async function preloadPrograms(): Promise<void> {
  await Promise.all(Object.values(BLUEPRINTS).map((blueprint) => blueprint.loadProgram?.()));
}
