/** Checks after a deployment, from the request. Pure. */
import type { PipelineRequest, SmokeRequest, Soak } from '../blueprint.ts';
import type { RealtimeRequest } from './request.ts';

/** @returns undefined where none is asked for */
export function smokeRequestOf(body: PipelineRequest): SmokeRequest | undefined {
  const { smoke_request: smoke } = (body as unknown as RealtimeRequest).verification ?? {};
  if (!smoke) return undefined;
  const { body: payload, content_type: contentType, expected } = smoke;
  return { body: payload, contentType, ...(expected === undefined ? {} : { expected }) };
}

/**
 * @param outputs of the deployed stack: they name the alarms that the component made
 * @returns undefined where no time is asked for
 */
export function soakOf(body: PipelineRequest, outputs: Readonly<Record<string, unknown>>): Soak | undefined {
  const { verification = {}, endpoint } = body as unknown as RealtimeRequest;
  const { soak_seconds: seconds = 0, alarms = endpoint?.deployment?.alarms } = verification;
  if (seconds === 0) return undefined;
  const own = outputs.alarmNames;
  return { seconds, alarms: alarms ?? (Array.isArray(own) ? own.map(String) : []) };
}
