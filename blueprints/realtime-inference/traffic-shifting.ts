/** How long a deployment takes: pure arithmetic, for the request and for the endpoint alike. */

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html */
export const LONGEST_WAIT_SECONDS = 3_600;

/**
 * How long the AWS provider waits for an endpoint to be `InService`; no setting changes it. A deployment that takes longer fails
 * in Pulumi while SageMaker still goes on with it.
 * @see https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/sagemaker/wait.go
 */
export const PROVIDER_WAIT_SECONDS = 3_600;

/**
 * SageMaker takes up to four hours; ours end, or are rolled back, two minutes before the provider gives up.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html
 */
const DEPLOYMENT_SECONDS = { shortest: 600, longest: PROVIDER_WAIT_SECONDS - 120 };

/** New instances start, load the model and answer health checks before the first step. */
const START_SECONDS = 1_200;

/** What is left for waiting, so that the deployment does not end, and roll back, while it waits. */
export const LONGEST_WAITING_SECONDS = DEPLOYMENT_SECONDS.longest - START_SECONDS;

export const DEFAULT_STEP_PERCENT = 10;

export type Strategy = 'all_at_once' | 'canary' | 'linear';

export interface TrafficShifting {
  strategy: Strategy;
  /** Percent of the capacity in one step; default: {@link DEFAULT_STEP_PERCENT}. No meaning all at once. */
  stepPercent?: number | undefined;
  /** Seconds after each step. */
  waitSeconds: number;
  /** Seconds that the old instances stay when the traffic is on the new ones. */
  terminationWaitSeconds: number;
}

/** Seconds that a deployment waits altogether. */
export function waitingSeconds(shifting: TrafficShifting): number {
  return stepsOf(shifting) * shifting.waitSeconds + shifting.terminationWaitSeconds;
}

/** Seconds after which SageMaker ends a deployment and rolls it back. */
export function deploymentSeconds(shifting: TrafficShifting): number {
  return Math.max(DEPLOYMENT_SECONDS.shortest, waitingSeconds(shifting) + START_SECONDS);
}

function stepsOf({ strategy, stepPercent = DEFAULT_STEP_PERCENT }: TrafficShifting): number {
  if (strategy === 'linear') return Math.ceil(100 / stepPercent);
  return strategy === 'canary' ? 2 : 1;
}
