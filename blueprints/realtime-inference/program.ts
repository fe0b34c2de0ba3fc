/** Request → component: what the stack of a real-time pipeline is made of. */
import type { BlueprintContext, BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { findBuiltInImage, requireEcrImage } from '../shared/container-image.ts';
import { shortName } from '../shared/physical-name.ts';
import type { Place } from '../shared/place.ts';
import { findPlace } from '../shared/place.ts';
import type { ModelSource } from './component.ts';
import { NAME_LIMIT, RealtimeInference } from './component.ts';

/** The request as the schema of this folder leaves it. */
interface RealtimeRequest {
  model_name: string;
  inference_instance: string;
  data_capture_location: string;
  endpoint_name?: string;
  kms_key_arn?: string;
  model_package_name?: string;
  model_framework?: string;
  model_framework_version?: string;
  custom_image_uri?: string;
  model_artifact_location?: string;
}

/**
 * @throws {RequestInvalid} for a framework or version that SageMaker has no image of, or an image that it cannot pull, before
 * anything is created
 */
export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const request = body as unknown as RealtimeRequest;
  const place = await findPlace(context);
  const model = await modelSource(request, context, place);
  const inference = new RealtimeInference(
    shortName(request.model_name.toLowerCase(), NAME_LIMIT),
    {
      place,
      model,
      instanceType: request.inference_instance,
      dataCaptureLocation: request.data_capture_location,
      allowDetailedErrorMessage: context.allowDetailedErrorMessage,
      ...(request.endpoint_name ? { endpointName: request.endpoint_name } : {}),
      ...(request.kms_key_arn ? { kmsKeyArn: request.kms_key_arn } : {}),
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
    dataCaptureLocation: inference.dataCaptureLocation,
    // Names of the original's stack outputs, for scripts that read them.
    SageMakerModelName: inference.modelName,
    SageMakerEndpointConfigName: inference.endpointConfigName,
    SageMakerEndpointName: inference.endpointName,
  };
};

async function modelSource(
  request: RealtimeRequest,
  { assetsBucket, provider }: BlueprintContext,
  place: Place,
): Promise<ModelSource> {
  const { model_package_name: modelPackageArn, custom_image_uri: customImage } = request;
  if (modelPackageArn) return { modelPackageArn, assetsBucket };
  const image = customImage
    ? requireEcrImage(customImage, '/custom_image_uri')
    : await findBuiltInImage(request.model_framework ?? '', request.model_framework_version ?? '', place, provider);
  return { image, modelDataUrl: `s3://${assetsBucket}/${request.model_artifact_location ?? ''}` };
}
