/** Rules between the keys of an object. */
import type Joi from 'joi';

/** joi's code for each rule that stands between keys, as request-faults.ts knows them. */
const CODES = { conflict: 'any.unknown', range: 'mlops.ascending' } as const;

/**
 * A rule between a key and its siblings, reported at the key. Keys are checked in their order in the schema: only those before it
 * are numbers, and have their defaults.
 * @param find the reason against it, behind the name of the key
 */
export function unless<Value, Siblings>(
  schema: Joi.AnySchema,
  rule: keyof typeof CODES,
  find: (value: Value, siblings: Siblings) => string | undefined,
): Joi.AnySchema {
  return schema
    .custom((value: Value | undefined, helpers) => {
      // joi asks alternatives for what is not there, too.
      if (value === undefined) return value;
      const reason = find(value, (helpers.state.ancestors as [Siblings])[0]);
      return reason === undefined ? value : helpers.error(CODES[rule], { reason });
    })
    .messages({ [CODES[rule]]: '{{#label}} {{#reason}}' });
}
