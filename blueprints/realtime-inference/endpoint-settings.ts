/** Endpoint settings, as the component takes them. */
import type { Strategy, TrafficShifting } from './traffic-shifting.ts';

export interface Autoscaling {
  /** Instances; 0 for an asynchronous endpoint only. */
  minCapacity: number;
  /** Instances. */
  maxCapacity: number;
  /** A minute; of an asynchronous endpoint, payloads that wait or are worked on. */
  targetInvocationsPerInstance: number;
  /** Seconds; default: AWS's own. */
  scaleInCooldownSeconds?: number | undefined;
  /** Seconds; default: AWS's own. */
  scaleOutCooldownSeconds?: number | undefined;
}

export interface Serverless {
  /** 1024 to 6144, in steps of 1024. */
  memorySizeInMb: number;
  /** 1 to 200. */
  maxConcurrency: number;
  /** At most `maxConcurrency`; default: none. */
  provisionedConcurrency?: number | undefined;
}

/** Places are `bucket/prefix`, without `s3://`. */
export interface Asynchronous {
  inputLocation: string;
  outputLocation: string;
  failureLocation?: string | undefined;
  /** Default: chosen by SageMaker. */
  maxConcurrentInvocationsPerInstance?: number | undefined;
  successTopicArn?: string | undefined;
  errorTopicArn?: string | undefined;
}

export interface Deployment extends TrafficShifting {
  /** Names of alarms that roll an update back; default: the component's own. */
  alarms?: readonly string[] | undefined;
}

/** Nothing given: one instance that answers at once and is updated at once. */
export interface EndpointSettings {
  /** Default: 1, or the least of autoscaling. Changing it updates the endpoint with a new endpoint configuration. */
  instanceCount?: number | undefined;
  autoscaling?: Autoscaling | undefined;
  /** Excludes all others. */
  serverless?: Serverless | undefined;
  asynchronous?: Asynchronous | undefined;
  deployment?: Deployment | undefined;
}

/** The key `endpoint` as its schema leaves it. */
export interface EndpointRequest {
  instance_count?: number;
  autoscaling?: {
    min_capacity: number;
    max_capacity: number;
    target_invocations_per_instance: number;
    scale_in_cooldown_seconds?: number;
    scale_out_cooldown_seconds?: number;
  };
  serverless?: { memory_size_in_mb: number; max_concurrency: number; provisioned_concurrency?: number };
  asynchronous?: {
    input_location: string;
    output_location: string;
    failure_location?: string;
    max_concurrent_invocations_per_instance?: number;
    success_topic_arn?: string;
    error_topic_arn?: string;
  };
  deployment?: {
    strategy: Strategy;
    step_percent?: number;
    wait_seconds: number;
    termination_wait_seconds: number;
    alarms?: string[];
  };
}

/** Request → component. */
export function endpointSettings(request: EndpointRequest): EndpointSettings {
  const { autoscaling, serverless, asynchronous, deployment } = request;
  return {
    instanceCount: request.instance_count,
    autoscaling: autoscaling && {
      minCapacity: autoscaling.min_capacity,
      maxCapacity: autoscaling.max_capacity,
      targetInvocationsPerInstance: autoscaling.target_invocations_per_instance,
      scaleInCooldownSeconds: autoscaling.scale_in_cooldown_seconds,
      scaleOutCooldownSeconds: autoscaling.scale_out_cooldown_seconds,
    },
    serverless: serverless && {
      memorySizeInMb: serverless.memory_size_in_mb,
      maxConcurrency: serverless.max_concurrency,
      provisionedConcurrency: serverless.provisioned_concurrency,
    },
    asynchronous: asynchronous && {
      inputLocation: asynchronous.input_location,
      outputLocation: asynchronous.output_location,
      failureLocation: asynchronous.failure_location,
      maxConcurrentInvocationsPerInstance: asynchronous.max_concurrent_invocations_per_instance,
      successTopicArn: asynchronous.success_topic_arn,
      errorTopicArn: asynchronous.error_topic_arn,
    },
    deployment: deployment && {
      strategy: deployment.strategy,
      stepPercent: deployment.step_percent,
      waitSeconds: deployment.wait_seconds,
      terminationWaitSeconds: deployment.termination_wait_seconds,
      alarms: deployment.alarms,
    },
  };
}
