import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { pipelineType } from '../shared/schema/joi-pieces.ts';
import { assetKey } from '../request/paths.ts';
import { isRepositoryName } from '../shared/aws/ecr-image.ts';

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const REPOSITORY_NAME = /^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$/;
/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html (imageTag) */
const TAG = /^\w[\w.-]*$/;

export function imageBuilderSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: pipelineType('byom_image_builder'),
    custom_algorithm_docker: assetKey('Zip file with a Dockerfile at its root. Changing it rebuilds the image')
      // CodePipeline's S3 source takes nothing else: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
      .pattern(/\.zip$/i, 'the key of a .zip file')
      .required()
      .example('path/to/custom_image.zip', { override: true }),
    ecr_repo_name: Joi.string()
      .min(2)
      .max(256)
      .pattern(
        REPOSITORY_NAME,
        'the name of an Amazon ECR repository: lower case letters and digits, with . _ - or / between them',
      )
      .custom((name: string, helpers) =>
        REPOSITORY_NAME.test(name) && !isRepositoryName(name) && name.length > 1
          ? helpers.error('mlops.separators')
          : name,
      )
      .messages({
        'mlops.separators': '{{#label}} must not contain two consecutive characters of . _ - /, except __ and hyphens',
      })
      .required()
      .description('Amazon ECR repository to push the image to. Changing it rebuilds the image.')
      .example('my-algorithms'),
    image_tag: Joi.string()
      .trim()
      .max(128)
      .pattern(TAG, 'an Amazon ECR tag: letters, digits, _ . and -, not starting with . or -')
      .required()
      .description('Tag of the image; part of the pipeline id. A different tag means a different pipeline.')
      .example('v1'),
  });
}
