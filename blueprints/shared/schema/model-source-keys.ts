/** Where the model of a real-time or batch pipeline comes from: the same keys in both. */
import Joi from 'joi';
import type { SchemaSettings } from '../../blueprint.ts';
import { flag, imageUri, modelFramework, modelFrameworkVersion, modelPackageArn } from './joi-pieces.ts';
import { assetKey } from '../../request/paths.ts';
import { unless } from './rule-between-keys.ts';

/** Keys that are not used with the model registry; accepted with a warning then. */
export const NOT_WITH_REGISTRY: readonly string[] = [
  'custom_image_uri',
  'model_artifact_location',
  'model_framework',
  'model_framework_version',
];

/** Stands behind `model_package_name`. Without a default: a request that does not follow is the one that it always was. */
const followGroup = unless(
  flag(
    'Whether the pipeline is provisioned again whenever a later version in the group is approved; default false. ' +
      'Only with the model registry. Changing it does not change deployed resources.',
  ),
  'conflict',
  (follows: boolean, { model_package_name: arn }: { model_package_name?: unknown }) =>
    follows && !/\/\d+$/.test(String(arn))
      ? 'requires a model_package_name that is a version in a group, …:model-package/<group>/<version>'
      : undefined,
);

/**
 * @param effect what changing one of them does
 * @returns the keys for an installation with or without `USE_MODEL_REGISTRY`.
 */
export function modelSourceKeys(
  algorithm: 'builtin' | 'custom',
  settings: SchemaSettings,
  effect: string,
): Joi.SchemaMap {
  if (settings.useModelRegistry) {
    return { model_package_name: modelPackageArn(effect).required(), follow_model_package_group: followGroup };
  }
  return {
    ...(algorithm === 'builtin'
      ? {
          model_framework: modelFramework(effect).required(),
          model_framework_version: modelFrameworkVersion(effect).required(),
        }
      : { custom_image_uri: imageUri(effect).required() }),
    model_artifact_location: assetKey(`Model archive, a .tar.gz file. ${effect.slice(0, -1)}`)
      // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html (ModelDataUrl)
      .pattern(/\.tar\.gz$/, 'the key of a .tar.gz archive, the only format from which SageMaker loads models')
      .required()
      .example('path/to/model.tar.gz', { override: true }),
    // The original silently preferred the package.
    model_package_name: Joi.forbidden()
      .empty('')
      .messages({
        'any.unknown':
          '{{#label}} requires USE_MODEL_REGISTRY=Yes, which is not set in this installation; remove it, or have the setting changed',
      })
      .description('Requires USE_MODEL_REGISTRY=Yes.'),
  };
}
