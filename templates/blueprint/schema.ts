/** What a request of this type may hold. Descriptions and examples become the OpenAPI document. */
import Joi from 'joi';
import type { PipelineRequest, SchemaSettings } from 'mlops-workload-orchestrator/blueprint';
import { count, modelName, perStage, pipelineType } from 'mlops-workload-orchestrator/shared/joi-pieces';
import { assetKey } from 'mlops-workload-orchestrator/shared/request-paths';

/** A request as this schema leaves it, in one environment. */
export interface SampleBlueprintRequest {
  model_name: string;
  model_artifact_location: string;
  memory_size: number;
}

export function sampleBlueprintSchema(settings: SchemaSettings): Joi.ObjectSchema<PipelineRequest> {
  return Joi.object({
    pipeline_type: pipelineType('sample_blueprint'),
    model_name: modelName().required(),
    model_artifact_location: perStage(
      assetKey('Archive of the model. Changing it updates the function').example('path/to/model.tar.gz'),
      settings,
    ).required(),
    memory_size: perStage(
      count('Memory of the function in MB; default 256. Changing it updates the function.', 128, 10_240),
      settings,
    ).default(256),
  });
}
