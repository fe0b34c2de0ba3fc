/**
 * What an approval is bound to, and whether a deployment stays within it. Pure.
 *
 * The hash names the change as it was shown. Before the deployment the change is previewed again: after a crash half of
 * it may be done, which needs no second approval, but nothing may be in it that was not approved.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../blueprints/request/digest.ts';
import type { PropertyDifference, ResourceChange } from '../model.ts';
import { UNTIL_DEPLOYED } from './child/property-differences.ts';

/** What was approved, kept with the execution for each environment. Plain JSON. */
export interface ApprovedChange {
  changeHash: string;
  blueprintVersion: string;
  changes: ResourceChange[];
}

export interface ChangeSubject {
  pipelineId: string;
  revision: number;
  blueprintVersion: string;
  environment: string;
  changes: readonly ResourceChange[];
}

/** @returns 64 hexadecimal digits; the order in which the engine tells the changes makes no difference. */
export function changeHash({ changes, ...subject }: ChangeSubject): string {
  const essence = changes
    .map(({ operation, urn, replaceProperties = [], differences = [], inputs = {} }) =>
      canonicalJson({ operation, urn, replaceProperties: replaceProperties.toSorted(), differences, inputs }),
    )
    .toSorted();
  return createHash('sha256')
    .update(canonicalJson({ ...subject, changes: essence }))
    .digest('hex');
}

/** How many of each operation are listed, and how many resources stay as they are by the engine's own count. */
export function countsOf(
  changes: readonly ResourceChange[],
  engine: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const counts = [...Map.groupBy(changes, ({ operation }) => operation)].map(
    ([what, all]) => [what, all.length] as const,
  );
  return { ...Object.fromEntries(counts), ...(engine.same ? { same: engine.same } : {}) };
}

/** Whether a change does nothing to an environment: reading is no change. */
export function changesNothing(changes: readonly ResourceChange[]): boolean {
  return changes.every(({ operation }) => operation === 'read' || operation === 'same');
}

/** @returns what a deployment would do beyond what was approved; empty where it may go ahead. */
export function beyondApproval(
  approved: readonly ResourceChange[],
  current: readonly ResourceChange[],
): ResourceChange[] {
  const byUrn = Map.groupBy(approved, ({ urn }) => urn);
  return current.filter((change) => !(byUrn.get(change.urn) ?? []).some((one) => isWithin(change, one)));
}

function isWithin(change: ResourceChange, approved: ResourceChange): boolean {
  if (change.operation === approved.operation) {
    if (change.operation === 'create') return isValueWithin(change.inputs ?? {}, approved.inputs ?? {});
    if (change.operation !== 'update' && change.operation !== 'replace') return true;
    return (change.differences ?? []).every((difference) => isPartOf(difference, approved.differences ?? []));
  }
  // A replacement that was cut off in its middle: the old one is left to delete, or the new one to create.
  return approved.operation === 'replace' && (change.operation === 'delete' || change.operation === 'create');
}

/** The value before may have moved on towards what was approved; where it is to arrive may not. */
function isPartOf({ property, after }: PropertyDifference, approved: readonly PropertyDifference[]): boolean {
  return approved.some(
    (one) =>
      one.property === property &&
      (canonicalJson(one.after ?? null) === canonicalJson(after ?? null) ||
        canonicalJson(one.after ?? null).includes(UNTIL_DEPLOYED)),
  );
}

/** Whether a value is the approved one, but for the places where only the deployment was to show it. */
function isValueWithin(value: unknown, approved: unknown): boolean {
  if (typeof approved === 'string' && approved.includes(UNTIL_DEPLOYED)) return true;
  if (typeof value !== 'object' || value === null || typeof approved !== 'object' || approved === null) {
    return canonicalJson(value ?? null) === canonicalJson(approved ?? null);
  }
  if (Array.isArray(value) !== Array.isArray(approved)) return false;
  const [mine, theirs] = [value as Record<string, unknown>, approved as Record<string, unknown>];
  const keys = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  return [...keys].every((key) => isValueWithin(mine[key], theirs[key]));
}
