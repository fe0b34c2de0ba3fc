/** Warnings about values of a real-time request that are valid but probably unintended. Pure. */
import type { PipelineRequest } from '../blueprint.ts';
import { STAGES } from '../blueprint.ts';
import { isInferentia1 } from '../shared/aws/instance-types.ts';
import { instanceTypeWarnings } from '../shared/schema/instance-warnings.ts';
import { perStageCombinations } from '../shared/schema/stages.ts';
import type { EndpointRequest } from './endpoint-settings.ts';

export function realtimeWarnings(request: PipelineRequest): string[] {
  const serverlessKeys = serverless(request);
  return [
    ...serverlessKeys,
    // Without instances their type has no effect.
    ...(serverlessKeys.length > 0 ? [] : instanceTypeWarnings(request, 'endpoint')),
    ...guardrails(request),
  ];
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html */
function guardrails({ inference_instance: type, endpoint }: PipelineRequest): string[] {
  const guarded = perStageCombinations(type, endpoint).some(
    ([instance, settings]) =>
      typeof instance === 'string' &&
      isInferentia1(instance) &&
      (settings as EndpointRequest | undefined)?.deployment !== undefined,
  );
  return guarded
    ? ['"deployment" of "endpoint" has no effect on ml.inf1 instances: SageMaker shifts all traffic at once there.']
    : [];
}

/** What of a valid request a serverless endpoint leaves aside, for the answer: one sentence a key. */
function serverless(request: PipelineRequest): string[] {
  const { endpoint } = request as { endpoint?: EndpointRequest & Partial<Record<string, EndpointRequest>> };
  if (!endpoint) return [];
  const stages = STAGES.filter((stage) => endpoint[stage]?.serverless);
  if (!endpoint.serverless && stages.length === 0) return [];
  const where = endpoint.serverless || stages.length === STAGES.length ? '' : ` in ${stages.join(' and ')}`;
  return [
    `"data_capture_location" has no effect${where}: SageMaker does not capture data from serverless endpoints.`,
    `"inference_instance" has no effect${where}: a serverless endpoint has no instances.`,
    ...(request.kms_key_arn === undefined
      ? []
      : [`"kms_key_arn" has no effect${where}: a serverless endpoint has neither a volume nor captured data.`]),
  ];
}
