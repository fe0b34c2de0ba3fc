/** Reading values in wire form: known or unknown, assets, equality. */
import { createHash } from 'node:crypto';
import { ARCHIVE, ASSET, SIGNATURE, UNKNOWN } from '../provider.ts';
import type { Properties, Property } from '../provider.ts';

/** True for a JSON object that is not one of the marked special values. */
export function isObject(value: Property | undefined): value is { [key: string]: Property } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for an asset or an archive, which are compared by their hash and never stored. */
export function isAssetOrArchive(value: Property | undefined): value is { [key: string]: Property } {
  return isObject(value) && (value[SIGNATURE] === ASSET || value[SIGNATURE] === ARCHIVE);
}

/** True where the value, or anything inside it, is not known yet. */
export function hasUnknown(value: Property | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** A property that is not there: left out, null, or empty text, which the real provider takes as left out. */
export function isAbsent(value: Property | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** The property as text, or '' where it is something else. */
export function text(properties: Properties, key: string): string {
  const value = properties[key];
  return typeof value === 'string' ? value : '';
}

/** The property as an object, or an empty one where it is something else. */
export function object(properties: Properties, key: string): Properties {
  const value = properties[key];
  return isObject(value) ? value : {};
}

/** The property as a list of objects; what is not an object is left out. */
export function objects(properties: Properties, key: string): Properties[] {
  const value = properties[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Follows a dotted path such as `dataCaptureConfig.kmsKeyId`. */
export function at(properties: Properties, path: string): Property | undefined {
  let value: Property | undefined = properties;
  for (const part of path.split('.')) value = isObject(value) ? value[part] : undefined;
  return value;
}

/** Same value, whatever the order of keys; null and left out are the same, and so are equal hashes of assets. */
export function same(a: Property | undefined, b: Property | undefined): boolean {
  return canonical(a) === canonical(b);
}

/** One text per meaning: keys sorted, nulls and the provider's own bookkeeping left out, assets as their hash. */
export function canonical(value: Property | undefined): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (isAssetOrArchive(value)) return `asset:${assetHash(value)}`;
  if (isObject(value)) {
    const parts = Object.keys(value)
      .filter((key) => key !== DEFAULTS && value[key] !== null)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
    return `{${parts.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Input under which Check notes which properties it has filled in itself. */
export const DEFAULTS = '__defaults';

/** The names that Check has filled in; undefined where the inputs carry no such note. */
export function defaulted(inputs: Properties): string[] | undefined {
  const names = inputs[DEFAULTS];
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : undefined;
}

/** SHA-256 (hex) of an asset's content: the engine's own hash where it sent one. */
export function assetHash(asset: Properties): string {
  const given = text(asset, 'hash');
  if (/^[0-9a-f]{64}$/.test(given)) return given;
  const content = Object.keys(asset)
    .filter((key) => key !== 'hash')
    .sort()
    .map((key) => `${key}:${canonical(asset[key])}`);
  return createHash('sha256').update(content.join('\n')).digest('hex');
}

/** The same properties with every asset and archive cut down to its hash: what is worth keeping of it. */
export function withoutContent(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, strip(value)]));
}

function strip(value: Property): Property {
  if (isAssetOrArchive(value)) return { [SIGNATURE]: value[SIGNATURE] ?? ASSET, hash: assetHash(value) };
  if (Array.isArray(value)) return value.map(strip);
  return isObject(value) ? withoutContent(value) : value;
}

/** `productionVariants` → `production_variants`: the name that the real provider uses in its own messages. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What is after the last `/` or `:` of an ARN; a plain name is returned as it is. */
export function nameOfArn(arnOrName: string): string {
  return arnOrName.slice(Math.max(arnOrName.lastIndexOf('/'), arnOrName.lastIndexOf(':')) + 1);
}
