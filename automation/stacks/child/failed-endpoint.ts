/**
 * An endpoint in state `Failed`, which can only be deleted: the next deployment creates it again. Used by the preflight, by
 * previews, which show the replacement, and by deployments, which delete it first.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html (EndpointStatus)
 */
import type { ExecuteContext } from './context.ts';
import { watchOf } from './context.ts';
import type { StateResource } from './state.ts';
import type { StackOperation } from '../operation.ts';
import { ENDPOINT_TYPE, deletedEndpoint } from './verification/endpoint.ts';

export interface FailedEndpoint {
  urn: string;
  name: string;
}

/** @returns undefined if the stack has no endpoint, or one that can be updated */
export async function findFailedEndpoint(
  deployed: readonly StateResource[],
  { environment }: StackOperation,
  { engine, note }: ExecuteContext,
): Promise<FailedEndpoint | undefined> {
  const { urn, id: name } = deployed.find((one) => one.type === ENDPOINT_TYPE && !one.delete) ?? {};
  if (!urn || !name) return undefined;
  const found = await engine.cloud.describeEndpoint(environment, name);
  if (found?.status !== 'Failed') return undefined;
  note('endpoint.failed', {
    name,
    ...(found.failureReason ? { reason: found.failureReason } : {}),
    consequence: 'SageMaker cannot update it: the deployment deletes the endpoint and creates it again.',
  });
  return { urn, name };
}

/** Deletes it and waits until it is gone; the refresh of the deployment then drops it from the state. */
export async function deleteFailedEndpoint(
  { name }: FailedEndpoint,
  operation: StackOperation,
  context: ExecuteContext,
): Promise<void> {
  await context.engine.cloud.deleteEndpoint(operation.environment, name);
  await deletedEndpoint(name, watchOf(operation, context));
  context.note('endpoint.deleted', { name });
}
