/** joi's errors → faults with pointer, rule and remedy. */
import type Joi from 'joi';
import { STAGES } from '../blueprint.ts';
import type { Fault } from '../faults.ts';
import { escapePointer } from './bounds.ts';
import { didYouMean } from './suggestion.ts';

const VALUE_LENGTH = 200;
/** A message may hold a list of allowed values, but no part of the body as long as the body. */
const MESSAGE_LENGTH = 1_000;

/** User name and password in a URL. */
const CREDENTIALS = /\/\/[^/@\s"]+@/g;

/** What was sent, short enough to be read: at most 200 characters, and without credentials. */
export function valueForPeople(value: unknown): unknown {
  if (typeof value === 'string') return cut(withoutCredentials(value), VALUE_LENGTH);
  if (typeof value !== 'object' || value === null) return value;
  const text = withoutCredentials(JSON.stringify(value));
  return text.length > VALUE_LENGTH ? cut(text, VALUE_LENGTH) : (JSON.parse(text) as unknown);
}

function withoutCredentials(text: string): string {
  return text.replaceAll(CREDENTIALS, '//***@');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}

/** joi's codes, and those of our own pieces. @see https://joi.dev/api/#list-of-errors */
const RULES: Readonly<Record<string, string>> = {
  'any.only': 'allowed',
  'any.required': 'required',
  'any.unknown': 'conflict',
  'alternatives.any': 'type',
  'alternatives.match': 'type',
  'alternatives.types': 'type',
  'array.base': 'type',
  'array.includes': 'type',
  'array.includesRequiredUnknowns': 'required',
  'array.max': 'range',
  'array.min': 'range',
  'array.orderedLength': 'range',
  'boolean.base': 'type',
  'mlops.ascending': 'range',
  'mlops.bucketPath': 'pattern',
  'mlops.facet': 'conflict',
  'mlops.facets': 'conflict',
  'mlops.image': 'pattern',
  'mlops.managedKey': 'pattern',
  'mlops.instanceType': 'allowed',
  'mlops.jsonText': 'pattern',
  'mlops.list': 'type',
  'mlops.separators': 'pattern',
  'mlops.spotWait': 'conflict',
  'mlops.uriLength': 'range',
  'mlops.withinSchedule': 'conflict',
  'array.unique': 'conflict',
  'number.base': 'type',
  'number.infinity': 'range',
  'number.integer': 'type',
  'number.max': 'range',
  'number.min': 'range',
  'number.unsafe': 'range',
  'object.and': 'conflict',
  'object.base': 'type',
  'object.max': 'range',
  'object.min': 'range',
  'object.oxor': 'conflict',
  'object.unknown': 'unknown',
  'string.base': 'type',
  'string.empty': 'range',
  'string.max': 'range',
  'string.min': 'range',
  'string.pattern.name': 'pattern',
};

interface Context {
  value?: unknown;
  valids?: unknown[];
  /** Of an object: the keys that are missing. */
  missing?: string[];
}

/**
 * @param siblings keys that the object at a path may have, for an unknown one
 * @param perStage whether a key could be given per stage in an installation with several accounts
 */
export function toFault(
  detail: Joi.ValidationErrorItem,
  siblings: (path: readonly (string | number)[]) => readonly string[],
  perStage: (key: string) => boolean,
): Fault {
  const { value, valids, missing } = (detail.context ?? {}) as Context;
  const path = missing?.[0] ? [...detail.path, missing[0]] : detail.path;
  const pointer = path.map((part) => `/${escapePointer(cut(String(part), VALUE_LENGTH))}`).join('');
  // Of a whole body there is nothing to show.
  const sent = value === undefined || missing ? {} : { value: valueForPeople(value) };
  const [key] = detail.path;
  if (detail.path.length === 1 && typeof key === 'string' && perStage(key) && isPerStage(value)) {
    return { pointer, message: ONE_ACCOUNT, rule: 'conflict', ...sent };
  }
  const allowed = valids?.filter((one) => one !== undefined && one !== null && one !== '');
  return {
    pointer,
    message: cut(readable(detail, value, allowed ?? [], siblings), MESSAGE_LENGTH),
    rule: RULES[detail.type] ?? 'pattern',
    ...(allowed ? { allowed } : {}),
    ...sent,
  };
}

const ONE_ACCOUNT = 'has one value per stage, but this installation deploys to a single account; give a single value';

function isPerStage(value: unknown): boolean {
  return typeof value === 'object' && value !== null && STAGES.some((stage) => Object.hasOwn(value, stage));
}

/** The pointer names the key already; what is near an allowed value is suggested. */
function readable(
  detail: Joi.ValidationErrorItem,
  value: unknown,
  allowed: readonly unknown[],
  siblings: (path: readonly (string | number)[]) => readonly string[],
): string {
  const { name = '' } = (detail.context ?? {}) as { name?: string };
  switch (detail.type) {
    case 'any.only':
      return `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.map(String).join(', ')}${didYouMean(value, allowed)}`;
    case 'string.pattern.name':
      return `must be ${name}`;
    case 'object.base':
      return `must be an object${typeof value === 'string' ? ', or the JSON text of one' : ''}`;
    case 'object.unknown': {
      const known = siblings(detail.path.slice(0, -1));
      return `is not supported here${known.length > 0 ? `; supported: ${known.join(', ')}` : ''}${didYouMean(String(detail.path.at(-1)), known)}`;
    }
    default:
      return detail.message.replace(/^"[^"]*" (?=[a-z])/, '');
  }
}
