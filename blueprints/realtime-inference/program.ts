/** Request → component: what the stack of a real-time pipeline is made of. */
import type { BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import type { ModelRequest } from '../shared/model-source.ts';
import { findModelSource } from '../shared/model-source.ts';
import { shortName } from '../shared/physical-name.ts';
import { findPlace } from '../shared/place.ts';
import { NAME_LIMIT, RealtimeInference } from './component.ts';
import type { EndpointRequest } from './endpoint-settings.ts';
import { endpointSettings } from './endpoint-settings.ts';
import { makesAlarms, watchedEndpointName } from './guardrails.ts';

/** The request as the schema of this folder leaves it. */
interface RealtimeRequest extends ModelRequest {
  model_name: string;
  inference_instance: string;
  data_capture_location: string;
  endpoint_name?: string;
  kms_key_arn?: string;
  endpoint?: EndpointRequest;
}

/**
 * @throws {RequestInvalid} for a framework or version that SageMaker has no image of, or an image that it cannot pull, before
 * anything is created
 */
export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const request = body as unknown as RealtimeRequest;
  const place = await findPlace(context);
  const model = await findModelSource(request, context, place);
  const name = shortName(context.pipelineId, NAME_LIMIT);
  const endpoint = request.endpoint && endpointSettings(request.endpoint);
  const endpointName =
    request.endpoint_name ||
    (endpoint && makesAlarms(endpoint)
      ? watchedEndpointName(name, `${context.pipelineId}.${context.environment}`)
      : undefined);
  const inference = new RealtimeInference(
    name,
    {
      place,
      model,
      instanceType: request.inference_instance,
      dataCaptureLocation: request.data_capture_location,
      allowDetailedErrorMessage: context.allowDetailedErrorMessage,
      ...(endpointName ? { endpointName } : {}),
      ...(request.kms_key_arn ? { kmsKeyArn: request.kms_key_arn } : {}),
      ...(endpoint ? { endpoint } : {}),
      ...(context.permissionsBoundaryArn ? { permissionsBoundaryArn: context.permissionsBoundaryArn } : {}),
    },
    { provider: context.provider },
  );
  return {
    endpointName: inference.endpointName,
    inferenceUrl: inference.inferenceUrl,
    modelName: inference.modelName,
    endpointConfigName: inference.endpointConfigName,
    executionRoleArn: inference.executionRoleArn,
    inferenceFunctionName: inference.inferenceFunctionName,
    inferenceRoleArn: inference.inferenceRoleArn,
    ...(inference.dataCaptureLocation ? { dataCaptureLocation: inference.dataCaptureLocation } : {}),
    // Names of the original's stack outputs, for scripts that read them.
    SageMakerModelName: inference.modelName,
    SageMakerEndpointConfigName: inference.endpointConfigName,
    SageMakerEndpointName: inference.endpointName,
  };
};
