/** As much of JSON Schema (draft 2020-12) as the published schemas use; anything else is an error, not a pass. */

type Schema = Record<string, unknown>;
type Check = (value: unknown, argument: never, schema: Schema) => boolean;

const IGNORED = new Set(['description', 'default', 'examples']);

const TYPES: Record<string, (value: unknown) => boolean> = {
  array: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  null: (value) => value === null,
  number: (value) => typeof value === 'number',
  object: isObject,
  string: (value) => typeof value === 'string',
};

const CHECKS: Record<string, Check> = {
  type: (value, types: string | string[]) => [types].flat().some((type) => TYPES[type]!(value)),
  enum: (value, values: unknown[]) => values.includes(value),
  minimum: (value, limit: number) => typeof value !== 'number' || value >= limit,
  maximum: (value, limit: number) => typeof value !== 'number' || value <= limit,
  minLength: (value, limit: number) => typeof value !== 'string' || [...value].length >= limit,
  maxLength: (value, limit: number) => typeof value !== 'string' || [...value].length <= limit,
  pattern: (value, source: string) => typeof value !== 'string' || new RegExp(source, 'u').test(value),
  minItems: (value, limit: number) => !Array.isArray(value) || value.length >= limit,
  maxItems: (value, limit: number) => !Array.isArray(value) || value.length <= limit,
  prefixItems: (value, schemas: Schema[]) =>
    !Array.isArray(value) || schemas.every((one, index) => index >= value.length || isValid(value[index], one)),
  items: (value, items: Schema | false, { prefixItems = [] }) =>
    !Array.isArray(value) ||
    value.slice((prefixItems as Schema[]).length).every((one) => items !== false && isValid(one, items)),
  // With only prefixItems, the remaining items are all that is unevaluated.
  unevaluatedItems: (value, unevaluated: false, { prefixItems = [] }) =>
    !Array.isArray(value) || unevaluated !== false || value.length <= (prefixItems as Schema[]).length,
  minProperties: (value, limit: number) => !isObject(value) || Object.keys(value).length >= limit,
  maxProperties: (value, limit: number) => !isObject(value) || Object.keys(value).length <= limit,
  required: (value, keys: string[]) => !isObject(value) || keys.every((key) => key in value),
  properties: (value, schemas: Record<string, Schema>) =>
    !isObject(value) || Object.entries(schemas).every(([key, one]) => !(key in value) || isValid(value[key], one)),
  patternProperties: (value, schemas: Record<string, Schema>) =>
    !isObject(value) ||
    Object.entries(schemas).every(([source, one]) =>
      Object.entries(value).every(([key, item]) => !new RegExp(source, 'u').test(key) || isValid(item, one)),
    ),
  additionalProperties: (value, additional: false, { properties = {}, patternProperties = {} }) =>
    !isObject(value) ||
    Object.keys(value).every(
      (key) =>
        Object.hasOwn(properties as Schema, key) ||
        Object.keys(patternProperties as Schema).some((source) => new RegExp(source, 'u').test(key)) ||
        additional !== false,
    ),
  anyOf: (value, schemas: Schema[]) => schemas.some((one) => isValid(value, one)),
  allOf: (value, schemas: Schema[]) => schemas.every((one) => isValid(value, one)),
  oneOf: (value, schemas: Schema[]) => schemas.filter((one) => isValid(value, one)).length === 1,
  not: (value, schema: Schema) => !isValid(value, schema),
};

/** @throws Error for a keyword that this check does not know */
export function isValid(value: unknown, schema: Schema): boolean {
  return Object.entries(schema).every(([keyword, argument]) => {
    if (IGNORED.has(keyword)) return true;
    const check = CHECKS[keyword];
    if (!check) throw new Error(`"${keyword}" cannot be checked`);
    return check(value, argument as never, schema);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
