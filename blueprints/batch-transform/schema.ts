import Joi from 'joi';
import type { PipelineRequest, SchemaSettings } from '../blueprint.ts';
import { instanceType, kmsKeyArn, modelName, perStage, pipelineType } from '../shared/schema/joi-pieces.ts';
import { modelSourceKeys } from '../shared/schema/model-source-keys.ts';
import { s3Location, s3Object } from '../request/paths.ts';
import { withRules } from '../shared/schema/rules.ts';
import { formatOfAlgorithm } from './format.ts';

export const PER_STAGE_KEYS = [
  'inference_instance',
  'batch_inference_data',
  'batch_job_output_location',
  'kms_key_arn',
] as const;

/** Keys that the job is made of: all but those that only say how the pipeline is kept up to date. */
export const RUN_KEYS = [
  'pipeline_type',
  'model_name',
  'inference_instance',
  'model_framework',
  'model_framework_version',
  'custom_image_uri',
  'model_artifact_location',
  'model_package_name',
  'batch_inference_data',
  'batch_job_output_location',
  'kms_key_arn',
] as const;

/** @param algorithm built-in ones name a framework, custom ones an image */
export function batchSchema(
  algorithm: 'builtin' | 'custom',
  settings: SchemaSettings,
): Joi.ObjectSchema<PipelineRequest> {
  const schema = Joi.object<PipelineRequest>({
    pipeline_type: pipelineType(`byom_batch_${algorithm}`),
    model_name: modelName().required(),
    inference_instance: perStage(
      instanceType('Instance type of the transform job. Changing it runs a new job.', 'transform'),
      settings,
    ).required(),
    ...modelSourceKeys(algorithm, settings, 'Changing it replaces the model and runs a new job.'),
    batch_inference_data: perStage(
      s3Object(
        'Input file: CSV, or another format recognized by its suffix (.jsonl, .json, .libsvm, .recordio, .jpg, .png; also with .gz). Changing it runs a new job',
      ),
      settings,
    ).required(),
    batch_job_output_location: perStage(
      s3Location('Location of the results. Changing it runs a new job'),
      settings,
    ).required(),
    kms_key_arn: perStage(
      kmsKeyArn("KMS key for the results and the job's volume; default: AWS managed keys. Changing it runs a new job."),
      settings,
    ),
  });
  return withRules(schema, [formatOfAlgorithm], PER_STAGE_KEYS);
}
