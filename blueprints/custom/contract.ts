/** Whether what a custom blueprint exports is a blueprint: shape here, its request schema in schema-contract.ts. */
import Joi from 'joi';
import { STAGES } from '../blueprint.ts';
import type { Blueprint, BlueprintDefinition } from '../blueprint.ts';
import { BLUEPRINTS } from '../registry.ts';
import { didYouMean } from '../request/suggestion.ts';
import { schemaFaults } from './schema-contract.ts';

const text = Joi.string().trim().required();
const keys = Joi.array().items(Joi.string());

/** The postfix is what is behind the last hyphen of a pipeline id, and 30 is what a stack name has left for it. */
const POSTFIX = /^[a-z0-9]{1,30}$/;
/** Also the name of a Pulumi project (with `-` for `_`) and of a schema in the OpenAPI document. */
const TYPE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** Exhaustive by type: a field that is not here would be refused as unknown. */
const FIELDS: Record<keyof BlueprintDefinition, Joi.Schema> = {
  pipelineType: text.max(60).pattern(TYPE, 'lower case letters and digits, with _ between words'),
  title: text.max(100),
  description: text.max(1000),
  namePostfix: text.pattern(POSTFIX, 'at most 30 lower case letters and digits, without hyphens'),
  nameKey: text.valid('model_name', 'image_tag'),
  placement: text.valid('environments', 'orchestrator'),
  perStageKeys: keys.required().when('placement', {
    is: 'orchestrator',
    then: Joi.array()
      .max(0)
      .messages({
        'array.max': `{{#label}} must be empty with "placement": "orchestrator", which has no ${STAGES.join(', ')}`,
      }),
  }),
  schema: Joi.function().required(),
  example: Joi.object().unknown().required(),
  loadProgram: Joi.function().required(),
  runKeys: keys,
  runs: Joi.string(),
  jobs: Joi.function(),
  needs: Joi.function(),
  conflicts: Joi.function(),
  keyOutputs: keys,
  endpointOutput: Joi.string(),
  endpointConfigOutput: Joi.string(),
  warnings: Joi.function(),
  updateMessage: Joi.function(),
  smokeRequest: Joi.function(),
  soak: Joi.function(),
  watchesEndpoint: Joi.string(),
};

const SHAPE = Joi.object(FIELDS).prefs({ abortEarly: false, convert: false });

/** One definition, or a list of them. */
export function definitionsIn(exported: unknown): readonly BlueprintDefinition[] {
  return (Array.isArray(exported) ? exported : [exported]) as BlueprintDefinition[];
}

/** The types that a default export is for, as far as it says any; whatever else is wrong with it. */
export function pipelineTypesIn(exported: unknown): string[] {
  return definitionsIn(exported).flatMap((one: unknown) => {
    const { pipelineType } = (one ?? {}) as { pipelineType?: unknown };
    return typeof pipelineType === 'string' ? [pipelineType] : [];
  });
}

/** Everything that is wrong with a default export, one sentence each. */
export function contractFaults(exported: unknown): string[] {
  const definitions = definitionsIn(exported);
  if (definitions.length === 0) return ['its default export is an empty list'];
  return definitions.flatMap((definition, index) => {
    const faults = shapeFaults(definition);
    // The schema is checked only once the shape is valid, since the check uses the rest of the definition.
    const all = faults.length > 0 ? faults : schemaFaults(definition);
    return definitions.length === 1
      ? all
      : all.map((fault) => `blueprint ${index + 1} of ${definitions.length}: ${fault}`);
  });
}

function shapeFaults(definition: unknown): string[] {
  if (typeof definition !== 'object' || definition === null) {
    return [`its default export must be a blueprint or a list of them, not ${typeof definition}`];
  }
  const { error } = SHAPE.validate(definition);
  return (error?.details ?? []).map(({ type, message, path }) => {
    if (type !== 'object.unknown') return message;
    const hint =
      path[0] === 'version' ? '; the version is taken from package.json' : didYouMean(path[0], Object.keys(FIELDS));
    return `"${path.join('.')}" is not a field of a blueprint${hint}`;
  });
}

/** Names that are taken already. @param before custom blueprints that were loaded before */
export function clashFaults(blueprints: readonly BlueprintDefinition[], before: readonly Blueprint[]): string[] {
  const taken: BlueprintDefinition[] = [...Object.values(BLUEPRINTS), ...before];
  return blueprints.flatMap((blueprint) => {
    const { pipelineType, namePostfix } = blueprint;
    const sameType = taken.find((one) => one.pipelineType === pipelineType);
    const samePostfix = taken.find((one) => one.namePostfix === namePostfix);
    taken.push(blueprint);
    return [
      ...(sameType
        ? [`the pipeline type ${pipelineType} is already used by ${whose(sameType, before)}; choose another`]
        : []),
      ...(samePostfix && samePostfix !== sameType
        ? [`the name postfix ${namePostfix} is already used by ${samePostfix.pipelineType}; choose another`]
        : []),
    ];
  });
}

function whose(one: BlueprintDefinition, before: readonly Blueprint[]): string {
  if (Object.hasOwn(BLUEPRINTS, one.pipelineType)) return 'a built-in blueprint';
  return before.some(({ pipelineType }) => pipelineType === one.pipelineType)
    ? 'a custom blueprint listed before this one'
    : 'another blueprint of the same package';
}
