/** Diff: what changed between the old and the new inputs, and whether that means an update or a replacement. */
import type { DiffKind, DiffResult, Properties, Property } from '../provider.ts';
import { UNKNOWN } from '../provider.ts';
import {
  DEFAULTS,
  at,
  canonical,
  defaulted,
  hasUnknown,
  isAbsent,
  isAssetOrArchive,
  isObject,
  same,
} from './properties.ts';
import type { ResourceType } from './resource-type.ts';

type Change = { path: string; kind: 'add' | 'delete' | 'update' };

/** @param ignoreChanges property paths whose change does not count. */
export function diffResource(
  type: ResourceType,
  oldInputs: Properties,
  news: Properties,
  ignoreChanges: readonly string[],
): DiffResult {
  const keys = [...new Set([...Object.keys(oldInputs), ...Object.keys(news)])].sort();
  const detailedDiff: NonNullable<DiffResult['detailedDiff']> = {};
  const diffs: string[] = [];
  const replaces: string[] = [];
  for (const key of keys) {
    if (key === DEFAULTS || sameInput(type, key, oldInputs[key], news[key])) continue;
    const changes = changesBetween(key, oldInputs[key], news[key]).filter(({ path }) => !covers(ignoreChanges, path));
    if (changes.length === 0) continue;
    diffs.push(key);
    for (const { path, kind } of changes) {
      const replace = forcesReplacement(type, path, news, oldInputs);
      if (replace && !replaces.includes(key)) replaces.push(key);
      detailedDiff[path] = { kind: replace ? (`${kind}-replace` as DiffKind) : kind, inputDiff: true };
    }
  }
  const deleteBeforeReplace = replaces.length > 0 && mustDeleteFirst(type, news);
  return { changes: diffs.length > 0 ? 'some' : 'none', diffs, replaces, deleteBeforeReplace, detailedDiff };
}

function sameInput(
  type: ResourceType,
  key: string,
  before: Property | undefined,
  after: Property | undefined,
): boolean {
  // Left out and empty text are one to the provider; unknown counts as a change, whatever it will be.
  if (isAbsent(before) && isAbsent(after)) return true;
  if (hasUnknown(after)) return before === after;
  return same(before, after) || ((type.documents?.includes(key) ?? false) && sameDocument(before, after));
}

/** The leaves that differ, by path: `tags.team`, `productionVariants[0].instanceType`. */
function changesBetween(path: string, before: Property | undefined, after: Property | undefined): Change[] {
  if (same(before, after) && !hasUnknown(after)) return [];
  if (isAbsent(before)) return [{ path, kind: 'add' }];
  if (isAbsent(after)) return [{ path, kind: 'delete' }];
  if (isPlainObject(before) && isPlainObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => key !== DEFAULTS).sort();
    return keys.flatMap((key) => changesBetween(child(path, key), before[key], after[key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index).flatMap((index) =>
      changesBetween(`${path}[${index}]`, before[index], after[index]),
    );
  }
  return [{ path, kind: 'update' }];
}

function isPlainObject(value: Property | undefined): value is { [key: string]: Property } {
  return isObject(value) && !isAssetOrArchive(value);
}

/** A key with a dot or a bracket in it is quoted, as Pulumi's property paths are. */
function child(path: string, key: string): string {
  return /[.[\]"]/.test(key) ? `${path}[${JSON.stringify(key)}]` : `${path}.${key}`;
}

/** True where one of the paths is this one, or leads to it. */
function covers(paths: readonly string[], path: string): boolean {
  return paths.some((each) => path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`));
}

function forcesReplacement(type: ResourceType, path: string, news: Properties, oldInputs: Properties): boolean {
  const key = path.split(/[.[]/)[0] ?? path;
  if (!type.global && key === 'region') return true;
  if (key === 'tagsAll') return false;
  if (type.replaceWhen?.(key, news, oldInputs)) return true;
  if ('allExcept' in type.replaceOn) return !covers(type.replaceOn.allExcept, path);
  // A parent that came or went is a replacement only if the replacing part of it came or went.
  const parts = type.replaceOn.filter((each) => each.startsWith(`${path}.`));
  return covers(type.replaceOn, path) || parts.some((each) => !same(at(oldInputs, each), at(news, each)));
}

/** With a name of the user's own, the new one cannot be made while the old one still has that name. */
function mustDeleteFirst(type: ResourceType, news: Properties): boolean {
  if (type.deleteBeforeReplace) return true;
  const names = defaulted(news);
  const property = type.autoName?.property;
  return names !== undefined && property !== undefined && !isAbsent(news[property]) && !names.includes(property);
}

/** Same JSON by meaning: order of keys, and one element in place of a list of one, do not count. */
export function sameDocument(before: Property | undefined, after: Property | undefined): boolean {
  if (typeof before !== 'string' || typeof after !== 'string' || after === UNKNOWN) return false;
  try {
    return canonical(meaning(JSON.parse(before) as Property)) === canonical(meaning(JSON.parse(after) as Property));
  } catch {
    return false;
  }
}

/** Lists of a policy that are sets: their order has no meaning. */
const SETS = new Set(['Action', 'NotAction', 'Resource', 'NotResource', 'AWS', 'Service', 'Federated']);

function meaning(value: Property, key = ''): Property {
  if (Array.isArray(value)) {
    const list = value.map((each) => meaning(each));
    if (list.length === 1) return list[0] ?? null;
    return SETS.has(key) ? list.sort((a, b) => canonical(a).localeCompare(canonical(b))) : list;
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, meaning(each, name)]));
}
