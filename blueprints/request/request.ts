/** The only entry point for requests: a body of unknown shape becomes a valid request, or an error with every reason why not. */
import type { Blueprint, PipelineRequest, SchemaSettings } from '../blueprint.ts';
import type { Fault } from '../faults.ts';
import { RequestInvalid } from '../faults.ts';
import { exampleFor, findBlueprint, pipelineTypes, refusalOf } from '../registry.ts';
import { boundsFault, mustBeWithinBounds } from './bounds.ts';
import { toFault, valueForPeople } from './faults.ts';
import type { OpenedSchema } from './known-keys.ts';
import { openSchema } from './known-keys.ts';
import { UNSUPPORTED_TYPE, legacyMessage } from './legacy-messages.ts';
import { pipelineIdOf } from './pipeline-id.ts';
import type { DeploymentPlace } from './place-faults.ts';
import { placeFaults } from './place-faults.ts';
import { sortKeys } from './sorting.ts';
import { explainMixUp, foldSpellings } from './spellings.ts';
import { didYouMean } from './suggestion.ts';
import { MODEL_CARD_TYPES } from '../model-cards/schema.ts';
import { warningsOn } from './warnings.ts';

export interface ValidRequest {
  blueprint: Blueprint;
  /** `<prefix>-<model_name or image_tag>-<postfix>`, lower case. */
  pipelineId: string;
  /** As sent, but for blanks around it; the image tag for an image builder. */
  modelName: string;
  /** The guide's keys, defaults filled in, text turned into numbers and booleans. */
  request: PipelineRequest;
  /** Whether the job of the type must run again even if nothing has changed. */
  rerun: boolean;
  /** What was accepted, but not as it was sent, or is probably not meant. */
  warnings: string[];
}

export interface RequestSettings extends SchemaSettings {
  /** First part of every pipeline id. */
  pipelinePrefix: string;
  /** Environment → where it is, for what a request may name there; default: not checked. */
  environments?: Readonly<Partial<Record<string, DeploymentPlace>>>;
}

/**
 * Checks a body against the schema of its pipeline type. The order of its keys makes no difference, and a valid request
 * stays as it is when it is validated again.
 * @throws RequestInvalid with every fault at once; nothing else, whatever the body is.
 */
export function validateRequest(body: unknown, settings: RequestSettings): ValidRequest {
  mustBeWithinBounds(body);
  const { rerun: asked, ...given } = mustBeObject(body);
  const rerun = rerunOf(asked);
  const blueprint = mustBeKnownType(given.pipeline_type);
  const opened = openSchema(blueprint, settings);
  const folded = foldSpellings(given);
  const sorted = sortKeys(folded.entries, opened.keys, blueprint, settings);
  const checked = check(withoutEmpty(sorted.used, opened), opened, blueprint, settings);

  const faults = [...folded.faults, ...checked.faults.map((fault) => explainMixUp(fault, given)), ...sorted.faults];
  // The place is checked only if the values are valid.
  if (checked.faults.length === 0 && settings.environments) {
    faults.push(...placeFaults(blueprint, checked.request, settings.environments, settings.multiAccount));
  }
  if (rerun === undefined) faults.push(notABoolean(asked));
  if (faults.length > 0) {
    throw new RequestInvalid(legacyMessage(faults, blueprint), faults, exampleFor(blueprint, settings));
  }
  const modelName = String(checked.request[blueprint.nameKey]);
  return {
    blueprint,
    pipelineId: pipelineIdOf(settings.pipelinePrefix, modelName, blueprint.namePostfix),
    modelName,
    request: checked.request,
    rerun: rerun === true && blueprint.runs !== undefined,
    warnings: [
      ...folded.warnings,
      ...sorted.warnings,
      ...warningsOn(blueprint, checked.request, sorted.used),
      ...(rerun && !blueprint.runs
        ? [`"rerun" has no effect: ${blueprint.pipelineType} has no job to run again.`]
        : []),
    ],
  };
}

/** @returns undefined for what is neither true nor false; as with other flags, text will do */
function rerunOf(value: unknown): boolean | undefined {
  if (value === undefined || value === null || value === '') return false;
  const text = typeof value === 'string' ? value.toLowerCase() : String(value);
  return { true: true, false: false }[text];
}

function notABoolean(value: unknown): Fault {
  return {
    pointer: '/rerun',
    message: 'must be true (run the job again even if nothing has changed) or false',
    rule: 'type',
    value: valueForPeople(value),
  };
}

/** Optional keys that are null or an empty text are as good as absent: clients of the original send them so. */
function withoutEmpty(used: Record<string, unknown>, opened: OpenedSchema): Record<string, unknown> {
  const isEmpty = (key: string, value: unknown) =>
    value === null || (typeof value === 'string' && value.trim() === '' && !opened.mayBeEmpty(key));
  return Object.fromEntries(
    Object.entries(used).filter(([key, value]) => !(isEmpty(key, value) && opened.isOptional(key))),
  );
}

/** A list can be wrong in every one of its thousands of entries. */
const MAX_FAULTS_REPORTED = 100;

function check(
  used: Record<string, unknown>,
  { schema, keysAt }: OpenedSchema,
  blueprint: Blueprint,
  { multiAccount }: SchemaSettings,
): { request: PipelineRequest; faults: Fault[] } {
  const { error, value } = schema.validate(used, { abortEarly: false });
  const couldBePerStage = (key: string) => !multiAccount && blueprint.perStageKeys.includes(key);
  const details = error?.details ?? [];
  const faults = details.slice(0, MAX_FAULTS_REPORTED).map((detail) => toFault(detail, keysAt, couldBePerStage));
  if (details.length > MAX_FAULTS_REPORTED) {
    faults.push({ pointer: '', message: `has ${details.length - MAX_FAULTS_REPORTED} more errors`, rule: 'range' });
  }
  // Objects that came as JSON text have not been looked into before.
  const fault = faults.length === 0 ? boundsFault(value) : undefined;
  return { request: value as PipelineRequest, faults: fault ? [fault] : faults };
}

function mustBeObject(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new RequestInvalid('Bad request. The body must be a JSON object.', [
    {
      pointer: '',
      message: 'must be a JSON object with "pipeline_type" and the keys of that type; see GET /pipeline-types',
      rule: 'type',
      ...(body === undefined ? {} : { value: valueForPeople(body) }),
    },
  ]);
}

function mustBeKnownType(type: unknown): Blueprint {
  const blueprint = typeof type === 'string' ? findBlueprint(type.trim()) : undefined;
  if (blueprint) return blueprint;
  throw new RequestInvalid(UNSUPPORTED_TYPE, [
    { pointer: '/pipeline_type', allowed: pipelineTypes(), ...refusal(type) },
  ]);
}

function refusal(type: unknown): Pick<Fault, 'message' | 'rule' | 'value'> {
  if (type === undefined) return { message: 'is required: one of the types of GET /pipeline-types', rule: 'required' };
  const value = valueForPeople(type);
  if (typeof type !== 'string') return { message: 'must be a string', rule: 'type', value };
  if (MODEL_CARD_TYPES.some((one) => one === type.trim())) {
    const message =
      'is a model card request, which is supported only by POST /provisionpipeline, not in files, previews or lists of requests';
    return { message, rule: 'conflict', value };
  }
  const refused = refusalOf(type.trim());
  const instead = refused
    ? `: its custom blueprint ${refused.source} was refused at startup; GET /custom-blueprints has the reason`
    : didYouMean(type, pipelineTypes());
  return { message: `is not a pipeline type${instead}`, rule: 'allowed', value };
}
