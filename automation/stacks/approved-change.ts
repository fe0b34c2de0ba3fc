/**
 * What an approval is bound to, and whether a deployment stays within it. Pure.
 *
 * The hash names the change as it was shown. Before the deployment the change is previewed again: after a crash half of
 * it may be done, which needs no second approval, but nothing may be in it that was not approved.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../blueprints/request/digest.ts';
import type { PropertyDifference, ResourceChange } from '../orchestrator.ts';
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
    .map(({ operation, urn, replaceProperties = [], differences = [] }) =>
      canonicalJson({ operation, urn, replaceProperties: replaceProperties.toSorted(), differences }),
    )
    .toSorted();
  return createHash('sha256')
    .update(canonicalJson({ ...subject, changes: essence }))
    .digest('hex');
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
