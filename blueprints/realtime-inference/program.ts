/** Request → component: what the stack of a real-time pipeline is made of. */
import type { BlueprintContext, BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { findBuiltInImage } from '../shared/container-image.ts';
import { shortName } from '../shared/physical-name.ts';
import type { Place } from '../shared/place.ts';
import { findPlace } from '../shared/place.ts';
import type { ModelSource } from './component.ts';
import { RealtimeInference } from './component.ts';

/** Leaves room for the longest suffix, the random part and SageMaker's 63 characters. */
const NAME_LIMIT = 38;

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

export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const request = body as unknown as RealtimeRequest;
  const place = await findPlace(context);
  const inference = new RealtimeInference(
    shortName(request.model_name.toLowerCase(), NAME_LIMIT),
    {
      place,
      model: await modelSource(request, context, place),
      instanceType: request.inference_instance,
      dataCaptureLocation: request.data_capture_location,
      assetsBucket: context.assetsBucket,
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
  };
};

async function modelSource(request: RealtimeRequest, context: BlueprintContext, place: Place): Promise<ModelSource> {
  if (request.model_package_name) return { modelPackageArn: request.model_package_name };
  const image =
    request.custom_image_uri ??
    (await findBuiltInImage(
      request.model_framework ?? '',
      request.model_framework_version ?? '',
      place,
      context.provider,
    ));
  return { image, modelDataUrl: `s3://${context.assetsBucket}/${request.model_artifact_location ?? ''}` };
}
