/**
 * Requests that manage SageMaker model cards: what may be asked for. Limits are those of SageMaker's model card schema.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html
 */
import Joi from 'joi';
import { evaluationDetails } from './evaluation-schema.ts';
import { text, textByName, texts } from './pieces.ts';

/** The six calls of the original and one of ours, for the versions of a card; distinguished by `pipeline_type`. */
export const MODEL_CARD_TYPES = [
  'create_model_card',
  'update_model_card',
  'describe_model_card',
  'delete_model_card',
  'export_model_card',
  'list_model_cards',
  'list_model_card_versions',
] as const;
export type ModelCardType = (typeof MODEL_CARD_TYPES)[number];

export const MODEL_CARD_STATUSES = ['Draft', 'PendingReview', 'Approved', 'Archived'] as const;
export const RISK_RATINGS = ['High', 'Medium', 'Low', 'Unknown'] as const;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelCard.html */
const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/;

function sageMakerName(what: string): Joi.StringSchema {
  return Joi.string()
    .trim()
    .max(63)
    .pattern(NAME, 'letters, digits and inner hyphens only')
    .description(what)
    .example('my-card');
}

const modelOverview = Joi.object({
  model_name: sageMakerName('A SageMaker model: its ARN, artifact and image are added to the card.'),
  model_id: text(1024, 'ARN of the SageMaker model, or the id of an external model.'),
  model_description: text(1024, 'What the model does.'),
  model_version: Joi.number().min(1).description('Version of the model.').example(1),
  problem_type: text(1024, 'Problem type, such as "Binary Classification".'),
  algorithm_type: text(1024, 'The algorithm, such as "XGBoost".'),
  model_creator: text(1024, 'Who created the model.'),
  model_owner: text(1024, 'Who owns the model.'),
  model_artifact: texts(15, 1024, 'Locations of the artifacts.'),
  inference_environment: texts(15, 1024, 'Images that run the model.'),
}).description('Overview of the model.');

const intendedUses = Joi.object({
  purpose_of_model: text(2048, 'Why the model was developed.'),
  intended_uses: text(2048, 'Intended uses.'),
  factors_affecting_model_efficiency: text(2048, 'Factors that affect the results.'),
  risk_rating: Joi.string()
    .valid(...RISK_RATINGS)
    .description('Risk of using the model. Default: Unknown.')
    .example('Low'),
  explanations_for_risk_rating: text(2048, 'Reason for the risk rating.'),
}).description('Intended uses of the model.');

const trainingMetrics = (what: string) =>
  Joi.array()
    .items(
      Joi.object({
        name: Joi.string().max(255).required().description('Name of the metric.'),
        value: Joi.number().required().description('Its value.'),
        notes: text(1024, 'Notes.'),
      }),
    )
    .max(50)
    .description(what);

const trainingDetails = Joi.object({
  model_name: sageMakerName('A SageMaker model: the training job that produced its artifact is added to the card.'),
  training_job_name: sageMakerName('A training job: its ARN, image and final metrics are added to the card.'),
  objective_function: Joi.object({
    function: Joi.string().valid('Maximize', 'Minimize').description('Direction of the optimization.'),
    facet: text(63, 'What is optimized, such as "AUC".'),
    condition: text(63, 'Condition of the objective.'),
    notes: text(1024, 'Notes on the objective.'),
  }).description('Objective of the training.'),
  training_observations: text(1024, 'Observations on the training.'),
  training_job_details: Joi.object({
    training_arn: text(1024, 'ARN of the training job.'),
    training_datasets: texts(15, 1024, 'Datasets used for the training.'),
    training_environment: texts(15, 1024, 'Images that trained the model.'),
    training_metrics: trainingMetrics('Metrics of the training job.'),
    user_provided_training_metrics: trainingMetrics('Metrics from other sources.'),
  }).description('The training, if it was not a SageMaker training job.'),
})
  .oxor('model_name', 'training_job_name', 'training_job_details')
  .messages({
    'object.oxor': 'model_name, training_job_name and training_job_details are mutually exclusive; keep one of them',
  })
  .description('How the model was trained.');

const additionalInformation = Joi.object({
  ethical_considerations: text(2048, 'Ethical considerations.'),
  caveats_and_recommendations: text(2048, 'Caveats and recommendations for users of the model.'),
  custom_details: textByName('Custom details, by name.'),
}).description('Additional information.');

const name = sageMakerName('Name of the card: unique in the account and region.').required();
const status = Joi.string()
  .valid(...MODEL_CARD_STATUSES)
  .description('Review status.')
  .example('Draft');

/** Keys of an answer that may be sent back with a request; SageMaker sets them itself. */
const READ_ONLY = {
  version: Joi.any().description('Set by SageMaker; ignored in requests.'),
  created_by: Joi.any().description('Set by SageMaker; ignored in requests.'),
  last_modified_by: Joi.any().description('Set by SageMaker; ignored in requests.'),
};

const PARTS = {
  model_overview: modelOverview,
  intended_uses: intendedUses,
  training_details: trainingDetails,
  evaluation_details: evaluationDetails,
  additional_information: additionalInformation,
};

const arn = Joi.string().description('ARN of the card; set by SageMaker.');
const anyVersion = Joi.alternatives(
  Joi.number().integer().min(1),
  Joi.string()
    .trim()
    .pattern(/^[1-9]\d*$/, 'a whole number of at least 1'),
)
  .custom((value: string | number) => Number(value))
  .description('Version of the card. Default: the latest.')
  .example(1);

const KEYS: Readonly<Record<ModelCardType, Joi.SchemaMap>> = {
  create_model_card: {
    name,
    status: status.default('Draft'),
    arn: Joi.any().forbidden().messages({
      'any.unknown': 'names an existing card: remove it, or use "pipeline_type": "update_model_card"',
    }),
    ...READ_ONLY,
    ...PARTS,
  },
  update_model_card: { name, status, arn, ...READ_ONLY, ...PARTS },
  describe_model_card: { name, model_card_version: anyVersion },
  delete_model_card: { name },
  export_model_card: {
    name,
    model_card_version: anyVersion,
    export_job_name: sageMakerName(
      'Name of the export job; unique in the account and region. Default: generated from name and time.',
    ),
  },
  list_model_cards: {},
  list_model_card_versions: { name },
};

/** The schema of one call, with `pipeline_type` in it. */
export function modelCardSchema(type: ModelCardType): Joi.ObjectSchema<Record<string, unknown>> {
  return Joi.object({
    pipeline_type: Joi.string().trim().valid(type).required().description('The call.').example(type),
    ...KEYS[type],
  });
}
