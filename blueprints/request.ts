/** The one way in: a body of unknown shape becomes a valid request, or every reason why not. */
import { closest, distance } from 'fastest-levenshtein';
import type Joi from 'joi';
import type { Blueprint, PipelineRequest, SchemaSettings } from './blueprint.ts';
import { PIPELINE_TYPES, STAGES } from './blueprint.ts';
import type { Fault } from './faults.ts';
import { RequestInvalid } from './faults.ts';
import { findBlueprint } from './registry.ts';
import { knownKeys } from './shared/request-known-keys.ts';
import { legacyMessage } from './shared/request-legacy-messages.ts';
import { toFault, valueForPeople } from './shared/request-faults.ts';
import { foldSpellings } from './shared/request-spellings.ts';
import { warningsOn } from './shared/request-warnings.ts';

export interface ValidRequest {
  blueprint: Blueprint;
  /** `<prefix>-<model_name or image_tag>-<postfix>`, lower case. */
  pipelineId: string;
  /** As sent. */
  modelName: string;
  request: PipelineRequest;
  /** What was taken, but not as it stood. */
  warnings: string[];
}

export interface RequestSettings extends SchemaSettings {
  pipelinePrefix: string;
}

/** @throws RequestInvalid with every fault at once; nothing else, whatever the body is. */
export function validateRequest(body: unknown, settings: RequestSettings): ValidRequest {
  const given = mustBeObject(body);
  const blueprint = mustBeKnownType(given.pipeline_type);
  const folded = foldSpellings(given);
  const warnings = [...folded.warnings];
  const faults = [...folded.faults];

  const schema = blueprint.schema(settings);
  const own = new Set(Object.keys((schema.describe() as { keys: object }).keys));
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(folded.body)) {
    if (own.has(key)) kept[key] = value;
    else if (knownKeys().has(key)) warnings.push(notUsed(key, blueprint, settings));
    else faults.push(unknownKey(key, [...own], value));
  }

  const result = schema.validate(kept, { abortEarly: false, convert: true, errors: { wrap: { label: '"' } } });
  faults.push(...(result.error?.details ?? []).map((detail) => toFault(detail as Joi.ValidationErrorItem)));
  if (faults.length > 0) throw new RequestInvalid(legacyMessage(faults, blueprint), faults, { ...blueprint.example });

  const request = result.value as PipelineRequest;
  const modelName = String(request[blueprint.nameKey]);
  return {
    blueprint,
    pipelineId: `${settings.pipelinePrefix}-${modelName}-${blueprint.namePostfix}`.toLowerCase(),
    modelName,
    request,
    warnings: [...warnings, ...warningsOn(request, kept)],
  };
}

/**
 * The request as it applies to one environment: of a value per stage, that stage's.
 * @param environment `main` takes values as they are
 */
export function stageValues(blueprint: Blueprint, request: PipelineRequest, environment: string): PipelineRequest {
  const stage = STAGES.find((one) => one === environment);
  if (!stage) return request;
  return Object.fromEntries(
    Object.entries(request).map(([key, value]) => [
      key,
      blueprint.perStageKeys.includes(key) && typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[stage]
        : value,
    ]),
  ) as PipelineRequest;
}

function mustBeObject(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new RequestInvalid('Bad request. The body must be a JSON object.', [
    {
      pointer: '',
      message: 'must be a JSON object with "pipeline_type" and the keys of that type; see GET /pipeline-types',
      rule: 'type',
      value: valueForPeople(body),
    },
  ]);
}

function mustBeKnownType(type: unknown): Blueprint {
  const blueprint = typeof type === 'string' ? findBlueprint(type.trim()) : undefined;
  if (blueprint) return blueprint;
  const guess =
    typeof type === 'string' && type.length < 100 ? closest(type.trim().toLowerCase(), [...PIPELINE_TYPES]) : '';
  throw new RequestInvalid(
    'Bad request format. Pipeline type not supported. Check documentation for API & config formats',
    [
      {
        pointer: '/pipeline_type',
        message:
          type === undefined
            ? 'is required: one of the types of GET /pipeline-types'
            : `is not a pipeline type${guess ? `; did you mean ${guess}?` : ''}`,
        rule: type === undefined ? 'required' : typeof type === 'string' ? 'allowed' : 'type',
        allowed: PIPELINE_TYPES,
        ...(type === undefined ? {} : { value: valueForPeople(type) }),
      },
    ],
  );
}

function notUsed(key: string, blueprint: Blueprint, settings: SchemaSettings): string {
  const why =
    settings.useModelRegistry && 'model_package_name' in describeKeys(blueprint, settings)
      ? ' with USE_MODEL_REGISTRY=Yes'
      : '';
  return `"${key}" is not used by ${blueprint.pipelineType}${why} and was left out.`;
}

function describeKeys(blueprint: Blueprint, settings: SchemaSettings): object {
  return (blueprint.schema(settings).describe() as { keys: object }).keys;
}

/** Further off than this, a suggestion would only puzzle. */
const NEAR = 0.4;

function unknownKey(key: string, own: string[], value: unknown): Fault {
  const candidates = [...own, ...knownKeys()];
  const guess = key.length < 100 ? closest(key.toLowerCase(), candidates) : '';
  const near = guess !== '' && distance(key.toLowerCase(), guess) <= Math.max(2, NEAR * guess.length);
  return {
    pointer: `/${key.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')}`,
    message: `is not a key of any pipeline type${near ? `; did you mean "${guess}"?` : ''}`,
    rule: 'unknown',
    value: valueForPeople(value),
  };
}
