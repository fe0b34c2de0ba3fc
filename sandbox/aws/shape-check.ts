/** Checks a request against the shape of its operation: members, types, values and lengths, as in AWS' model. */

/** One shape of a model. @see https://smithy.io/1.0/spec/core/model.html: botocore keeps the form before Smithy */
export interface Shape {
  type: string;
  members?: Record<string, { shape: string }>;
  required?: string[];
  member?: { shape: string };
  key?: { shape: string };
  value?: { shape: string };
  enum?: string[];
  min?: number;
  max?: number;
  pattern?: string;
  union?: boolean;
}

export interface Shapes {
  shapes: Record<string, Shape>;
}

/** @returns `path: problem`, one line each */
export function faultsOf(model: Shapes, shapeName: string, value: unknown, path = shapeName): string[] {
  const shape = model.shapes[shapeName];
  if (!shape) return [`${path}: no shape ${shapeName}`];
  if (value === undefined || value === null) return [`${path}: has no value`];
  switch (shape.type) {
    case 'structure':
      return ofStructure(model, shape, value, path);
    case 'list':
      if (!Array.isArray(value)) return [`${path}: is no list`];
      return [
        ...sizeFaults(shape, value.length, path),
        ...value.flatMap((one, at) => faultsOf(model, shape.member?.shape ?? '', one, `${path}[${at}]`)),
      ];
    case 'map':
      if (!isRecord(value)) return [`${path}: is no map`];
      return Object.entries(value).flatMap(([key, one]) => [
        ...faultsOf(model, shape.key?.shape ?? '', key, `${path} key`),
        ...faultsOf(model, shape.value?.shape ?? '', one, `${path}.${key}`),
      ]);
    case 'string':
      return typeof value === 'string' ? ofString(shape, value, path) : [`${path}: is no string`];
    case 'integer':
    case 'long':
      return Number.isInteger(value) ? sizeFaults(shape, Number(value), path) : [`${path}: is no whole number`];
    case 'float':
    case 'double':
      return typeof value === 'number' ? sizeFaults(shape, value, path) : [`${path}: is no number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${path}: is no boolean`];
    default:
      return [];
  }
}

function ofStructure(model: Shapes, { members = {}, required = [] }: Shape, value: unknown, path: string): string[] {
  if (!isRecord(value)) return [`${path}: is no structure`];
  const given = Object.entries(value).filter(([, one]) => one !== undefined);
  return [
    ...required.filter((name) => value[name] === undefined).map((name) => `${path}.${name}: is required`),
    ...given.flatMap(([name, one]) => {
      const member = members[name];
      return member ? faultsOf(model, member.shape, one, `${path}.${name}`) : [`${path}.${name}: is not a member`];
    }),
  ];
}

function ofString(shape: Shape, value: string, path: string): string[] {
  const faults = sizeFaults(shape, value.length, path, 'length ');
  if (shape.enum && !shape.enum.includes(value))
    faults.push(`${path}: ${value} is not one of ${shape.enum.join(', ')}`);
  if (shape.pattern && !patternOf(shape.pattern).test(value)) faults.push(`${path}: ${value} is not ${shape.pattern}`);
  return faults;
}

const patterns = new Map<string, RegExp>();

/** Patterns of the models are Java's, and are meant for the whole text. */
function patternOf(text: string): RegExp {
  const known = patterns.get(text);
  if (known) return known;
  // Flag u refuses escapes that mean nothing, and is needed for \\p alone.
  // Java's \p{Print} is ASCII.
  const ascii = text.replaceAll('\\p{Print}', '[\\x20-\\x7E]');
  const javascript = ascii.replaceAll('\\uD800\\uDC00-\\uDBFF\\uDFFF', '\\u{10000}-\\u{10FFFF}');
  const made = new RegExp(`^(?:${javascript})$`, /\\p\{|\\u\{/.test(javascript) ? 'us' : 's');
  patterns.set(text, made);
  return made;
}

function sizeFaults({ min, max }: Shape, size: number, path: string, of = ''): string[] {
  if (min !== undefined && size < min) return [`${path}: ${of}${size} is below ${min}`];
  return max !== undefined && size > max ? [`${path}: ${of}${size} is above ${max}`] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
