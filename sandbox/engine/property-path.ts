import type { Properties, Property } from '../provider.ts';
import { isObject } from './properties.ts';

type Path = Array<string | number>;

/**
 * Reads a property path: `a.b`, `a[0].b`, `a["b.c"]`, `a[*]`.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
 * @returns undefined where the text is no path
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

/** @returns whether a changed path lies at, under or above the one that is watched; `*` stands for any key. */
export function pathsMeet(watched: string, changed: string): boolean {
  const left = parsePath(watched) ?? [watched];
  const right = parsePath(changed) ?? [changed];
  const common = Math.min(left.length, right.length);
  return left.slice(0, common).every((key, index) => key === '*' || String(key) === String(right[index]));
}

/**
 * Puts the old value back wherever the new inputs differ at an ignored path, so that the change is not seen.
 * A path that only the old side has is put back; one that only the new side has is taken out.
 */
export function ignoreChanges(news: Properties, olds: Properties, paths: readonly string[]): Properties {
  return paths.reduce<Properties>((properties, text) => {
    const path = parsePath(text) ?? [text];
    const changed = restore(properties, olds, path);
    return isObject(changed) ? changed : properties;
  }, news);
}

function restore(news: Property | undefined, olds: Property | undefined, path: Path): Property | undefined {
  const [key, ...rest] = path;
  if (key === undefined) {
    return olds;
  }
  if (Array.isArray(news) || (news === undefined && Array.isArray(olds))) {
    const oldItems = Array.isArray(olds) ? olds : [];
    const items = [...(news ?? [])] as Property[];
    const indexes = key === '*' ? items.map((_, index) => index) : [Number(key)];
    for (const index of indexes) {
      const value = restore(items[index], oldItems[index], rest);
      if (value !== undefined && index <= items.length) {
        items[index] = value;
      } else if (value === undefined && index === items.length - 1) {
        items.pop();
      }
    }
    return items;
  }
  if (!isObject(news) && !(news === undefined && isObject(olds))) {
    return news;
  }
  const result = new Map(Object.entries(isObject(news) ? news : {}));
  const oldEntries = isObject(olds) ? olds : {};
  const keys = key === '*' ? [...new Set([...result.keys(), ...Object.keys(oldEntries)])] : [String(key)];
  for (const name of keys) {
    const value = restore(result.get(name), oldEntries[name], rest);
    if (value === undefined) {
      result.delete(name);
    } else {
      result.set(name, value);
    }
  }
  return Object.fromEntries(result);
}
