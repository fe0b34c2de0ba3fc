/** Asks SageMaker itself about an endpoint during and after an operation: what the provider reports is not enough. */
import type { Cloud, EndpointDescription } from '../../../aws/cloud.ts';
import type { Environment } from '../../../config/environments.ts';
import type { StageError } from '../../../model.ts';
import { poll } from '../../../platform/polling.ts';
import { describeFailure } from '../pulumi-errors.ts';

/** Error code of a stage whose endpoint does not serve what was deployed. */
export const NOT_UPDATED = 'ENDPOINT_NOT_UPDATED';

export const ENDPOINT_TYPE = 'aws:sagemaker/endpoint:Endpoint';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html (EndpointStatus) */
const IN_TRANSITION = new Set(['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting']);

/** SageMaker takes minutes, and throttles calls. */
const PACE = { firstMs: 250, longestMs: 15_000 };

export interface EndpointWatch {
  cloud: Cloud;
  environment: Environment;
  signal: AbortSignal;
  /** Called at every poll, to report progress while waiting. */
  note: (name: string, detail: Record<string, unknown>) => void;
}

/**
 * Waits until an endpoint is neither being created nor updated: a killed operation may leave it in transition, and SageMaker
 * rejects any other change until that is over.
 * @returns undefined if there is no such endpoint
 * @throws when `signal` is aborted
 */
export async function settledEndpoint(name: string, watch: EndpointWatch): Promise<EndpointDescription | undefined> {
  return await poll(
    async () => {
      const found = await watch.cloud.describeEndpoint(watch.environment, name);
      if (!found || !IN_TRANSITION.has(found.status)) return { value: found };
      watch.note('endpoint.waiting', { name, status: found.status });
      return undefined;
    },
    { ...PACE, signal: watch.signal },
  );
}

/** Waits until a deleted endpoint is gone and its name is free again. @throws when `signal` is aborted */
export async function deletedEndpoint(name: string, watch: EndpointWatch): Promise<void> {
  await poll(
    async () => {
      const found = await watch.cloud.describeEndpoint(watch.environment, name);
      if (!found) return { value: undefined };
      watch.note('endpoint.waiting', { name, status: found.status });
      return undefined;
    },
    { ...PACE, signal: watch.signal },
  );
}

/**
 * Checks that an endpoint serves what was deployed: SageMaker may roll an update back and let the provider report success.
 * @returns the error of the stage; undefined if all is well
 * @see https://github.com/hashicorp/terraform-provider-aws/issues/48997
 */
export async function verifyEndpoint(
  name: string,
  wantedConfig: string,
  watch: EndpointWatch,
): Promise<StageError | undefined> {
  const found = await settledEndpoint(name, watch);
  if (found?.status === 'InService' && found.endpointConfigName === wantedConfig && !found.failureReason) {
    return undefined;
  }
  const what = found
    ? `Endpoint ${name} is ${found.status} with endpoint configuration ${found.endpointConfigName}, not InService with ${wantedConfig}${found.failureReason ? `: ${found.failureReason}` : ''}.`
    : `Endpoint ${name} does not exist after the deployment.`;
  return {
    ...describeFailure(what, undefined, NOT_UPDATED),
    hint: 'SageMaker kept or restored the previous configuration, which is still in service. See the CloudWatch logs of the endpoint for why the new one failed, correct the request and send it again.',
  };
}
