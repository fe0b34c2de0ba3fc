/** How two requests differ: for approvers, and for the comparison of revisions. Pure. */
import { isEqual } from 'es-toolkit/predicate/isEqual';
import type { PropertyDifference } from '../model.ts';

/** By key, in alphabetical order. */
export function requestDifferences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): PropertyDifference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .toSorted()
    .filter((key) => !isEqual(before[key], after[key]))
    .map((key) => ({
      property: key,
      ...(key in before ? { before: before[key] } : {}),
      ...(key in after ? { after: after[key] } : {}),
    }));
}
