/**
 * Rules between the values of a request. They are part of its schema, and checked once every single value is valid, so
 * that a rule sees numbers as numbers and defaults filled in. In a request with values per stage, for every stage.
 */
import type Joi from 'joi';
import type { PipelineRequest } from '../../blueprint.ts';
import { STAGES } from '../../blueprint.ts';
import { isPerStage } from './stages.ts';

/** What is wrong with one key in the light of others. */
export interface Violation {
  /** Where it is reported: the key that the message begins with. */
  key: string;
  /** Behind `key`, for a value within an object. */
  path?: readonly (string | number)[];
  /** Follows the name of the key: names the other keys, and the remedy. */
  reason: string;
  /** Default: `conflict`. */
  rule?: 'conflict' | 'range';
}

/** @returns nothing where the request is fine */
export type Rule<Request> = (request: Request) => Violation | readonly Violation[] | undefined;

/** joi's code of each rule, as request/faults.ts knows them. */
const CODES = { conflict: 'any.unknown', range: 'mlops.ascending' } as const;

/** What joi passes to a custom rule beyond its types: several errors, and places in the value. */
interface RuleHelpers extends Joi.CustomHelpers {
  errorsArray(): Joi.ErrorReport[];
  error(code: string, local?: Joi.Context, localState?: Joi.State): Joi.ErrorReport;
}

/** @param perStageKeys keys whose value may be an object with one entry a stage */
export function withRules<Request>(
  schema: Joi.ObjectSchema<PipelineRequest>,
  rules: readonly Rule<Request>[],
  perStageKeys: readonly string[] = [],
): Joi.ObjectSchema<PipelineRequest> {
  return schema
    .custom((request: PipelineRequest, helpers) => {
      const found = violationsIn(request, rules, perStageKeys);
      if (found.length === 0) return request;
      const { errorsArray, error, state } = helpers as RuleHelpers;
      const errors = errorsArray();
      for (const { key, path = [], reason, rule = 'conflict' } of found) {
        const at = state as unknown as { localize(path: (string | number)[], ancestors: unknown[]): Joi.State };
        errors.push(error(CODES[rule], { reason, value: request[key] }, at.localize([key, ...path], [request])));
      }
      return errors as unknown;
    })
    .messages({ [CODES.conflict]: '{{#label}} {{#reason}}', [CODES.range]: '{{#label}} {{#reason}}' });
}

function violationsIn<Request>(
  request: PipelineRequest,
  rules: readonly Rule<Request>[],
  perStageKeys: readonly string[],
): Violation[] {
  const staged = perStageKeys.filter((key) => isPerStage(request[key]));
  const of = (values: PipelineRequest) => rules.flatMap((rule) => rule(values as unknown as Request) ?? []);
  if (staged.length === 0) return of(request);
  const found = STAGES.flatMap((stage) =>
    of(valuesOf(request, staged, stage)).map((one) =>
      staged.includes(one.key) ? { ...one, path: [stage, ...(one.path ?? [])] } : one,
    ),
  );
  // What goes with every stage is said once.
  return [...new Map(found.map((one) => [JSON.stringify([one.key, one.path, one.reason]), one])).values()];
}

/** An empty text for a stage means that the key is not given there. */
function valuesOf(request: PipelineRequest, staged: readonly string[], stage: string): PipelineRequest {
  const entries = Object.entries(request).flatMap(([key, value]) => {
    if (!staged.includes(key)) return [[key, value]];
    const own = (value as Record<string, unknown>)[stage];
    return own === undefined || own === '' ? [] : [[key, own]];
  });
  return Object.fromEntries(entries) as PipelineRequest;
}
