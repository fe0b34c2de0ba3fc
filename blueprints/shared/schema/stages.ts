/** Values that may differ per environment, as a validated request holds them: one value, or an object with one a stage. */
import { STAGES } from '../../blueprint.ts';

/**
 * The combinations of some keys that environments get: one where every key has one value, else one a stage. For rules and
 * warnings on a whole request.
 */
export function perStageCombinations<Values extends readonly unknown[]>(...values: Values): unknown[][] {
  const stages = STAGES.filter((stage) => values.some((value) => isPerStage(value) && Object.hasOwn(value, stage)));
  if (stages.length === 0) return [[...values]];
  return stages.map((stage) => values.map((value) => (isPerStage(value) ? value[stage] : value)));
}

/** Whether a value has entries for stages, and is no object of another kind. */
export function isPerStage(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    STAGES.some((stage) => Object.hasOwn(value, stage))
  );
}
