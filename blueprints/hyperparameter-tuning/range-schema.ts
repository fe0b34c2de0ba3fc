/**
 * The range of one hyperparameter, as the guide writes it: `[kind, values]`, or `[kind, values, scaling type]`.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ParameterRanges.html
 */
import Joi from 'joi';

const CATEGORIES_LIMIT = 30;

const ascending: Joi.CustomValidator = (value: unknown[], helpers) => {
  const [smallest, largest] = value;
  // Anything but two numbers is a separate error.
  const wrong = typeof smallest === 'number' && typeof largest === 'number' && smallest >= largest;
  return wrong ? helpers.error('mlops.ascending') : value;
};

function bounds(bound: Joi.NumberSchema): Joi.ArraySchema {
  return Joi.array()
    .ordered(bound.required(), bound.required())
    .custom(ascending)
    .messages({ 'mlops.ascending': '{{#label}} must be a smaller value followed by a larger one' });
}

const categories = Joi.array()
  .items(Joi.alternatives(Joi.string(), Joi.number(), Joi.boolean()))
  .min(1)
  .max(CATEGORIES_LIMIT);

function kinds(...names: string[]): Joi.StringSchema {
  return Joi.string()
    .valid(...names)
    .required();
}

const startsWith = (kind: string) => Joi.array().ordered(Joi.valid(kind).required()).items(Joi.any());

/** Third item: `Auto` where it is left out. @see https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html */
const scalingType = Joi.string().valid('Auto', 'Linear', 'Logarithmic', 'ReverseLogarithmic');

export const rangeSchema = Joi.alternatives()
  .conditional(startsWith('categorical'), { then: Joi.array().ordered(kinds('categorical'), categories.required()) })
  .conditional(startsWith('integer'), {
    then: Joi.array().ordered(kinds('integer'), bounds(Joi.number().integer()).required(), scalingType),
    otherwise: Joi.array().ordered(
      kinds('continuous', 'integer', 'categorical'),
      bounds(Joi.number()).required(),
      scalingType,
    ),
  });
