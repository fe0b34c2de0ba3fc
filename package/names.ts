/**
 * The keys of requests, which are the guide's, as Pulumi's languages want them: `data_capture_location` ↔
 * `dataCaptureLocation`. Walks by the JSON Schema, so that keys of the user's own (of hyperparameters) stay as they are.
 */

/** As much of a JSON Schema as blueprints use. */
export interface JsonSchema {
  type?: string | readonly string[];
  description?: string;
  enum?: readonly unknown[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
  patternProperties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
}

/** Misspelt keys of the original, which stay so in requests. */
const SPELT_RIGHT: Readonly<Record<string, string>> = {
  algo_hyperparamaters: 'algo_hyperparameters',
  hyperparamaters_ranges: 'hyperparameters_ranges',
};

/** `model_name` → `modelName`, `Regex` → `regex`. */
export function propertyName(key: string): string {
  const plain = SPELT_RIGHT[key] ?? key;
  return plain.charAt(0).toLowerCase() + plain.slice(1).replace(/_(\w)/g, (_match, next: string) => next.toUpperCase());
}

/** An input, as the request holds it. Properties that the schema does not know keep a name that the request refuses. */
export function toRequest(value: unknown, schema: JsonSchema): unknown {
  if (Array.isArray(value)) {
    const items = alternatives(schema).find((one) => one.items)?.items;
    return items ? value.map((one) => toRequest(one, items)) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const properties = alternatives(schema).find((one) => one.properties)?.properties;
  if (!properties) return value;
  const keys = new Map(Object.keys(properties).map((key) => [propertyName(key), key]));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      const key = keys.get(name);
      return key === undefined ? [name, one] : [key, toRequest(one, properties[key] ?? {})];
    }),
  );
}

/** The pointer of a fault in a request → path of the property, as Pulumi writes it: `endpoint.alarms[0]`. */
export function propertyPath(pointer: string, schema: JsonSchema): string {
  let here: JsonSchema | undefined = schema;
  let path = '';
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const within: readonly JsonSchema[] = here ? alternatives(here) : [];
    const next: JsonSchema | undefined = within.find((one) => one.properties?.[key])?.properties?.[key];
    if (next) path += `${path ? '.' : ''}${propertyName(key)}`;
    else if (/^\d+$/.test(key)) path += `[${key}]`;
    else path += path ? `["${key}"]` : key;
    here = next ?? within.find((one) => one.items)?.items;
  }
  return path;
}

/** A text about keys, as a text about properties. */
export function inPropertyNames(text: string, keys: Iterable<string>): string {
  const known = new Set([...keys].filter((key) => propertyName(key) !== key));
  return text.replace(/[A-Za-z][\w]*/g, (word) => (known.has(word) ? propertyName(word) : word));
}

/** All keys at any depth. */
export function keysOf(schema: JsonSchema): string[] {
  return alternatives(schema).flatMap(({ properties = {}, items }) => [
    ...Object.keys(properties),
    ...Object.values(properties).flatMap(keysOf),
    ...(items ? keysOf(items) : []),
  ]);
}

/** The schema itself, or what it leaves to choose from. */
export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ? schema.anyOf.flatMap(alternatives) : [schema];
}
