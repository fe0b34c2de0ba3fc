/** Previewed changes of resources: what they lose, how they are counted. Pure. */
import type { Model } from '../api/model.ts';

export type ResourceChange = Model<'GuidePreviewAnswer'>['environments'][number]['changes'][number];
export type Finding = NonNullable<Model<'GuidePreviewAnswer'>['environments'][number]['findings']>[number];
export type Operation = ResourceChange['operation'];

/** What takes something away first, what adds something last. */
const ORDER: readonly Operation[] = ['delete', 'replace', 'update', 'create', 'import', 'read', 'refresh', 'same'];

/** What is planned for a resource. */
export const OPERATION_LABELS: Record<Operation, string> = {
  delete: 'destroy',
  replace: 'replace',
  update: 'update',
  create: 'create',
  import: 'import',
  read: 'read',
  refresh: 'refresh',
  same: 'unchanged',
};

/** What was done to resources. */
const DONE: Record<Operation, string> = {
  delete: 'destroyed',
  replace: 'replaced',
  update: 'updated',
  create: 'created',
  import: 'imported',
  read: 'read',
  refresh: 'refreshed',
  same: 'unchanged',
};

export function isLossy({ operation }: ResourceChange): boolean {
  return operation === 'delete' || operation === 'replace';
}

/** By operation, the destroyed ones first; within one, as the engine lists them. */
export function inOrder(changes: readonly ResourceChange[]): ResourceChange[] {
  return changes.toSorted((a, b) => ORDER.indexOf(a.operation) - ORDER.indexOf(b.operation));
}

/** `{create: 2, same: 3}` → `[['create', 2], ['same', 3]]`, in the order above; operations without resources are left out. */
export function countsOf(summary: Record<string, number>): [Operation, number][] {
  return ORDER.flatMap((operation): [Operation, number][] => {
    const count = summary[operation] ?? 0;
    return count > 0 ? [[operation, count]] : [];
  });
}

/** `{create: 2, same: 3}` → "2 created, 3 unchanged". */
export function doneText(summary: Record<string, number>): string {
  return countsOf(summary)
    .map(([operation, count]) => `${count} ${DONE[operation]}`)
    .join(', ');
}
