/** Where the model of a real-time or batch pipeline comes from: the same keys in both. */
import Joi from 'joi';
import type { SchemaSettings } from '../blueprint.ts';
import { assetKey, imageUri, modelFramework, modelFrameworkVersion, modelPackageArn } from './joi-pieces.ts';

/** Keys that registry mode does without; taken with a warning then. */
export const NOT_WITH_REGISTRY = [
  'custom_image_uri',
  'model_artifact_location',
  'model_framework',
  'model_framework_version',
] as const;

/** @returns the keys for an installation with or without `USE_MODEL_REGISTRY`. */
export function modelSourceKeys(algorithm: 'builtin' | 'custom', settings: SchemaSettings): Joi.SchemaMap {
  if (settings.useModelRegistry) return { model_package_name: modelPackageArn().required() };
  return {
    model_artifact_location: assetKey('Model archive (model.tar.gz). Changing it replaces the model').required(),
    ...(algorithm === 'builtin'
      ? { model_framework: modelFramework().required(), model_framework_version: modelFrameworkVersion().required() }
      : { custom_image_uri: imageUri().required() }),
    model_package_name: Joi.forbidden().messages({
      'any.unknown': '{{#label}} needs USE_MODEL_REGISTRY=Yes, which this installation does not have; leave it out',
    }),
  };
}
