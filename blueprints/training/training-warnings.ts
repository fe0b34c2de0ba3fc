/** Warnings about values of a training or tuning request that are valid but probably unintended. Pure. */
import type { PipelineRequest } from '../blueprint.ts';
import { frameworkVersionWarnings } from '../shared/schema/framework-warnings.ts';

export function trainingWarnings(request: PipelineRequest, sent: Readonly<Record<string, unknown>>): string[] {
  return [...frameworkVersionWarnings(request, sent), ...attributeNames(request)];
}

function attributeNames({ s3_data_type: dataType, attribute_names: names }: PipelineRequest): string[] {
  return names !== undefined && dataType !== 'AugmentedManifestFile'
    ? ['"attribute_names" has no effect without "s3_data_type": "AugmentedManifestFile".']
    : [];
}
