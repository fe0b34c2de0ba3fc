/**
 * The JSON Schema of a request as it may be sent. joi's own conversion describes what a value becomes; what is forgiven
 * on the way (numbers, booleans and objects as text, other spellings) is added here, so that a client may check before it
 * sends. What is taken to no effect (keys of other types, empty texts for "not given") and rules between keys are not in it.
 */
import type Joi from 'joi';
import { SPELLINGS } from './spellings.ts';

type JsonSchema = Record<string, unknown>;

/** As much of joi's `describe()` as is needed here. */
interface Described {
  flags?: { description?: string };
  examples?: unknown[];
}

/** @returns draft 2020-12, without `$defs`: it can be put into another document as it is. */
export function requestJsonSchema(schema: Joi.ObjectSchema): JsonSchema {
  const described = schema.describe() as { keys: Record<string, Described> };
  const root = lenient(schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' }), 0) as JsonSchema;
  const properties = Object.entries(root.properties as Record<string, JsonSchema>)
    // `{"not": {}}` would say no more than leaving the key out does.
    .filter(([, property]) => Object.keys(property).some((keyword) => keyword !== 'description'))
    .map(([key, property]) => {
      const { examples, flags } = described.keys[key] ?? {};
      // joi loses the description of what has conditions.
      return [
        key,
        { ...(flags?.description && { description: flags.description }), ...property, ...(examples && { examples }) },
      ] as const;
    });
  return withSpellings({ ...root, properties: Object.fromEntries(properties) });
}

/** Depth of the properties of the request itself, whose objects may be sent as JSON text. */
const TOP = 1;

function lenient(node: unknown, depth: number): unknown {
  if (Array.isArray(node)) return node.map((one) => lenient(one, depth));
  if (typeof node !== 'object' || node === null) return node;
  const { properties, ...others } = node as JsonSchema;
  const rest = Object.fromEntries(
    Object.entries(others).map(([keyword, value]) => [
      keyword,
      DATA_KEYWORDS.has(keyword) ? value : lenient(value, depth),
    ]),
  );
  const inner =
    properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties as JsonSchema).map(([key, value]) => [key, lenient(value, depth + 1)]),
          ),
        };
  return forgiving(unwrapped({ ...rest, ...inner }), depth);
}

/** Keywords whose value is data and no schema. */
const DATA_KEYWORDS = new Set(['default', 'enum', 'const', 'examples', 'required', 'type']);

/** joi wraps what has a condition on another key; without the condition nothing is left to choose. */
function unwrapped(node: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = node;
  return Array.isArray(anyOf) && anyOf.length === 1 ? { ...(anyOf[0] as JsonSchema), ...rest } : node;
}

/** Assertions for one JSON type do not apply to the others, so another type can be added. */
function forgiving(node: JsonSchema, depth: number): JsonSchema {
  switch (node.type) {
    case 'integer':
      return { ...node, type: ['integer', 'string'], pattern: '^\\s*[+-]?\\d+\\s*$' };
    case 'number':
      return { ...node, type: ['number', 'string'], pattern: '^\\s*[+-]?\\d+(\\.\\d+)?([eE][+-]?\\d+)?\\s*$' };
    case 'boolean':
      return { ...node, type: ['boolean', 'string'], pattern: '^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$' };
    case 'object':
      return depth === TOP ? { ...node, type: ['object', 'string'], pattern: '^\\s*\\{' } : node;
    default:
      return node;
  }
}

/** Of any type: no part of the request that is stored. */
const PROTECTED: JsonSchema = forgiving(
  {
    type: 'boolean',
    description:
      'true: the pipeline cannot be destroyed, nor its endpoint replaced or removed, until an admin lifts the protection with DELETE /pipelines/{id}/protection. No request lifts it.',
    examples: [true],
  },
  0,
);
const RERUN: JsonSchema = forgiving(
  {
    type: 'boolean',
    description: 'Whether the job runs again even if nothing has changed; default false.',
    examples: [true],
  },
  0,
);

/** Either spelling of a key, not both. */
function withSpellings(root: JsonSchema): JsonSchema {
  const properties: Record<string, JsonSchema> = {
    ...(root.properties as Record<string, JsonSchema>),
    protected: PROTECTED,
    rerun: RERUN,
  };
  const required = new Set(root.required as string[]);
  const allOf: JsonSchema[] = [];
  for (const [other, kept] of SPELLINGS) {
    const property = properties[kept];
    if (!property) continue;
    properties[other] = { ...property, description: `Alternative spelling of ${kept}.` };
    allOf.push(
      required.delete(kept)
        ? { oneOf: [{ required: [kept] }, { required: [other] }] }
        : { not: { required: [kept, other] } },
    );
  }
  return { ...root, properties, required: [...required], ...(allOf.length > 0 ? { allOf } : {}) };
}
