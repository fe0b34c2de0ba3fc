/** Prerequisites of an endpoint. */
import type { PipelineRequest } from '../blueprint.ts';
import type { Need, NeedsPlace } from '../needs.ts';
import { bucketNeed, instancesNeed, keyNeeds } from '../needs.ts';
import { modelNeeds } from '../shared/aws/model-needs.ts';
import type { EndpointRequest } from './endpoint-settings.ts';
import type { RealtimeRequest } from './request.ts';

export function realtimeNeeds(body: PipelineRequest, place: NeedsPlace): Need[] {
  const request = body as unknown as RealtimeRequest;
  const { endpoint = {}, kms_key_arn: key, inference_instance: instanceType, endpoint_name: name } = request;
  return [
    ...(name ? [{ kind: 'endpoint-name' as const, pointer: '/endpoint_name', name }] : []),
    ...modelNeeds(request, place),
    // A serverless endpoint has neither instances, nor a volume, nor captured data.
    ...(endpoint.serverless
      ? []
      : [
          bucketNeed('data_capture_location', request.data_capture_location),
          ...keyNeeds('kms_key_arn', key),
          instancesNeed('inference_instance', instanceType, 'endpoint', instancesOf(endpoint)),
        ]),
    ...asynchronousNeeds(endpoint),
    ...alarmNeeds('/endpoint/deployment/alarms', endpoint.deployment?.alarms),
    ...alarmNeeds('/verification/alarms', request.verification?.alarms),
  ];
}

function instancesOf({ instance_count: count, autoscaling }: EndpointRequest): number {
  return count ?? Math.max(autoscaling?.min_capacity ?? 1, 1);
}

function asynchronousNeeds({ asynchronous }: EndpointRequest): Need[] {
  const { input_location, output_location, failure_location, success_topic_arn, error_topic_arn } = asynchronous ?? {};
  return [
    ...Object.entries({ input_location, output_location, failure_location }).flatMap(([key, location]) =>
      location === undefined ? [] : [bucketNeed(`endpoint/asynchronous/${key}`, location)],
    ),
    ...Object.entries({ success_topic_arn, error_topic_arn }).flatMap(([key, arn]): Need[] =>
      arn === undefined ? [] : [{ kind: 'topic', pointer: `/endpoint/asynchronous/${key}`, arn }],
    ),
  ];
}

function alarmNeeds(pointer: string, names: readonly string[] = []): Need[] {
  return names.map((name) => ({ kind: 'alarm', pointer, name }));
}
