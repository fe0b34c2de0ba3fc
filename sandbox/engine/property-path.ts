import type { Properties, Property } from '../provider.ts';
import { isObject, isSecret, secret } from './properties.ts';

type Path = Array<string | number>;

/**
 * Reads a property path: `a.b`, `a[0].b`, `a["b.c"]`, `a[*]`.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
 * @returns undefined if the text is no path
 */
export function parsePath(text: string): Path | undefined {
  const path: Path = [];
  const part = /^(?:\[(\d+)\]|\[\*\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^.[\]]+))/;
  let rest = text;
  while (rest !== '') {
    const match = part.exec(rest);
    if (match === null) {
      return undefined;
    }
    if (match[1] !== undefined) {
      path.push(Number(match[1]));
    } else if (match[2] !== undefined) {
      path.push(match[2].replace(/\\(.)/g, '$1'));
    } else {
      path.push(match[3] ?? '*');
    }
    rest = rest.slice(match[0].length);
  }
  return path;
}

/** @returns whether a changed path lies at or under the one that is watched; `*` stands for any key. */
export function pathContains(watched: string, changed: string): boolean {
  const left = parsePath(watched) ?? [watched];
  const right = parsePath(changed) ?? [changed];
  return left.length <= right.length && left.every((key, i) => key === '*' || String(key) === String(right[i]));
}

/**
 * Puts the old value back at ignored paths, so that a change there is not seen.
 * @returns the inputs, and the paths where this is impossible: elements of a list, or parts of what only one side has
 */
export function ignoreChanges(
  news: Properties,
  olds: Properties,
  paths: readonly string[],
): { properties: Properties; invalid: string[] } {
  const properties = structuredClone(news);
  const invalid = paths.filter((text) => {
    const path = parsePath(text);
    return path !== undefined && !reset(olds, properties, path);
  });
  return { properties, invalid };
}

/**
 * Makes `news` have at a path what `olds` has there. Nothing on the way there is made or removed, nor is an element of a list.
 * @param hide whether what comes from `olds` was inside a secret, and what it goes into is not
 * @returns false if the two differ in a way that cannot be undone
 */
function reset(olds: Property | undefined, news: Property | undefined, path: Path, hide = false): boolean {
  const [key = '', ...rest] = path;
  const [before, after] = [opened(olds), opened(news)];
  const hidden = (hide || isSecret(olds ?? null)) && !isSecret(news ?? null);
  const value = (given: Property): Property => (hidden && !isSecret(given) ? secret(given) : given);
  if (key === '*') {
    return resetAll(before, after, rest, value, hidden);
  }
  if (typeof key === 'number') {
    if (!Array.isArray(before) || !Array.isArray(after)) {
      return !Array.isArray(before) && !Array.isArray(after);
    }
    const [old, fresh] = [before[key], after[key]];
    if (old === undefined || fresh === undefined) {
      return rest.length === 0 && old === fresh;
    }
    if (rest.length > 0) {
      return reset(old, fresh, rest, hidden);
    }
    after[key] = value(old);
    return true;
  }
  const old = isObject(before) ? before[key] : undefined;
  if (rest.length > 0) {
    if (!isObject(before) || !isObject(after)) {
      return !isObject(before) && !isObject(after);
    }
    const fresh = after[key];
    return old !== undefined && fresh === undefined ? false : old === fresh || reset(old, fresh, rest, hidden);
  }
  if (!isObject(after)) {
    return old === undefined;
  }
  if (old === undefined) {
    Reflect.deleteProperty(after, key);
  } else {
    after[key] = value(old);
  }
  return true;
}

function resetAll(
  before: Property | undefined,
  after: Property | undefined,
  rest: Path,
  value: (given: Property) => Property,
  hidden: boolean,
): boolean {
  if (Array.isArray(after)) {
    if (!Array.isArray(before)) {
      return rest.length === 0;
    }
    const common = before.slice(0, after.length);
    const done = common.map((old, index) => {
      if (rest.length > 0) {
        return reset(old, after[index], rest, hidden);
      }
      after[index] = value(old);
      return true;
    });
    return done.every(Boolean) && before.length === after.length;
  }
  if (!isObject(after)) {
    return false;
  }
  if (!isObject(before)) {
    return rest.length === 0;
  }
  if (rest.length > 0) {
    return Object.entries(before).every(([name, old]) => name in after && reset(old, after[name], rest, hidden));
  }
  Object.keys(after).forEach((name) => Reflect.deleteProperty(after, name));
  Object.entries(before).forEach(([name, old]) => (after[name] = value(old)));
  return true;
}

/** The content of a secret. */
function opened(value: Property | undefined): Property | undefined {
  return isObject(value) && isSecret(value) ? opened(value['value']) : value;
}
