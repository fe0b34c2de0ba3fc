/** The evaluations of a model card: given in full, or read from a report in Amazon S3. */
import Joi from 'joi';
import { text, textByName, texts } from './pieces.ts';

/** Reports that become metric groups (metric-reports.ts), by the names of the original. */
export const REPORT_TYPES = [
  'model_card_metric_schema',
  'clarify_bias',
  'clarify_explainability',
  'regression',
  'binary_classification',
  'multiclass_classification',
] as const;
export type ReportType = (typeof REPORT_TYPES)[number];

const axisName = Joi.string().allow('').max(63);
const axisNames = Joi.array().items(axisName);
const scalar = Joi.alternatives(Joi.number(), Joi.string().allow(''));

/** Kind of metric → its value and its axes. @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-create.html */
const METRIC_KINDS: Readonly<Record<string, Joi.SchemaMap>> = {
  number: { value: Joi.number().required() },
  string: { value: Joi.string().allow('').required() },
  boolean: { value: Joi.boolean().strict().required() },
  linear_graph: {
    value: Joi.array().items(Joi.array().items(scalar).length(2)).min(1).required(),
    x_axis_name: axisName,
    y_axis_name: axisName,
  },
  bar_chart: { value: Joi.array().items(scalar).min(1).required(), x_axis_name: axisNames, y_axis_name: axisName },
  matrix: {
    value: Joi.array().items(Joi.array().items(scalar).min(1).max(20)).min(1).max(20).required(),
    x_axis_name: axisNames,
    y_axis_name: axisNames,
  },
};

const kind = Joi.string()
  .valid(...Object.keys(METRIC_KINDS))
  .required();

function metricOf(keys: Joi.SchemaMap): Joi.ObjectSchema {
  return Joi.object({ name: Joi.string().max(255).required(), type: kind, notes: text(1024, 'Notes.'), ...keys });
}

const metric = Joi.alternatives().conditional('.type', {
  switch: Object.entries(METRIC_KINDS).map(([type, keys]) => ({ is: type, then: metricOf(keys) })),
  otherwise: metricOf({ value: Joi.any(), x_axis_name: Joi.any(), y_axis_name: Joi.any() }),
});

/** What a report of the type `model_card_metric_schema` holds, and what every other report becomes. */
export const metricGroups = Joi.array()
  .items(
    Joi.object({
      name: Joi.string().max(63).required().description('Name of the group.'),
      metric_data: Joi.array().items(metric).required().description('Its metrics.'),
    }),
  )
  .description('Metrics of the evaluation.');

export const evaluationDetails = Joi.array()
  .items(
    Joi.object({
      name: Joi.string().max(63).required().description('Name of the evaluation.'),
      metric_file_s3_url: Joi.string()
        .pattern(
          /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+$/,
          'the URI of an object in Amazon S3: s3://<bucket>/<key>',
        )
        .description('A report whose metrics are added to the card.'),
      metric_type: Joi.string()
        .valid(...REPORT_TYPES)
        .description('Type of the report.'),
      evaluation_observation: text(2096, 'Observations on the evaluation.'),
      evaluation_job_arn: text(256, 'ARN of the evaluation job.'),
      datasets: texts(10, 1024, 'Datasets used for the evaluation.'),
      metadata: textByName('Custom details, by name.'),
      metric_groups: metricGroups,
    })
      .and('metric_file_s3_url', 'metric_type')
      .oxor('metric_file_s3_url', 'metric_groups')
      .messages({
        'object.and': 'metric_file_s3_url and metric_type must be given together',
        'object.oxor': 'metric_file_s3_url and metric_groups are mutually exclusive; remove one of them',
      }),
  )
  .description('How the model was evaluated.');
