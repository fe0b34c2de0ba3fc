/** Types of the values in a model card. */
import Joi from 'joi';

export function text(limit: number, what: string): Joi.StringSchema {
  return Joi.string().allow('').max(limit).description(what);
}

/** A list; a single text stands for a list of one. */
export function texts(most: number, limit: number, what: string): Joi.ArraySchema {
  return Joi.array().items(Joi.string().max(limit)).single().max(most).description(what);
}

/** Names as SageMaker takes them for the author's own keys. */
export function textByName(what: string): Joi.ObjectSchema {
  return Joi.object()
    .pattern(Joi.string().pattern(/^[a-zA-Z_][a-zA-Z0-9_]*$/), Joi.string().allow('').max(1024))
    .description(what);
}
