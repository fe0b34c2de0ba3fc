/** Whether a difference means replacement, by the provider's word or by the program's. */
import type { DiffKind, DiffResult } from '../provider.ts';
import type { FormerNames } from './former-names.ts';
import { pathContains } from './property-path.ts';
import type { ProviderRegistry } from './provider-registry.ts';
import type { ResourceState } from './state.ts';
import { parseReference } from './urn.ts';

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

/** Another provider means replacement where it could not go on with what the old one has made. */
export async function providerChanged(
  before: string,
  after: string,
  olds: ReadonlyMap<string, ResourceState>,
  former: FormerNames,
  registry: ProviderRegistry,
): Promise<boolean> {
  if (before === after) {
    return false;
  }
  if (before === '' || after === '') {
    return true;
  }
  const { urn: oldUrn } = parseReference(before);
  const { urn } = parseReference(after);
  const old = olds.get(oldUrn);
  if (former.newName(oldUrn) === urn || old === undefined) {
    return false;
  }
  return isReplacement(await registry.diffBetween(urn, old));
}
