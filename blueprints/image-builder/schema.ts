import Joi from 'joi';
import type { PipelineRequest } from '../blueprint.ts';
import { MODEL_NAME_LIMIT, assetKey } from '../shared/joi-pieces.ts';

export function imageBuilderSchema(): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: Joi.string().trim().valid('byom_image_builder').required(),
    custom_algorithm_docker: assetKey('Zip with a Dockerfile in its root')
      .pattern(/\.zip$/, 'a zip file')
      .required()
      .example('path/to/custom_image.zip'),
    ecr_repo_name: Joi.string()
      .min(2)
      .max(256)
      .pattern(/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/, 'the name of an Amazon ECR repository')
      .required()
      .description('Repository in Amazon ECR that the image goes to')
      .example('my-algorithms'),
    image_tag: Joi.string()
      .trim()
      .max(MODEL_NAME_LIMIT)
      .pattern(/^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/, 'letters, digits and inner hyphens')
      .required()
      .description('Tag of the image; part of the pipeline id. Another tag is another pipeline')
      .example('v1'),
  });
}
