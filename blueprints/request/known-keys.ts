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
 * Reads the schema itself: joi checks what `describe()` returns against a schema of its own at every level, which takes ten
 * times as long as building the schema, and would hold up all other requests. Only a key that came empty is described.
 */
function open(schema: Joi.ObjectSchema<PipelineRequest>): OpenedSchema {
  const described = new Map<string, Description>();
  return {
    schema,
    keys: topKeys(schema),
    isOptional: (key) => schema.extract([key]).$_getFlag('presence') !== 'required',
    mayBeEmpty: (key) => {
      const known = described.get(key) ?? (schema.extract([key]).describe() as Description);
      described.set(key, known);
      return known.allow?.includes('') === true;
    },
    keysAt: keysWithin(schema),
  };
}

/** As much of joi's `describe()` as is needed here. */
interface Description {
  allow?: readonly unknown[];
}

/** @returns which keys the object at a path may have; none where that is open */
export function keysWithin(schema: Joi.ObjectSchema): OpenedSchema['keysAt'] {
  return (path) => [...new Set(schemasAt(schema, path).flatMap(topKeys))];
}

/** What a schema consists of. @see https://joi.dev/api/#extensions (`$_terms`) */
interface Terms {
  keys?: readonly { key: string; schema: Joi.Schema }[] | null;
  /** Of a list: what its entries may be. */
  items?: readonly Joi.Schema[];
  matches?: readonly Branch[];
}

interface Branch {
  schema?: Joi.Schema;
  then?: Joi.Schema;
  otherwise?: Joi.Schema;
  switch?: readonly Branch[];
}

/** A key's alternatives are all followed: which one was meant is not known. */
function schemasAt(schema: Joi.Schema, path: readonly (string | number)[]): Joi.Schema[] {
  const { keys, items = [], matches = [] } = schema.$_terms as Terms;
  const [next, ...rest] = path;
  const children =
    typeof next === 'number' ? items : (keys ?? []).filter(({ key }) => key === next).map((child) => child.schema);
  const here = next === undefined ? [schema] : children.flatMap((child) => schemasAt(child, rest));
  const branches = matches
    .flatMap((branch) => [branch, ...(branch.switch ?? [])])
    .flatMap(({ schema, then, otherwise }) => [schema, then, otherwise]);
  return [...here, ...branches.filter((one) => one !== undefined).flatMap((one) => schemasAt(one, path))];
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
