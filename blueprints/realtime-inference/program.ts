/** Request → component: the stack of a real-time pipeline. */
import type { BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { withKeyArn } from '../shared/aws/kms-key.ts';
import { findModelSource } from '../shared/aws/model-source.ts';
import { shortName } from '../shared/aws/physical-name.ts';
import type { Place } from '../shared/aws/place.ts';
import { findPlace } from '../shared/aws/place.ts';
import { consoleHost } from '../shared/aws/partitions.ts';
import { RealtimeInference } from './component.ts';
import { NAME_LIMIT, endpointNameOf, makesAlarms, ownAlarmNames } from './endpoint-name.ts';
import { endpointSettings } from './endpoint-settings.ts';
import type { RealtimeRequest } from './request.ts';

/** @throws {RequestInvalid} for a framework or version without a SageMaker image, before anything is created */
export const program: BlueprintProgram = async (context, body: PipelineRequest) => {
  const place = await findPlace(context);
  const request = await withKeyArn(body as unknown as RealtimeRequest, place, context.provider);
  const model = await findModelSource(request, context, place);
  const name = shortName(context.pipelineId, NAME_LIMIT);
  const endpoint = request.endpoint && endpointSettings(request.endpoint);
  const endpointName = endpointNameOf(request, context);
  const inference = new RealtimeInference(
    name,
    {
      place,
      modelName: request.model_name,
      model,
      instanceType: request.inference_instance,
      dataCaptureLocation: request.data_capture_location,
      allowDetailedErrorMessage: context.allowDetailedErrorMessage,
      ...(endpointName ? { endpointName } : {}),
      ...(request.kms_key_arn ? { kmsKeyArn: request.kms_key_arn } : {}),
      ...(endpoint ? { endpoint } : {}),
      ...(context.permissionsBoundaryArn ? { permissionsBoundaryArn: context.permissionsBoundaryArn } : {}),
    },
    { provider: context.provider, parent: context.parent },
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
    ...(endpoint && endpointName && makesAlarms(endpoint) ? { alarmNames: ownAlarmNames(endpointName) } : {}),
    // The original's output names, for scripts that read them.
    SageMakerModelName: inference.modelName,
    SageMakerEndpointConfigName: inference.endpointConfigName,
    SageMakerEndpointName: inference.endpointName,
    ...(inference.dataCaptureLocation
      ? { EndpointDataCaptureLocation: inference.dataCaptureLocation.apply((uri) => consoleUrl(uri, place)) }
      : {}),
  };
};

/** Page of an S3 prefix in the AWS console, as the original's output has it. */
function consoleUrl(uri: string, place: Place): string {
  const [bucket = '', ...prefix] = uri.replace('s3://', '').split('/');
  const query = new URLSearchParams({ region: place.region, prefix: prefix.join('/') });
  return `https://s3.${consoleHost(place.partition)}/s3/buckets/${bucket}?${query}`;
}
