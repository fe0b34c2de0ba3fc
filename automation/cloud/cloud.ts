import type { Environment } from '../environments.ts';

/** An endpoint as SageMaker's DescribeEndpoint shows it. */
export interface EndpointDescription {
  endpointName: string;
  /** Such as `InService`, `Updating`, `Failed`, `UpdateRollbackFailed`. */
  status: string;
  endpointConfigName: string;
  failureReason?: string;
}

/**
 * What the orchestrator asks of an account outside Pulumi's own state: to verify an endpoint after a deployment, and to
 * find what a killed operation had created but not yet recorded. Production asks AWS; the sandbox has a twin.
 */
export interface Cloud {
  /** @returns undefined where there is no such endpoint. */
  describeEndpoint(environment: Environment, endpointName: string): Promise<EndpointDescription | undefined>;
  /**
   * Finds the physical id of a resource that a killed operation may have created.
   * @param type the Pulumi type token, such as `aws:iam/role:Role`
   * @param inputs the inputs as the provider checked them (auto-named properties included)
   * @returns the id to adopt, or undefined where nothing was created.
   */
  findCreated(environment: Environment, type: string, inputs: Record<string, unknown>): Promise<string | undefined>;
}
