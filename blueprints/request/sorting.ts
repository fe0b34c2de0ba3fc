/** Which keys of a body a pipeline type uses, which only other types use, and which are unknown. */
import type { Blueprint, SchemaSettings } from '../blueprint.ts';
import type { Fault } from '../faults.ts';
import { escapePointer } from './bounds.ts';
import { valueForPeople } from './faults.ts';
import { knownKeys } from './known-keys.ts';
import { NOT_WITH_REGISTRY } from '../shared/schema/model-source-keys.ts';
import { SPELLINGS } from './spellings.ts';
import type { FoldedBody } from './spellings.ts';
import { didYouMean } from './suggestion.ts';

/** More than any honest request gets wrong; each one costs a search for what was meant. */
const UNKNOWN_KEYS_TOLD = 100;
const KEY_LENGTH = 200;

export interface SortedBody {
  /** In the order of the schema, so that the order in the body makes no difference. */
  used: Record<string, unknown>;
  warnings: string[];
  faults: Fault[];
}

/** @param own keys of the type's schema */
export function sortKeys(
  entries: FoldedBody['entries'],
  own: readonly string[],
  blueprint: Blueprint,
  settings: SchemaSettings,
): SortedBody {
  const used: Record<string, unknown> = {};
  for (const key of own) {
    const entry = entries.get(key);
    if (entry) used[key] = entry.value;
  }
  const others = [...entries].filter(([key]) => !Object.hasOwn(used, key));
  const unused = others.filter(([key]) => knownKeys().has(key));
  const unknown = others.filter(([key]) => !knownKeys().has(key));
  return {
    used,
    warnings: unused.map(([, { sentAs }]) => notUsed(sentAs, own, blueprint, settings)),
    faults: [...unknownKeys(unknown.slice(0, UNKNOWN_KEYS_TOLD), own), ...andMore(unknown.length - UNKNOWN_KEYS_TOLD)],
  };
}

function notUsed(key: string, own: readonly string[], { pipelineType }: Blueprint, settings: SchemaSettings): string {
  const replaced = settings.useModelRegistry && own.includes('model_package_name') && NOT_WITH_REGISTRY.includes(key);
  return `"${key}" is not used by ${pipelineType}${replaced ? ' with USE_MODEL_REGISTRY=Yes' : ''} and was ignored.`;
}

function unknownKeys(entries: readonly (readonly [string, { value: unknown }])[], own: readonly string[]): Fault[] {
  if (entries.length === 0) return [];
  const candidates = [...new Set([...own, ...SPELLINGS.keys(), ...knownKeys()])];
  return entries.map(([key, { value }]) => ({
    pointer: `/${escapePointer(key.slice(0, KEY_LENGTH))}`,
    message: `is not a key of any pipeline type${didYouMean(key, candidates)}`,
    rule: 'unknown',
    value: valueForPeople(value),
  }));
}

function andMore(count: number): Fault[] {
  if (count <= 0) return [];
  return [{ pointer: '', message: `has ${count} more unknown keys`, rule: 'unknown' }];
}
