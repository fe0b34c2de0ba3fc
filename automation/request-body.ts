/** Bodies of calls about executions: small ones of our own, not the guide's. */
import type Joi from 'joi';
import { RequestInvalid } from '../blueprints/faults.ts';

const RULES: Readonly<Record<string, string>> = {
  'any.required': 'required',
  'object.unknown': 'unknown',
  'any.only': 'allowed',
  'number.base': 'type',
  'string.base': 'type',
  'object.base': 'type',
};

/** @throws RequestInvalid with everything that is wrong */
export function validBody<T>(schema: Joi.ObjectSchema<T>, body: unknown): T {
  const { value, error } = schema.validate(body ?? {}, { abortEarly: false, errors: { wrap: { label: false } } });
  if (!error) return value;
  const faults = error.details.map(({ message, path, type }) => ({
    pointer: path.map((key) => `/${key}`).join(''),
    message: message.replace(/^\S+ /, ''),
    rule: RULES[type] ?? 'range',
  }));
  throw new RequestInvalid(`Bad request. ${error.details.map(({ message }) => message).join('; ')}`, faults);
}
