/** The shapes of a pipeline's model card: a part of the table in answers.ts. */
import Joi from 'joi';
import { anything, text } from './answer-pieces.ts';

export const CARD_ANSWERS = {
  PipelineCard: Joi.object({
    pipelineId: text('Id of the pipeline.').required(),
    name: text('Name of the card in SageMaker.').required(),
    state: Joi.string()
      .valid('Draft only', 'Outdated', 'Saved')
      .required()
      .description('Whether the card exists in SageMaker, and with this content.'),
    status: text('Review status of the saved card, such as `Draft`, `Approved`.'),
    version: Joi.number().integer().description('Version of the saved card.'),
    content: anything(
      "In SageMaker's model card JSON schema: the draft, laid over what people wrote in the saved card.",
    ).required(),
    missing: Joi.array().items(Joi.string()).required().description('What could not be looked up, and why.'),
  }),
  CardExport: Joi.object({
    pipelineId: text('Id of the pipeline.').required(),
    name: text('Name of the card in SageMaker.').required(),
    message: text('What was exported, or is being exported, and where to.').required(),
    location: text('Location in S3; absent while the export is in progress.'),
    exportJobArn: text('ARN of an export that is still in progress.'),
  }),
};
