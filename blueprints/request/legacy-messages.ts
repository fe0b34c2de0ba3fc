/** The original's messages for a rejected request, which clients may match. It reported the first fault only. */
import type { Blueprint } from '../blueprint.ts';
import type { Fault } from '../faults.ts';

/** For a `pipeline_type` that is absent or not known. */
export const UNSUPPORTED_TYPE =
  'Bad request format. Pipeline type not supported. Check documentation for API & config formats';

/** It named this type whichever monitor was asked for. */
const UNSUPPORTED_PROBLEM = 'Bad request format. Unsupported problem_type in byom_model_quality_monitor pipeline';

export function legacyMessage(faults: readonly Fault[], blueprint: Blueprint): string {
  // What a monitor needs depends on its problem type, so that came first.
  if (blueprint.pipelineType.endsWith('_monitor') && faults.some(({ pointer }) => pointer === '/problem_type')) {
    return UNSUPPORTED_PROBLEM;
  }
  const missing = faults.find(({ rule, pointer }) => rule === 'required' && pointer !== '');
  if (missing) {
    return `Bad request. API body does not have the necessary parameter: ${missing.pointer.slice(1).split('/')[0] ?? ''}`;
  }
  const [first] = faults;
  return `Bad request. ${first?.pointer || 'The body'} ${first?.message ?? 'is not valid'}`;
}
