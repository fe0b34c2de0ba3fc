/** The report of a monitor's run: `constraint_violations.json`, as SageMaker and Clarify write it. Pure. */
import type { Violation } from './job-calls.ts';

/** The first violations are shown; the report has them all. */
const SHOWN = 20;

/**
 * @returns undefined for what is no such report
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html
 */
export function readViolations(report: string): Violation[] | undefined {
  let found: unknown;
  try {
    ({ violations: found } = JSON.parse(report) as { violations?: unknown });
  } catch {
    return undefined;
  }
  return Array.isArray(found) ? found.slice(0, SHOWN).map(toViolation) : undefined;
}

/** SageMaker names a feature, Clarify a facet (bias) or a label (explainability). */
function toViolation(entry: unknown): Violation {
  const keys = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
  const feature = text(keys.feature_name) ?? text(keys.facet) ?? text(keys.label) ?? text(keys.metric_name);
  const check = text(keys.constraint_check_type);
  const description = text(keys.description);
  return { ...(feature ? { feature } : {}), ...(check ? { check } : {}), ...(description ? { description } : {}) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * The number in the message that a run with violations ends with.
 * @param message such as `CompletedWithViolations: Job completed successfully with 50 violations.`
 */
export function countViolations(message = ''): number | undefined {
  const [, count] = /with (\d+) violations?/.exec(message) ?? [];
  return count === undefined ? undefined : Number(count);
}
