import Joi from 'joi';
import type { PipelineRequest, SchemaSettings } from '../blueprint.ts';
import {
  instanceType,
  kmsKeyArn,
  modelName,
  perStage,
  pipelineType,
  sageMakerName,
} from '../shared/schema/joi-pieces.ts';
import { modelSourceKeys } from '../shared/schema/model-source-keys.ts';
import { withRules } from '../shared/schema/rules.ts';
import { SHORT_URI_LIMIT, s3Location } from '../request/paths.ts';
import { endpointKey } from './endpoint-schema.ts';
import { REALTIME_RULES } from './rules.ts';
import { verificationKey } from './verification-schema.ts';

/** Keys of a real-time request whose value may differ per environment. */
export const PER_STAGE_KEYS = [
  'inference_instance',
  'data_capture_location',
  'endpoint_name',
  'kms_key_arn',
  'endpoint',
  'verification',
] as const;

/** @param algorithm built-in ones name a framework, custom ones an image */
export function realtimeSchema(
  algorithm: 'builtin' | 'custom',
  settings: SchemaSettings,
): Joi.ObjectSchema<PipelineRequest> {
  const schema = Joi.object<PipelineRequest>({
    pipeline_type: pipelineType(`byom_realtime_${algorithm}`),
    model_name: modelName().required(),
    inference_instance: perStage(
      instanceType(
        'Instance type of the endpoint. Changing it updates the endpoint with a new endpoint configuration.',
        'endpoint',
      ),
      settings,
    ).required(),
    data_capture_location: perStage(
      s3Location(
        'Location of the captured requests and responses. Changing it updates the endpoint with a new endpoint configuration',
        SHORT_URI_LIMIT,
      ),
      settings,
    ).required(),
    ...modelSourceKeys(algorithm, settings, 'Changing it replaces the model.'),
    endpoint_name: perStage(
      sageMakerName('Name of the endpoint, in lower case; default: generated. Changing it updates the endpoint.')
        .trim()
        .lowercase()
        .empty('')
        .example('my-endpoint'),
      settings,
    ),
    kms_key_arn: perStage(
      kmsKeyArn(
        "Key for captured data and the endpoint's volume; default: AWS's own keys. Changing it updates the endpoint with a new endpoint configuration.",
      ),
      settings,
    ),
    endpoint: endpointKey(settings),
    verification: verificationKey(settings),
  });
  return withRules(schema, REALTIME_RULES, PER_STAGE_KEYS);
}
