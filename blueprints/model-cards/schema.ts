/**
 * Requests that manage SageMaker model cards: what may be asked for. Limits are those of SageMaker's model card schema.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards.html
 */
import Joi from 'joi';
import { evaluationDetails } from './evaluation-schema.ts';
import { text, textByName, texts } from './pieces.ts';

/** The six calls of the original, distinguished by `pipeline_type`. */
export const MODEL_CARD_TYPES = [
  'create_model_card',
  'update_model_card',
  'describe_model_card',
  'delete_model_card',
  'export_model_card',
  'list_model_cards',
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
  model_name: sageMakerName('A model in SageMaker: its ARN, artifact and image go into the card.'),
  model_id: text(1024, 'ARN of the model in SageMaker, or the id of a model elsewhere.'),
  model_description: text(1024, 'What the model does.'),
  model_version: Joi.number().min(1).description('Version of the model.').example(1),
  problem_type: text(1024, 'The problem that the model solves, such as "Binary Classification".'),
  algorithm_type: text(1024, 'The algorithm, such as "XGBoost".'),
  model_creator: text(1024, 'Who created the model.'),
  model_owner: text(1024, 'Who owns the model.'),
  model_artifact: texts(15, 1024, 'Where the artifacts are.'),
  inference_environment: texts(15, 1024, 'Images that run the model.'),
}).description('What the model is.');

const intendedUses = Joi.object({
  purpose_of_model: text(2048, 'Why the model was developed.'),
  intended_uses: text(2048, 'What it is to be used for.'),
  factors_affecting_model_efficiency: text(2048, 'What its results depend on.'),
  risk_rating: Joi.string()
    .valid(...RISK_RATINGS)
    .description('Risk of using the model. Default: Unknown.')
    .example('Low'),
  explanations_for_risk_rating: text(2048, 'Why it is rated so.'),
}).description('What the model is for.');

const trainingMetrics = (what: string) =>
  Joi.array()
    .items(
      Joi.object({
        name: Joi.string().max(255).required().description('Name of the metric.'),
        value: Joi.number().required().description('Its value.'),
        notes: text(1024, 'Notes on it.'),
      }),
    )
    .max(50)
    .description(what);

const trainingDetails = Joi.object({
  model_name: sageMakerName('A model in SageMaker: the training job that made its artifact goes into the card.'),
  training_job_name: sageMakerName('A training job: its ARN, image and final metrics go into the card.'),
  objective_function: Joi.object({
    function: Joi.string().valid('Maximize', 'Minimize').description('Direction of the optimization.'),
    facet: text(63, 'What is optimized, such as "AUC".'),
    condition: text(63, 'A condition on it.'),
    notes: text(1024, 'Notes on the objective.'),
  }).description('What the training optimized.'),
  training_observations: text(1024, 'Observations on the training.'),
  training_job_details: Joi.object({
    training_arn: text(1024, 'ARN of the training job.'),
    training_datasets: texts(15, 1024, 'Data that the model was trained with.'),
    training_environment: texts(15, 1024, 'Images that trained the model.'),
    training_metrics: trainingMetrics('Metrics of the training job.'),
    user_provided_training_metrics: trainingMetrics('Metrics from elsewhere.'),
  }).description('The training, where no job in SageMaker is named.'),
})
  .oxor('model_name', 'training_job_name', 'training_job_details')
  .messages({
    'object.oxor': 'model_name, training_job_name and training_job_details exclude each other; keep one of them',
  })
  .description('How the model was trained.');

const additionalInformation = Joi.object({
  ethical_considerations: text(2048, 'Ethical considerations.'),
  caveats_and_recommendations: text(2048, 'Caveats, and recommendations to who uses the model.'),
  custom_details: textByName('Anything else, by names of your own.'),
}).description('What else is worth knowing.');

const name = sageMakerName('Name of the card: unique in the account and region.').required();
const status = Joi.string()
  .valid(...MODEL_CARD_STATUSES)
  .description('State of the review.')
  .example('Draft');

/** Keys of an answer that may be sent back with a request; SageMaker sets them itself. */
const READ_ONLY = {
  version: Joi.any().description('Set by SageMaker; not sent.'),
  created_by: Joi.any().description('Set by SageMaker; not sent.'),
  last_modified_by: Joi.any().description('Set by SageMaker; not sent.'),
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
    .pattern(/^[1-9]\d*$/, 'a whole number from 1 on'),
)
  .custom((value: string | number) => Number(value))
  .description('Version of the card. Default: the latest.')
  .example(1);

const KEYS: Readonly<Record<ModelCardType, Joi.SchemaMap>> = {
  create_model_card: {
    name,
    status: status.default('Draft'),
    arn: Joi.any().forbidden().messages({
      'any.unknown': 'names a card that exists already: leave it out, or use "pipeline_type": "update_model_card"',
    }),
    ...READ_ONLY,
    ...PARTS,
  },
  update_model_card: { name, status, arn, ...READ_ONLY, ...PARTS },
  describe_model_card: { name },
  delete_model_card: { name },
  export_model_card: {
    name,
    model_card_version: anyVersion,
    export_job_name: sageMakerName(
      'Name of the export job; unique in the account and region. Default: made from name and time.',
    ),
  },
  list_model_cards: {},
};

/** The schema of one call, with `pipeline_type` in it. */
export function modelCardSchema(type: ModelCardType): Joi.ObjectSchema<Record<string, unknown>> {
  return Joi.object({
    pipeline_type: Joi.string().trim().valid(type).required().description('The call.').example(type),
    ...KEYS[type],
  });
}
