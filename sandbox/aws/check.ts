/** Check: fills in what the provider decides, and names everything that is wrong with the inputs at once. */
import type { CheckFailure, Properties, Property } from '../provider.ts';
import { UNKNOWN } from '../provider.ts';
import { autoName } from './naming.ts';
import { DEFAULTS, canonical, hasUnknown, isAbsent, isObject, object, snakeCase } from './properties.ts';
import type { InputRule, ResourceType } from './resource-type.ts';

/** What Check needs to know of the provider instance. */
export interface CheckSettings {
  region: string;
  defaultTags: Readonly<Record<string, string>>;
  ignoreTags: { readonly keys: readonly string[]; readonly keyPrefixes: readonly string[] };
}

export function checkResource(
  type: ResourceType,
  request: { name: string; olds: Properties; news: Properties; randomSeed: Uint8Array },
  settings: CheckSettings,
): { inputs: Properties; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const inputs: Properties = { ...request.news };
  const filledIn: string[] = [];
  if (type.autoName) {
    const named = autoName(type.autoName, request.name, request.news, request.olds, request.randomSeed);
    if (named && 'failure' in named) failures.push(named.failure);
    if (named && 'value' in named) {
      inputs[type.autoName.property] = named.value;
      filledIn.push(type.autoName.property);
    }
  }
  inputs[DEFAULTS] = filledIn;
  if (!type.global && isAbsent(inputs['region'])) inputs['region'] = settings.region;
  for (const property of type.documents ?? []) {
    const document = inputs[property];
    if (document !== undefined) inputs[property] = documentText(document);
  }
  if (type.taggable) inputs['tagsAll'] = allTags(inputs, settings);

  for (const property of type.required ?? []) {
    if (isAbsent(inputs[property])) failures.push({ property, reason: missing(request.name, property) });
  }
  for (const rule of type.rules ?? []) failures.push(...applyRule(rule, request.name, inputs));
  failures.push(...(type.check?.(inputs) ?? []));
  return { inputs, failures };
}

/** A JSON document may be given as an object, and is kept as text with its keys sorted, as the real provider does. */
function documentText(document: Property): Property {
  if (!isObject(document) && !Array.isArray(document)) return document;
  return hasUnknown(document) ? UNKNOWN : canonical(document);
}

function missing(name: string, property: string): string {
  return (
    `Missing required argument. The argument "${snakeCase(property)}" is required, but no definition was found.. ` +
    `Examine values at '${name}.${property}'.`
  );
}

/** Default tags of the provider, overlaid with those of the resource, minus the ignored ones. */
function allTags(inputs: Properties, { defaultTags, ignoreTags }: CheckSettings): Property {
  if (inputs['tags'] === UNKNOWN) return UNKNOWN;
  const tags: Properties = { ...defaultTags, ...object(inputs, 'tags') };
  const ignored = (key: string): boolean =>
    ignoreTags.keys.includes(key) || ignoreTags.keyPrefixes.some((prefix) => key.startsWith(prefix));
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !ignored(key)));
}

function applyRule(rule: InputRule, name: string, inputs: Properties): CheckFailure[] {
  return valuesAt(inputs, rule.path.split('.'), '').flatMap(({ path, value }) => {
    const problem = violation(rule, value);
    if (problem === undefined) return [];
    const property = path.split(/[.[]/)[0] ?? path;
    return [{ property, reason: `expected ${path} ${problem}. Examine values at '${name}.${path}'.` }];
  });
}

/** Every value that a path with `[]` stands for; unknown and absent ones are left out. */
function valuesAt(value: Property | undefined, parts: string[], path: string): { path: string; value: Property }[] {
  const [part, ...rest] = parts;
  if (part === undefined) return isAbsent(value) || value === UNKNOWN ? [] : [{ path, value: value as Property }];
  if (!isObject(value)) return [];
  const key = part.replace(/\[\]$/, '');
  const here = path === '' ? key : `${path}.${key}`;
  const next = value[key];
  if (!part.endsWith('[]')) return valuesAt(next, rest, here);
  return Array.isArray(next) ? next.flatMap((each, index) => valuesAt(each, rest, `${here}[${index}]`)) : [];
}

/** @returns what the value should have been, or undefined if it is valid. */
function violation(rule: InputRule, value: Property): string | undefined {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  if (rule.oneOf && !rule.oneOf.some((allowed) => String(allowed) === String(value))) {
    return `to be one of ${JSON.stringify(rule.oneOf)}, got ${shown}`;
  }
  if (rule.min !== undefined || rule.max !== undefined) {
    const number = Number(value);
    const { min = -Infinity, max = Infinity } = rule;
    if (!(number >= min && number <= max)) {
      if (max === Infinity) return `to be at least (${min}), got ${shown}`;
      return `to be in the range (${min} - ${max}), got ${shown}`;
    }
  }
  if (typeof value !== 'string') return undefined;
  if (rule.maxLength !== undefined && value.length > rule.maxLength) {
    return `length to be in the range (0 - ${rule.maxLength}), got ${value.length} characters`;
  }
  if (rule.pattern && !rule.pattern.test(value))
    return `to match regular expression ${String(rule.pattern)}, got ${shown}`;
  if (rule.json && !isJson(value)) return 'to be valid JSON';
  return undefined;
}

function isJson(value: string): boolean {
  // A text with an unknown part inside is not complete yet, so there is nothing to judge.
  if (value.includes(UNKNOWN)) return true;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
