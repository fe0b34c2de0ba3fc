/** Keys that the original's guide and its code spell differently: both are taken, and folded into one. */
import type { Fault } from '../faults.ts';

/** Other spelling → the key that we keep (the one that worked with the original). */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['algo_hyperparameters', 'algo_hyperparamaters'],
  ['hyperparameters_ranges', 'hyperparamaters_ranges'],
  ['Max_wait_time_spot_instances', 'max_wait_time_spot_instances'],
  ['date_capture_location', 'data_capture_location'],
]);

/** The misspelt keys are the original's own; nobody is to blame for using them, so only the guide's slips are told. */
const SLIPS = new Set(['Max_wait_time_spot_instances', 'date_capture_location']);

export function foldSpellings(given: Record<string, unknown>): {
  body: Record<string, unknown>;
  warnings: string[];
  faults: Fault[];
} {
  const body: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const warnings: string[] = [];
  const faults: Fault[] = [];
  for (const [key, value] of Object.entries(given)) {
    const kept = SPELLINGS.get(key) ?? key;
    if (kept !== key && Object.hasOwn(given, kept)) {
      faults.push({
        pointer: `/${key}`,
        message: `is another spelling of "${kept}", which is given too; leave one of them out`,
        rule: 'conflict',
      });
      continue;
    }
    if (SLIPS.has(key)) warnings.push(`"${key}" was taken as "${kept}".`);
    body[kept] = value;
  }
  return { body, warnings, faults };
}
