/**
 * From the JSON Schema of a request to the fields of a form. What no field can show becomes a field for JSON, so every request
 * that the service accepts can be written. Pure: values are checked by the service, whose messages are shown.
 */
export interface Schema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  not?: Schema;
  examples?: unknown[];
  default?: unknown;
}

interface Common {
  key: string;
  label: string;
  description: string;
  required: boolean;
  example?: unknown;
  /** One value, or one for each of dev, staging and prod. */
  perEnvironment: boolean;
}

export type Field = Common &
  (
    | { kind: 'text' | 'number' | 'boolean' | 'json' }
    | { kind: 'choice'; choices: readonly (string | number)[] }
    | { kind: 'group'; fields: readonly Field[] }
    | { kind: 'map' }
    | { kind: 'list'; item: Field }
  );

type Shape = { kind: Field['kind']; schema: Schema };

export const STAGES = ['dev', 'staging', 'prod'] as const;

/** Fields of a request, the required ones first. Spellings of the original are left out unless the request uses them. */
export function fieldsOf(schema: Schema, used: readonly string[] = []): Field[] {
  const { properties = {}, required = [], allOf = [] } = schema;
  const preferred = new Set<string>();
  const others = new Set<string>();
  for (const { oneOf = [], not } of allOf) {
    // Alternatives of one key, the usual spelling first: one of them is required, or at most one allowed.
    const spellings = oneOf.length > 0 ? oneOf.flatMap((each) => each.required ?? []) : (not?.required ?? []);
    const [first, ...rest] = spellings;
    const chosen = spellings.find((key) => used.includes(key)) ?? first;
    if (oneOf.length > 0 && chosen) preferred.add(chosen);
    for (const key of [first, ...rest]) if (key && key !== chosen && !used.includes(key)) others.add(key);
  }
  const isRequired = (key: string) => required.includes(key) || preferred.has(key);
  const fields = Object.entries(properties)
    .filter(([key]) => key !== 'pipeline_type' && !others.has(key))
    .map(([key, property]) => fieldOf(key, property, isRequired(key)));
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

function fieldOf(key: string, schema: Schema, required: boolean): Field {
  const options = alternatives(schema);
  const stages = options.find(isPerStage);
  const shape = shapeOf(stages ? options.filter((option) => option !== stages) : options);
  const common: Common = {
    key,
    label: labelOf(key),
    description: (schema.description ?? shape.schema.description ?? '').trim(),
    required,
    perEnvironment: stages !== undefined,
    ...(schema.examples?.length ? { example: schema.examples[0] } : {}),
  };
  return complete(common, shape);
}

function complete(common: Common, { kind, schema }: Shape): Field {
  switch (kind) {
    case 'choice':
      return { ...common, kind, choices: (schema.enum ?? []) as (string | number)[] };
    case 'group':
      return { ...common, kind, fields: fieldsOf(schema) };
    case 'list':
      return { ...common, kind, item: { ...fieldOf('', schema.items ?? {}, true), label: common.label } };
    default:
      return { ...common, kind };
  }
}

/** All alternatives of a schema, nested ones too; `null` and single fixed texts beside others are left to the JSON view. */
function alternatives(schema: Schema): Schema[] {
  const nested = schema.anyOf ?? schema.oneOf;
  return nested ? nested.flatMap(alternatives) : [schema];
}

function isPerStage({ properties }: Schema): boolean {
  return properties !== undefined && STAGES.every((stage) => stage in properties);
}

const SCALARS: readonly Field['kind'][] = ['text', 'number', 'boolean', 'choice'];

function shapeOf(options: readonly Schema[]): Shape {
  const shapes = options
    .filter((option) => !(option.type === 'null' || (options.length > 1 && option.enum && !option.type)))
    .map((schema): Shape => ({ kind: kindOf(schema), schema }));
  const [first = { kind: 'text', schema: {} }, ...rest] = shapes;
  if (rest.every(({ kind }) => kind === first.kind)) return first;
  // A list, or the same as text; scalars of several types.
  if (first.kind === 'list' && rest.every(({ kind }) => kind === 'text')) return first;
  if (shapes.every(({ kind }) => SCALARS.includes(kind))) return { kind: 'text', schema: first.schema };
  return { kind: 'json', schema: first.schema };
}

function kindOf(schema: Schema): Field['kind'] {
  const types = [schema.type ?? []].flat();
  // Numbers, booleans and objects may also be sent as text: the form sends them as what they are.
  const type = types.find((each) => each !== 'string') ?? types[0];
  if (schema.enum) return 'choice';
  switch (type) {
    case 'object':
      if (schema.properties) return 'group';
      return Object.values(schema.patternProperties ?? {}).every(isLooseScalar) ? 'map' : 'json';
    case 'array':
      return schema.items && !schema.prefixItems && isListable(schema.items) ? 'list' : 'json';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return type === 'string' || type === undefined ? 'text' : 'json';
  }
}

/** Hyperparameters: text, numbers, booleans; rarely something larger, which is written as JSON. */
function isLooseScalar(schema: Schema): boolean {
  return alternatives(schema).some(({ type }) => type === 'string');
}

function isListable(items: Schema): boolean {
  return [...SCALARS, 'group'].includes(shapeOf(alternatives(items)).kind);
}

/** `kms_key_arn` → `Kms key arn`, with the usual capitals. */
function labelOf(key: string): string {
  const words = key.replaceAll('_', ' ').replace(/([a-z])([A-Z])/g, '$1 $2');
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return text.replace(/\b(kms|arn|uri|url|ecr|s3|mb|gb|shap|id)\b/gi, (word) => word.toUpperCase());
}
