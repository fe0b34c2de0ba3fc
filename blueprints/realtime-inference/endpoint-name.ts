/** Names of endpoints and of the alarms that watch them. Pure: known before anything is created. */
import { createHash } from 'node:crypto';
import { shortName } from '../shared/aws/physical-name.ts';
import type { EndpointRequest, EndpointSettings } from './endpoint-settings.ts';

/**
 * Longest prefix of names of a pipeline: SageMaker takes 63 characters for a name, IAM 64 for a role. The longest of ours are
 * `<name>-endpoint-config-1234567` and `<name>-execution-role-1234567`.
 */
export const NAME_LIMIT = 38;

const HASH_LENGTH = 7;

/** Last parts of the names of the component's own alarms. */
export const ALARM_SUFFIXES = ['5xx-errors', 'model-latency'] as const;

/** Whether the component creates the alarms: then the endpoint's name must be known before the endpoint is created. */
export function makesAlarms({ deployment }: EndpointSettings): boolean {
  return deployment !== undefined && deployment.alarms === undefined;
}

export function alarmName(endpointName: string, suffix: (typeof ALARM_SUFFIXES)[number]): string {
  return `${endpointName}-${suffix}`;
}

/** Names of the alarms that the component creates for an endpoint. */
export function ownAlarmNames(endpointName: string): string[] {
  return ALARM_SUFFIXES.map((suffix) => alarmName(endpointName, suffix));
}

/** Pipeline and environment: no two of an account are equal. */
export interface EndpointOwner {
  pipelineId: string;
  environment: string;
}

/**
 * The name that a request gives its endpoint, or that the component's alarms need to know: they watch the endpoint and are
 * created before it, so a name that is generated with the endpoint comes too late.
 * @returns undefined where the provider generates one, and keeps it
 */
export function endpointNameOf(
  request: { endpoint_name?: string; endpoint?: EndpointRequest },
  { pipelineId, environment }: EndpointOwner,
): string | undefined {
  if (request.endpoint_name) return request.endpoint_name;
  const { deployment } = request.endpoint ?? {};
  if (!deployment || deployment.alarms) return undefined;
  const hash = createHash('sha256').update(`${pipelineId}.${environment}`).digest('hex').slice(0, HASH_LENGTH);
  return `${shortName(pipelineId, NAME_LIMIT)}-endpoint-${hash}`;
}
