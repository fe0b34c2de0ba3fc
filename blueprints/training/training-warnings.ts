/** What a training or tuning request says that is valid and probably not meant. Pure. */
import type { PipelineRequest } from '../blueprint.ts';

export function trainingWarnings({ s3_data_type: dataType, attribute_names: names }: PipelineRequest): string[] {
  return names !== undefined && dataType !== 'AugmentedManifestFile'
    ? ['"attribute_names" has no effect without "s3_data_type": "AugmentedManifestFile".']
    : [];
}
