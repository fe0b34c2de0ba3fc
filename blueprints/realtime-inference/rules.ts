/** Rules between the values of a real-time request, each with the AWS page that states it. Pure. */
import { isBurstable } from '../shared/aws/instance-types.ts';
import type { Rule } from '../shared/schema/rules.ts';
import type { RealtimeRequest } from './request.ts';

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-console.html */
const burstableDoesNotScale: Rule<RealtimeRequest> = ({ inference_instance: type, endpoint }) =>
  endpoint?.autoscaling && isBurstable(type)
    ? {
        key: 'endpoint',
        path: ['autoscaling'],
        reason: `is not supported for burstable instances such as inference_instance ${type}: choose another type, such as ml.m5.large, or remove autoscaling`,
      }
    : undefined;

export const REALTIME_RULES: readonly Rule<RealtimeRequest>[] = [burstableDoesNotScale];
