/** A validated request → its values in one environment. Pure. */
import type { Blueprint, PipelineRequest } from '../blueprint.ts';
import { STAGES } from '../blueprint.ts';

/**
 * The request as it applies to one environment: of a value per stage, that stage's. A key that is empty for the stage
 * is left out.
 * @param environment `main` takes values as they are
 */
export function stageValues(blueprint: Blueprint, request: PipelineRequest, environment: string): PipelineRequest {
  const stage = STAGES.find((one) => one === environment);
  if (!stage) return request;
  const entries = Object.entries(request).flatMap(([key, value]) => {
    if (!blueprint.perStageKeys.includes(key) || typeof value !== 'object' || value === null) return [[key, value]];
    const own = (value as Record<string, unknown>)[stage];
    return own === undefined || own === '' ? [] : [[key, own]];
  });
  return Object.fromEntries(entries) as PipelineRequest;
}
