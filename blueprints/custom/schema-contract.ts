/** Whether a custom blueprint's request schema is one that the service can work with, in every kind of installation. */
import { isDeepStrictEqual } from 'node:util';
import Joi from 'joi';
import type { ObjectSchema } from 'joi';
import type { BlueprintDefinition, SchemaSettings } from '../blueprint.ts';
import { STAGES } from '../blueprint.ts';
import { exampleFor } from '../registry.ts';
import { MODEL_NAME_LIMIT } from '../shared/schema/joi-pieces.ts';
import { requestJsonSchema } from '../request/json-schema.ts';

const KINDS: readonly SchemaSettings[] = [false, true].flatMap((useModelRegistry) =>
  [false, true].map((multiAccount) => ({ useModelRegistry, multiAccount })),
);

/** Names that would not do in a stack's name: `<pipeline id>.<environment>`. */
const BAD_NAMES = ['with blank', 'with/slash', 'ünicode', '-', 'x'.repeat(MODEL_NAME_LIMIT + 1)];

/** As much of joi's `describe()` as is needed here. */
interface Described {
  flags?: { presence?: string; only?: boolean; unknown?: boolean };
  allow?: unknown[];
  keys?: Record<string, Described>;
}

/** One sentence for each fault; of one that is not in every kind of installation, where it is. */
export function schemaFaults(definition: BlueprintDefinition): string[] {
  const kindsOf = new Map<string, string[]>();
  for (const settings of KINDS) {
    for (const fault of faultsIn(definition, settings))
      kindsOf.set(fault, [...(kindsOf.get(fault) ?? []), name(settings)]);
  }
  return [...kindsOf].map(([fault, kinds]) =>
    kinds.length === KINDS.length ? fault : `${fault} (with ${kinds.join('; with ')})`,
  );
}

function name({ multiAccount, useModelRegistry }: SchemaSettings): string {
  return `MULTI_ACCOUNT=${multiAccount ? 'Yes' : 'No'} and USE_MODEL_REGISTRY=${useModelRegistry ? 'Yes' : 'No'}`;
}

function faultsIn(definition: BlueprintDefinition, settings: SchemaSettings): string[] {
  try {
    const schema: unknown = definition.schema(settings);
    if (!isObjectSchema(schema)) {
      return ['"schema" must return Joi.object({ … }), of the joi imported as \'joi\''];
    }
    const described = schema.describe() as Described;
    return [
      ...keyFaults(definition, described),
      ...nameFaults(definition, schema),
      ...exampleFaults(definition, schema, settings),
      ...(settings.multiAccount ? stageFaults(definition, schema, settings) : []),
      ...jsonSchemaFaults(schema),
    ];
  } catch (error) {
    return [`"schema" does not work: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function isObjectSchema(schema: unknown): schema is ObjectSchema {
  try {
    return Joi.isSchema(schema) && schema.type === 'object';
  } catch {
    // Another version of joi, which is as good as none.
    return false;
  }
}

function keyFaults(definition: BlueprintDefinition, { keys = {}, flags }: Described): string[] {
  const { pipelineType, nameKey, perStageKeys, runKeys = [] } = definition;
  const own = keys.pipeline_type;
  const missing = (field: string, names: readonly string[]) =>
    names.filter((key) => !Object.hasOwn(keys, key)).map((key) => `"${field}" has ${key}, which "schema" does not`);
  return [
    ...(own?.flags?.only && own.flags.presence === 'required' && isDeepStrictEqual(own.allow, [pipelineType])
      ? []
      : [
          `"schema" must have the key pipeline_type, required, with ${pipelineType} as the only value: see pipelineType()`,
        ]),
    ...(keys[nameKey]?.flags?.presence === 'required' ? [] : [`"schema" must have the key ${nameKey}, required`]),
    ...(flags?.unknown ? ['"schema" must not allow unknown keys: they are reported to the caller'] : []),
    ...missing('perStageKeys', perStageKeys),
    ...missing('runKeys', runKeys),
  ];
}

function nameFaults({ nameKey, example }: BlueprintDefinition, schema: ObjectSchema): string[] {
  const taken = BAD_NAMES.filter((bad) => {
    const { error } = schema.validate({ ...example, [nameKey]: bad }, { abortEarly: false });
    return !error?.details.some(({ path }) => path[0] === nameKey);
  });
  if (taken.length === 0) return [];
  return [
    `"schema" accepts ${JSON.stringify(taken[0])} as ${nameKey}, which cannot be part of a stack name: see modelName()`,
  ];
}

function exampleFaults(definition: BlueprintDefinition, schema: ObjectSchema, settings: SchemaSettings): string[] {
  const example = exampleFor(definition, settings);
  const { error, value } = schema.validate(example, { abortEarly: false }) as Joi.ValidationResult<unknown>;
  if (error) return error.details.map(({ message }) => `"example" is not valid: ${message}`);
  if (!isPlain(example) || !isPlain(value)) {
    return ['"example", or its value validated by "schema", is not plain JSON; requests are stored as JSON'];
  }
  const again = schema.validate(value) as Joi.ValidationResult<unknown>;
  return again.error || !isDeepStrictEqual(again.value, value)
    ? ['"schema" changes a request that it has already validated; stored requests are validated again']
    : [];
}

function isPlain(value: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
}

function stageFaults(definition: BlueprintDefinition, schema: ObjectSchema, settings: SchemaSettings): string[] {
  const example = exampleFor(definition, settings);
  return definition.perStageKeys
    .filter((key) => Object.hasOwn(example, key))
    .filter((key) => {
      const staged = Object.fromEntries(STAGES.map((stage) => [stage, example[key]]));
      const { error } = schema.validate({ ...example, [key]: staged }, { abortEarly: false });
      return error?.details.some(({ path }) => path[0] === key);
    })
    .map(
      (key) =>
        `"perStageKeys" has ${key}, but "schema" does not accept an object with one value per stage for it: see perStage()`,
    );
}

function jsonSchemaFaults(schema: ObjectSchema): string[] {
  try {
    JSON.stringify(requestJsonSchema(schema));
    return [];
  } catch (error) {
    return [`"schema" cannot be published as JSON Schema: ${error instanceof Error ? error.message : String(error)}`];
  }
}
