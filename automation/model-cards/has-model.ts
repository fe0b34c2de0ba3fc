/** Which pipelines have a model card. */
import { findBlueprint } from '../../blueprints/registry.ts';

/** Whether pipelines of a type train or deploy a model: monitors watch one, and image builders have none. */
export function hasModel(pipelineType: string): boolean {
  const blueprint = findBlueprint(pipelineType);
  return blueprint !== undefined && blueprint.nameKey === 'model_name' && blueprint.watchesEndpoint === undefined;
}

/** Path of the card in the API. */
export function cardPath(pipelineId: string): string {
  return `/pipelines/${encodeURIComponent(pipelineId)}/card`;
}
