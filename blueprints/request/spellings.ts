/** Keys that the original's guide and its code spell differently: both are accepted, and folded into one. */
import type { Fault } from '../faults.ts';

/** Other spelling → the key that we keep (the one that worked with the original). */
export const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ['algo_hyperparameters', 'algo_hyperparamaters'],
  ['hyperparameters_ranges', 'hyperparamaters_ranges'],
  ['Max_wait_time_spot_instances', 'max_wait_time_spot_instances'],
  ['date_capture_location', 'data_capture_location'],
]);

/** The misspelt keys are the original's own, so using them is no mistake: only the guide's slips get a warning. */
const SLIPS = new Set(['Max_wait_time_spot_instances', 'date_capture_location']);

/** Key that is needed → the key that the guide's example has in its place. */
const MIX_UPS: Readonly<Record<string, string>> = { baseline_data: 'training_data' };

export interface FoldedBody {
  /** Key that we keep → value, with the key as it was sent. */
  entries: Map<string, { sentAs: string; value: unknown }>;
  warnings: string[];
  faults: Fault[];
}

export function foldSpellings(given: Readonly<Record<string, unknown>>): FoldedBody {
  const folded: FoldedBody = { entries: new Map(), warnings: [], faults: [] };
  // Sorted, so that the order in the body makes no difference.
  for (const [sentAs, value] of Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = SPELLINGS.get(sentAs) ?? sentAs;
    if (key !== sentAs && Object.hasOwn(given, key)) {
      const message = `is another spelling of "${key}", which is also given; remove one of them`;
      folded.faults.push({ pointer: `/${sentAs}`, message, rule: 'conflict' });
      continue;
    }
    if (SLIPS.has(sentAs)) folded.warnings.push(`"${sentAs}" was accepted as "${key}".`);
    folded.entries.set(key, { sentAs, value });
  }
  return folded;
}

/** A missing key whose value stands under another name, as in the guide's example: says so. */
export function explainMixUp(fault: Fault, given: Readonly<Record<string, unknown>>): Fault {
  const other = fault.rule === 'required' ? MIX_UPS[fault.pointer.slice(1)] : undefined;
  if (other === undefined || !Object.hasOwn(given, other)) return fault;
  return { ...fault, message: `${fault.message}; "${other}" was given, which this type does not use; rename it` };
}
