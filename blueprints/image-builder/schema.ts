import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { pipelineType } from '../shared/schema/joi-pieces.ts';
import { assetKey } from '../request/paths.ts';

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const REPOSITORY_NAME = /^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$/;
/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html (imageTag) */
const TAG = /^\w[\w.-]*$/;
const TWO_SEPARATORS = /[._/-]{2}/;

export function imageBuilderSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: pipelineType('byom_image_builder'),
    custom_algorithm_docker: assetKey('Zip with a Dockerfile in its root. Changing it builds the image again')
      // CodePipeline's S3 source takes nothing else: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
      .pattern(/\.zip$/i, 'the key of a .zip file')
      .required()
      .example('path/to/custom_image.zip', { override: true }),
    ecr_repo_name: Joi.string()
      .min(2)
      .max(256)
      .pattern(
        REPOSITORY_NAME,
        'the name of an Amazon ECR repository: lower case letters and digits, with single . _ - or / between them',
      )
      .custom((name: string, helpers) =>
        REPOSITORY_NAME.test(name) && TWO_SEPARATORS.test(name) ? helpers.error('mlops.separators') : name,
      )
      .messages({ 'mlops.separators': '{{#label}} must not have two of . _ - / in a row' })
      .required()
      .description('Repository in Amazon ECR that the image goes to. Changing it builds the image again.')
      .example('my-algorithms'),
    image_tag: Joi.string()
      .trim()
      .max(128)
      .pattern(TAG, 'a tag of Amazon ECR: letters, digits, _ . and -, not beginning with . or -')
      .required()
      .description('Tag of the image; part of the pipeline id. Another tag is another pipeline.')
      .example('v1'),
  });
}
