/** The original's own words for a refused request, which clients may compare with. It told the first fault only. */
import type { Blueprint } from '../blueprint.ts';
import type { Fault } from '../faults.ts';

export function legacyMessage(faults: readonly Fault[], blueprint: Blueprint): string {
  const missing = faults.find((fault) => fault.rule === 'required');
  if (missing) {
    return `Bad request. API body does not have the necessary parameter: ${missing.pointer.slice(1).split('/')[0] ?? ''}`;
  }
  if (faults.some((fault) => fault.pointer === '/problem_type') && blueprint.pipelineType.endsWith('_monitor')) {
    return 'Bad request format. Unsupported problem_type in byom_model_quality_monitor pipeline';
  }
  const [first] = faults;
  return `Bad request. ${first?.pointer || 'The body'} ${first?.message ?? ''}`;
}
