/**
 * The package's schema, from which Pulumi generates SDKs: made from the JSON Schemas of requests, so that a component takes
 * what its pipeline type takes.
 * @see https://www.pulumi.com/docs/iac/using-pulumi/extending-pulumi/schema/
 */
import packageJson from '../package.json' with { type: 'json' };
import type { Component } from './components.ts';
import { COMPONENTS, PACKAGE_NAME, inputSchema } from './components.ts';
import type { JsonSchema } from './names.ts';
import { alternatives, inPropertyNames, keysOf, propertyName } from './names.ts';

/** A type, as Pulumi's schema writes it. */
interface TypeSpec {
  type?: string;
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
  oneOf?: TypeSpec[];
  $ref?: string;
}

type PropertySpec = TypeSpec & { description?: string };

interface ComplexTypeSpec {
  description?: string;
  type: string;
  properties?: Record<string, PropertySpec>;
  required?: string[];
  enum?: { value: unknown }[];
}

const ANY: TypeSpec = { $ref: 'pulumi.json#/Any' };

/** @returns a new object, whose keys are in the order of the text that is checked in */
export function packageSchema(): Record<string, unknown> {
  const types: Record<string, ComplexTypeSpec> = {};
  const resources = Object.fromEntries(
    COMPONENTS.map((component) => [token(component.name), resourceSpec(component, types)]),
  );
  return {
    $schema: 'https://raw.githubusercontent.com/pulumi/pulumi/master/pkg/codegen/schema/pulumi.json',
    name: PACKAGE_NAME,
    displayName: 'MLOps pipelines',
    version: packageJson.version,
    description:
      'Machine-learning pipelines on Amazon SageMaker: real-time and batch inference, training, tuning, Autopilot, model monitors and image builds, as components.',
    keywords: ['pulumi', 'mlops', 'sagemaker', 'category/cloud', 'kind/component'],
    license: packageJson.license,
    language: {
      nodejs: { respectSchemaVersion: true },
      python: { respectSchemaVersion: true, pyproject: { enabled: true } },
      csharp: { respectSchemaVersion: true },
      go: { respectSchemaVersion: true, generateResourceContainerTypes: true },
      java: {},
    },
    config: {},
    provider: { description: 'Has no settings: the components use the AWS provider of the program.' },
    types: Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))),
    resources,
    functions: {},
  };
}

export function token(name: string): string {
  return `${PACKAGE_NAME}:index:${name}`;
}

/** Name of an output without its marks. */
export function outputName(marked: string): string {
  return marked.replace(/[[\]?]/g, '');
}

function resourceSpec(component: Component, types: Record<string, ComplexTypeSpec>): Record<string, unknown> {
  const schema = inputSchema(component);
  const inputs = new Converter(component.name, new Set(keysOf(schema)), types).object(schema, component.name);
  const outputs = Object.entries(component.outputs);
  return {
    isComponent: true,
    description: component.description,
    inputProperties: inputs.properties,
    requiredInputs: inputs.required,
    properties: Object.fromEntries(
      outputs.map(([name, description]) => [
        outputName(name),
        { ...(name.includes('[]') ? { type: 'array', items: { type: 'string' } } : { type: 'string' }), description },
      ]),
    ),
    required: outputs.map(([name]) => name).filter((name) => !name.includes('?')),
  };
}

class Converter {
  readonly #component: string;
  readonly #keys: ReadonlySet<string>;
  readonly #types: Record<string, ComplexTypeSpec>;

  /** @param types filled with the types that are met */
  constructor(component: string, keys: ReadonlySet<string>, types: Record<string, ComplexTypeSpec>) {
    this.#component = component;
    this.#keys = keys;
    this.#types = types;
  }

  /** @param path name of the object's type, as those within begin */
  object(schema: JsonSchema, path: string): { properties: Record<string, PropertySpec>; required: string[] } {
    const entries = Object.entries(schema.properties ?? {});
    return {
      properties: Object.fromEntries(
        entries.map(([key, property]) => [propertyName(key), this.#property(property, key, path)]),
      ),
      required: (schema.required ?? []).map(propertyName).sort(),
    };
  }

  #property(schema: JsonSchema, key: string, path: string): PropertySpec {
    const description = this.#text(descriptionOf(schema));
    const numbers = schema.type === 'number' && schema.enum ? ` One of ${schema.enum.join(', ')}.` : '';
    return { ...this.#type(schema, key, path), ...(description ? { description: `${description}${numbers}` } : {}) };
  }

  #type(schema: JsonSchema, key: string, path: string): TypeSpec {
    const all = alternatives(schema)
      .flatMap((one) => (Array.isArray(one.type) ? one.type.map((type: string) => ({ ...one, type })) : [one]))
      .filter(({ type }) => type !== 'null');
    const lists = all.filter(({ type }) => type === 'array');
    const objects = all.filter(({ type }) => type === 'object');
    // What may be sent as JSON text to the service is a list or an object here.
    const [first] = objects.length > 0 ? objects : onlyListOfTexts(all) ? lists : all;
    if (all.length === 1 || objects.length > 0 || onlyListOfTexts(all)) return this.#single(first ?? {}, key, path);
    const specs = all.map((one) => this.#single(one, key, path));
    // A union of scalars can be said in every language; one with lists within lists cannot.
    return specs.every(({ type }) => type !== 'array' && type !== undefined) ? { oneOf: specs } : ANY;
  }

  #single(schema: JsonSchema, key: string, path: string): TypeSpec {
    switch (schema.type) {
      case 'string':
        return schema.enum ? this.#enumeration(schema, key) : { type: 'string' };
      case 'number':
        return { type: schema.enum?.every(Number.isInteger) ? 'integer' : 'number' };
      case 'integer':
      case 'boolean':
        return { type: schema.type };
      case 'array':
        return { type: 'array', items: schema.items ? this.#type(schema.items, key, path) : ANY };
      default:
        return schema.properties ? this.#named(schema, key, path) : this.#record(schema, key, path);
    }
  }

  #record({ patternProperties, additionalProperties }: JsonSchema, key: string, path: string): TypeSpec {
    const [values] = Object.values(patternProperties ?? {});
    const schema = values ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
    if (!schema) return { type: 'object', additionalProperties: ANY };
    const plain = alternatives(schema).every(({ type }) => type !== 'array' && type !== 'object');
    return { type: 'object', additionalProperties: plain ? this.#type(schema, key, path) : ANY };
  }

  #named(schema: JsonSchema, key: string, path: string): TypeSpec {
    const name = `${path}${typeName(key)}`;
    const description = this.#text(schema.description);
    this.#types[token(name)] = {
      ...(description ? { description } : {}),
      type: 'object',
      ...this.object(schema, name),
    };
    return { $ref: `#/types/${token(name)}` };
  }

  /** One type for the same values under the same key, whatever component has it. */
  #enumeration(schema: JsonSchema, key: string): TypeSpec {
    const values = (schema.enum ?? []).map((value) => ({ value }));
    const shared = token(typeName(key));
    const found = this.#types[shared];
    const same = found === undefined || JSON.stringify(found.enum) === JSON.stringify(values);
    const name = same ? shared : token(`${this.#component}${typeName(key)}`);
    this.#types[name] = { type: 'string', enum: values };
    return { $ref: `#/types/${name}` };
  }

  #text(description: string | undefined): string | undefined {
    const plain = description
      ?.replace(/ An object, or its JSON text\./, '')
      .replace(/: a list, or its JSON text\./, '.');
    return plain && inPropertyNames(plain, this.#keys);
  }
}

/** joi wraps what has a condition on another key, description and all. */
function descriptionOf({ description, anyOf = [] }: JsonSchema): string | undefined {
  return description ?? anyOf.map(descriptionOf).find((one) => one !== undefined);
}

function onlyListOfTexts(all: readonly JsonSchema[]): boolean {
  const [list] = all.filter(({ type }) => type === 'array');
  return list?.items?.type === 'string' && all.every(({ type }) => type === 'array' || type === 'string');
}

function typeName(key: string): string {
  const name = propertyName(key);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
