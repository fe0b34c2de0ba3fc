/** How monitors find predictions, probabilities and labels: indexes, column names or JSON paths. */
import Joi from 'joi';
import { numberedText } from '../shared/schema/joi-pieces.ts';
import { PROBLEM_TYPES } from '../shared/schema/problem-types.ts';

const NEW_BASELINE = 'Changing it creates a new baseline and updates the schedule.';
const NEW_SCHEDULE = 'Changing it updates the schedule.';

function attribute(what: string, consequence: string): Joi.AnySchema {
  return numberedText().empty('').description(`${what}. ${consequence}`).example('0');
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_EndpointInput.html */
export function monitorAttributeKeys(kind: 'model_quality' | 'model_bias' | 'model_explainability'): Joi.SchemaMap {
  const consequence = kind === 'model_quality' ? NEW_BASELINE : NEW_SCHEDULE;
  return {
    problem_type: Joi.string()
      .trim()
      .valid(...PROBLEM_TYPES)
      .required()
      .description(`Problem type. ${consequence}`)
      .example('BinaryClassification'),
    monitor_inference_attribute: attribute(
      'Index or JSON path of the prediction in the response of the endpoint; required except for binary classification',
      NEW_SCHEDULE,
    ).when('problem_type', { is: Joi.valid('Regression', 'MulticlassClassification'), then: Joi.required() }),
    monitor_probability_attribute: attribute(
      'Index or JSON path of the probability in the response of the endpoint; used for binary classification only',
      NEW_SCHEDULE,
    ),
    probability_threshold_attribute: Joi.number()
      .empty('')
      .min(0)
      .max(1)
      .description(
        kind === 'model_explainability'
          ? 'Accepted, but not used: attributions need no threshold.'
          : `Probability at or above which a prediction is positive; used for binary classification only. ${consequence}`,
      )
      .example(0.5),
    ...(kind === 'model_quality'
      ? {}
      : {
          features_attribute: Joi.string()
            .trim()
            .empty('')
            .description(
              `JSON path of the features in the request to the endpoint; default: CSV columns. ${NEW_SCHEDULE}`,
            )
            .example('features'),
        }),
  };
}

/**
 * For binary classification the probability must be named, as the original demanded, if only by an empty text; with
 * a threshold it tells the prediction, so that the inference attribute is not needed (guide).
 */
export function baselineAttributeKeys(): Joi.SchemaMap {
  const binary = 'BinaryClassification';
  return {
    baseline_ground_truth_attribute: attribute('Label column in the baseline data', NEW_BASELINE).required(),
    baseline_probability_attribute: numberedText()
      .allow('')
      .description(
        `Probability column in the baseline data; required for binary classification, where an empty value means none. ${NEW_BASELINE}`,
      )
      .example('probability')
      .when('problem_type', { is: binary, then: Joi.required() }),
    baseline_inference_attribute: attribute(
      'Prediction column in the baseline data; for binary classification not required if a probability and its threshold are given',
      NEW_BASELINE,
    ).when('problem_type', {
      is: binary,
      then: Joi.when('baseline_probability_attribute', {
        is: Joi.exist().invalid(''),
        then: Joi.when('probability_threshold_attribute', { is: Joi.exist(), otherwise: Joi.required() }),
        otherwise: Joi.required(),
      }),
      otherwise: Joi.required(),
    }),
  };
}
