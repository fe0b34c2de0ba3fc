/** Settings of SageMaker Clarify, key by key as its SDK takes them. */
import Joi from 'joi';
import { assetKey, count, flag, jsonObject } from '../shared/joi-pieces.ts';

const value = Joi.alternatives(Joi.string(), Joi.number(), Joi.boolean());
const valueOrValues = Joi.alternatives(value, Joi.array().items(value).min(1));

/** @see https://sagemaker.readthedocs.io/en/stable/api/training/processing.html#sagemaker.clarify.BiasConfig */
export const biasConfig = jsonObject('What bias is measured against.')
  .keys({
    label_values_or_threshold: valueOrValues.required().description('Values of the positive outcome, or a threshold'),
    facet_name: valueOrValues.required().description('Sensitive columns'),
    facet_values_or_threshold: Joi.alternatives(value, Joi.array()).allow(null).description('Their sensitive values'),
    group_name: Joi.string().allow(null).description('Column that makes groups'),
  })
  .example({ label_values_or_threshold: '1', facet_name: 'age', facet_values_or_threshold: '40' });

/** @see https://sagemaker.readthedocs.io/en/stable/api/training/processing.html#sagemaker.clarify.ModelPredictedLabelConfig */
export const modelPredictedLabelConfig = jsonObject('How a prediction is read.')
  .keys({
    label: value.allow(null).description('Column or JSON path of the label'),
    probability: value.allow(null).description('Column or JSON path of the probability'),
    probability_threshold: Joi.number().min(0).max(1).allow(null).description('Threshold of a positive prediction'),
    label_headers: Joi.array().items(Joi.string()).allow(null).description('Names of the labels'),
  })
  .example({ probability: 0 });

/** @see https://sagemaker.readthedocs.io/en/stable/api/training/processing.html#sagemaker.clarify.SHAPConfig */
export const shapConfig = jsonObject('How feature attributions are computed.')
  .keys({
    baseline: Joi.alternatives(Joi.array().items(Joi.array()).min(1), assetKey('Baseline rows')).description(
      'Rows to compare with: a list of lists, or a key in the assets bucket',
    ),
    num_samples: count('Samples per row', 1, 1_000_000),
    agg_method: Joi.string().valid('mean_abs', 'median', 'mean_sq').description('How attributions are aggregated'),
    use_logit: flag('Applies the logit function to predictions').default(false),
    save_local_shap_values: flag('Keeps the values of every row').default(true),
    seed: count('Seed', 0, 2_147_483_647),
    num_clusters: count('Clusters to make a baseline of', 1, 1_000),
    features_to_explain: Joi.array()
      .items(Joi.alternatives(Joi.string(), Joi.number()))
      .description('Columns to explain'),
  })
  .oxor('baseline', 'num_clusters')
  .example({ baseline: 'path/to/shap_baseline_dataset.csv', num_samples: 100, agg_method: 'mean_abs' });
