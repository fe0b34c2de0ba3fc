/** Settings of SageMaker Clarify, key by key as its SDK takes them. */
import Joi from 'joi';
import { count, flag, jsonObject } from '../shared/schema/joi-pieces.ts';
import { assetKey } from '../request/paths.ts';

const NEW_BASELINE = 'Changing it creates a new baseline and updates the schedule.';

const value = Joi.alternatives(Joi.string(), Joi.number(), Joi.boolean());
const values = Joi.array().items(value).min(1);
const valueOrValues = Joi.alternatives(value, values);

/** Several columns take a list with an entry for each; one column takes its own values. Stands behind `facet_name`. */
const valuesOfFacets: Joi.CustomValidator = (given: unknown, helpers) => {
  const [{ facet_name: names }] = helpers.state.ancestors as [Record<string, unknown>];
  if (Array.isArray(names)) {
    const fits = given === null || (Array.isArray(given) && given.length === names.length);
    return fits ? given : helpers.error('mlops.facets', { count: names.length });
  }
  const nested = Array.isArray(given) && given.some((one) => one === null || Array.isArray(one));
  return nested ? helpers.error('mlops.facet') : given;
};

/** @see https://sagemaker.readthedocs.io/en/stable/api/training/processing.html#sagemaker.clarify.BiasConfig */
export const biasConfig = jsonObject(`Settings of the bias analysis. ${NEW_BASELINE}`)
  .keys({
    label_values_or_threshold: valueOrValues
      .required()
      .description('Label values that represent a positive outcome, or a threshold')
      .example('1'),
    facet_name: valueOrValues.required().description('Sensitive attributes (columns)').example('age'),
    facet_values_or_threshold: Joi.alternatives(value, Joi.array().items(value, values, Joi.valid(null)).min(1))
      .allow(null)
      .custom(valuesOfFacets)
      .messages({
        'mlops.facets':
          '{{#label}} must be a list of {{#count}}, one entry for each column of facet_name; null means all values of a column',
        'mlops.facet': '{{#label}} must be a single list of values, because facet_name is a single column',
      })
      .description(
        'Values of the sensitive attribute to analyze, or a threshold; for several columns, a list with one entry for each; default: all values',
      )
      .example('40'),
    group_name: Joi.string().allow(null).description('Column to group by; default: none').example('region'),
  })
  .example({ label_values_or_threshold: '1', facet_name: 'age', facet_values_or_threshold: '40' });

/** @see https://sagemaker.readthedocs.io/en/stable/api/training/processing.html#sagemaker.clarify.ModelPredictedLabelConfig */
export const modelPredictedLabelConfig = jsonObject(
  `How predictions are extracted from the response; required for classification. ${NEW_BASELINE}`,
)
  .keys({
    label: value.allow(null).description('Index or JSON path of the predicted label').example('0'),
    probability: value.allow(null).description('Index or JSON path of the probability').example(0),
    probability_threshold: Joi.number()
      .min(0)
      .max(1)
      .allow(null)
      .description('Probability at or above which a prediction is positive')
      .example(0.5),
    label_headers: Joi.array()
      .items(Joi.string())
      .single()
      .allow(null)
      .description('Labels, in the order of the probabilities')
      .example(['yes', 'no']),
  })
  .example({ probability: 0 });

/** @see https://sagemaker.readthedocs.io/en/stable/api/training/processing.html#sagemaker.clarify.SHAPConfig */
export const shapConfig = jsonObject(`Settings of the SHAP analysis. ${NEW_BASELINE}`)
  .keys({
    baseline: Joi.alternatives(Joi.array().items(Joi.array().min(1)).min(1), assetKey('CSV file with the rows'))
      .description('SHAP baseline: a list of rows, or the key of a CSV file in the assets bucket')
      .example('path/to/shap_baseline_dataset.csv'),
    num_samples: count('Samples per row; default: chosen by Clarify', 1, 1_000_000).example(100, { override: true }),
    agg_method: Joi.string()
      .valid('mean_abs', 'median', 'mean_sq')
      .description('How the attributions of all rows are aggregated')
      .example('mean_abs'),
    use_logit: flag('Whether the logit function is applied to predictions; default false').default(false),
    save_local_shap_values: flag('Whether the SHAP values of every row are saved; default true').default(true),
    seed: count('Random seed; default: a different one each time', 0, 2_147_483_647),
    num_clusters: count('Number of clusters from which a baseline is computed, instead of baseline', 1, 1_000),
    features_to_explain: Joi.array()
      .items(Joi.alternatives(Joi.string(), Joi.number()))
      .min(1)
      .description('Columns to explain; default: all')
      .example(['age', 'income']),
  })
  .oxor('baseline', 'num_clusters')
  .messages({ 'object.oxor': 'baseline and num_clusters are mutually exclusive; remove one of them' })
  .example({ baseline: 'path/to/shap_baseline_dataset.csv', num_samples: 100, agg_method: 'mean_abs' });
