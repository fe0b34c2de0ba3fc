/** Whether a difference means replacement, by the provider's word or by the program's. */
import type { DiffKind, DiffResult } from '../provider.ts';
import { pathContains } from './property-path.ts';

/** The path by which a program asks for the replacement of what did not become ready. */
const INIT_ERROR = '#initerror';

export function isReplacement(diff: DiffResult): boolean {
  const kinds = Object.values(diff.detailedDiff ?? {}).map(({ kind }) => kind);
  return kinds.some((kind) => kind.endsWith('-replace')) || (diff.replaces ?? []).length > 0;
}

/**
 * Makes replacements of the differences that a program wants to be some.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/replaceonchanges/
 */
export function applyReplaceOnChanges(
  diff: DiffResult,
  paths: readonly string[],
  initErrors: readonly string[] | undefined,
): DiffResult {
  const unready = (initErrors ?? []).length > 0;
  if (diff.changes !== 'some' && !unready) {
    return diff;
  }
  const asked = (path: string): boolean => paths.some((watched) => pathContains(watched, path));
  const detailedDiff =
    diff.detailedDiff &&
    Object.fromEntries(
      Object.entries(diff.detailedDiff).map(([path, each]) => [
        path,
        asked(path) ? { ...each, kind: toReplace(each.kind) } : each,
      ]),
    );
  const replaces = [...new Set([...(diff.replaces ?? []), ...(diff.diffs ?? []).filter(asked)])];
  if (unready && asked(INIT_ERROR)) {
    if (detailedDiff) {
      detailedDiff[INIT_ERROR] = { kind: 'update-replace', inputDiff: false };
    }
    return { ...diff, changes: 'some', detailedDiff, replaces: [...replaces, INIT_ERROR] };
  }
  return { ...diff, detailedDiff, replaces };
}

function toReplace(kind: DiffKind): DiffKind {
  return kind.endsWith('-replace') ? kind : (`${kind}-replace` as DiffKind);
}
