/** JSON Schema of a joi schema, for the OpenAPI document. */
import type Joi from 'joi';
import type { JsonSchema } from './route.ts';

const DIALECT = 'draft-2020-12';

export function toJsonSchema(schema: Joi.Schema): JsonSchema {
  return schema['~standard'].jsonSchema.input({ target: DIALECT });
}
