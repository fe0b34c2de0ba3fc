import Joi from 'joi';
import type { PipelineRequest, SchemaSettings } from '../blueprint.ts';
import { kmsKeyArn, modelName, perStage, s3Location, sageMakerName, instanceType } from '../shared/joi-pieces.ts';
import { modelSourceKeys } from '../shared/request-model-source.ts';

/** Keys of a real-time request whose value may differ per environment. */
export const PER_STAGE_KEYS = ['inference_instance', 'data_capture_location', 'endpoint_name', 'kms_key_arn'] as const;

/** @param algorithm built-in ones name a framework, custom ones an image */
export function realtimeSchema(
  algorithm: 'builtin' | 'custom',
  settings: SchemaSettings,
): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object<PipelineRequest>({
    pipeline_type: Joi.string().trim().valid(`byom_realtime_${algorithm}`).required(),
    model_name: modelName().required(),
    ...modelSourceKeys(algorithm, settings),
    inference_instance: perStage(
      instanceType('Instance type of the endpoint. Changing it moves the endpoint to a new endpoint configuration'),
      settings,
    ).required(),
    data_capture_location: perStage(
      s3Location('Where requests and answers are captured to. Changing it moves the endpoint to a new configuration'),
      settings,
    ).required(),
    endpoint_name: perStage(
      sageMakerName('Name of the endpoint; default: generated. Changing it replaces the endpoint')
        .trim()
        .lowercase()
        .empty('')
        .example('my-endpoint'),
      settings,
    ),
    kms_key_arn: perStage(
      kmsKeyArn('Key for captured data and the volume. Changing it moves the endpoint to a new configuration'),
      settings,
    ),
  });
}
