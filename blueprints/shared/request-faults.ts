/** joi's findings → faults that name the place, the rule and the way out. */
import { closest } from 'fastest-levenshtein';
import type Joi from 'joi';
import type { Fault } from '../faults.ts';

const VALUE_LENGTH = 200;

/** What was sent, short enough to be read. */
export function valueForPeople(value: unknown): unknown {
  if (typeof value === 'string') return value.length > VALUE_LENGTH ? `${value.slice(0, VALUE_LENGTH)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  const text = JSON.stringify(value);
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : value;
}

const RULES: readonly (readonly [RegExp, string])[] = [
  [/required$/, 'required'],
  [/^object\.(and|oxor|missing)$/, 'conflict'],
  [/unknown$/, 'unknown'],
  [/only$/, 'allowed'],
  [/pattern/, 'pattern'],
  [/\.base$|alternatives/, 'type'],
  [/min$|max$|length$|integer$|unsafe$|empty$/, 'range'],
];

export function toFault(detail: Joi.ValidationErrorItem): Fault {
  const context = (detail.context ?? {}) as { value?: unknown; valids?: unknown[]; path?: string[]; message?: string };
  const path = context.path ?? detail.path;
  const rule = RULES.find(([pattern]) => pattern.test(detail.type))?.[1] ?? 'format';
  const allowed = context.valids?.filter((one) => one !== undefined);
  return {
    pointer: path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message: readable(detail, allowed, context.value),
    rule,
    ...(allowed ? { allowed } : {}),
    ...(context.value === undefined ? {} : { value: valueForPeople(context.value) }),
  };
}

/** The pointer names the key already; what is near an allowed value is suggested. */
function readable(detail: Joi.ValidationErrorItem, allowed: unknown[] | undefined, value: unknown): string {
  const message = detail.message.replace(/^"[^"]*" (?=must|is|needs|with|failed|length|contains|does|does not)/, '');
  const texts = (allowed ?? []).filter((one): one is string => typeof one === 'string');
  if (typeof value !== 'string' || value.length > 100 || texts.length === 0) return cut(message);
  return cut(`${message}; did you mean ${closest(value, texts)}?`);
}

/** A pattern's message holds the value, which may be as long as the body. */
function cut(message: string): string {
  return message.length > 1_000 ? `${message.slice(0, 1_000)}…` : message;
}
