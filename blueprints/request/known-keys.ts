/** The keys of a pipeline type's schema, and the keys that any type has. */
import type Joi from 'joi';
import type { Blueprint, PipelineRequest, SchemaSettings } from '../blueprint.ts';
import { allBlueprints } from '../registry.ts';
import { topKeys } from '../shared/schema/top-keys.ts';

/** A blueprint's schema for one kind of installation, and the keys in it, in the schema's order. */
export interface OpenedSchema {
  schema: Joi.ObjectSchema<PipelineRequest>;
  keys: readonly string[];
  /** Whether a key may be left out, at least with some values of others. */
  isOptional(key: string): boolean;
  /** Whether an empty text is a value of it. */
  mayBeEmpty(key: string): boolean;
  /** Keys that the object at a path may have; empty where that is open. */
  keysAt(path: readonly (string | number)[]): readonly string[];
}

/** Building a schema takes milliseconds, and there are only four kinds of installation. */
const opened = new WeakMap<Blueprint, Map<string, OpenedSchema>>();

export function openSchema(blueprint: Blueprint, settings: SchemaSettings): OpenedSchema {
  const kind = `${settings.useModelRegistry} ${settings.multiAccount}`;
  const kinds = opened.get(blueprint) ?? new Map<string, OpenedSchema>();
  opened.set(blueprint, kinds);
  let found = kinds.get(kind);
  if (!found) kinds.set(kind, (found = open(blueprint.schema(settings))));
  return found;
}

/**
 * joi checks what `describe()` returns against a schema of its own at every level, which takes ten times as long as building
 * the schema: a request without faults or empty values needs no description.
 */
function open(schema: Joi.ObjectSchema<PipelineRequest>): OpenedSchema {
  const describe = describedOnce(schema);
  const has = (key: string, what: (key: Description) => boolean) => {
    const described = describe().keys?.[key];
    return described !== undefined && what(described);
  };
  return {
    schema,
    keys: topKeys(schema),
    isOptional: (key) => has(key, ({ flags }) => flags?.presence !== 'required'),
    mayBeEmpty: (key) => has(key, ({ allow }) => allow?.includes('') === true),
    keysAt: keysIn(describe),
  };
}

/** @returns which keys the object at a path may have; none where that is open */
export function keysWithin(schema: Joi.ObjectSchema): OpenedSchema['keysAt'] {
  return keysIn(describedOnce(schema));
}

function keysIn(describe: () => Description): OpenedSchema['keysAt'] {
  return (path) => [...new Set(descend(describe(), path).flatMap((one) => Object.keys(one.keys ?? {})))];
}

function describedOnce(schema: Joi.ObjectSchema): () => Description {
  let description: Description | undefined;
  return () => (description ??= schema.describe() as Description);
}

/** As much of what joi's `describe()` gives as is needed here. */
interface Description {
  flags?: { presence?: string };
  allow?: readonly unknown[];
  keys?: Record<string, Description>;
  /** Of a list: what its entries may be. */
  items?: Description[];
  matches?: Branch[];
}

interface Branch {
  schema?: Description;
  then?: Description;
  otherwise?: Description;
  switch?: Branch[];
}

/** A key's alternatives are all followed: which one was meant is not known. */
function descend(description: Description, path: readonly (string | number)[]): Description[] {
  const branches = (description.matches ?? [])
    .flatMap((branch) => [branch, ...(branch.switch ?? [])])
    .flatMap(({ schema, then, otherwise }) => [schema, then, otherwise]);
  const here = [description, ...branches.filter((one) => one !== undefined)];
  const [next, ...rest] = path;
  if (next === undefined) return here;
  return here.flatMap(({ keys, items }) => {
    if (typeof next === 'number') return (items ?? []).flatMap((item) => descend(item, rest));
    const child = keys && Object.hasOwn(keys, next) ? keys[next] : undefined;
    return child ? descend(child, rest) : [];
  });
}

/** The kinds of installation. */
export const SCHEMA_KINDS: readonly SchemaSettings[] = [true, false].flatMap((useModelRegistry) =>
  [true, false].map((multiAccount) => ({ useModelRegistry, multiAccount })),
);

let known: { of: readonly Blueprint[]; keys: ReadonlySet<string> } | undefined;

/** Keys that some type knows, in some installation: requests written for the original carry them along. */
export function knownKeys(): ReadonlySet<string> {
  const all = allBlueprints();
  if (known?.of !== all) {
    const keys = all.flatMap((one) => SCHEMA_KINDS.flatMap((settings) => openSchema(one, settings).keys));
    known = { of: all, keys: new Set(keys) };
  }
  return known.keys;
}
