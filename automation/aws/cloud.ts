import type { Need } from '../../blueprints/needs.ts';
import type { Environment } from '../config/environments.ts';
import type { PreflightFinding } from '../model.ts';
import type { JobPage, JobQuery } from './job-calls.ts';
import type { ModelCardCalls } from './model-card-calls.ts';
import type { ModelPackageDescription } from './model-package.ts';

/** An endpoint, as in SageMaker's DescribeEndpoint. */
export interface EndpointDescription {
  endpointName: string;
  /** Such as `InService`, `Updating`, `Failed`, `UpdateRollbackFailed`. */
  status: string;
  endpointConfigName: string;
  failureReason?: string;
}

/** Responses are truncated to this: enough to see whether one is as expected. */
export const ANSWER_BYTES = 65_536;

/**
 * Access to an account independent of Pulumi's state: before a deployment to check its prerequisites, after it to verify it,
 * and after a crash to find resources that were created but not recorded. Production uses AWS; the sandbox has a stand-in.
 */
export interface Cloud {
  /** @returns undefined if the endpoint does not exist. */
  describeEndpoint(environment: Environment, endpointName: string): Promise<EndpointDescription | undefined>;
  /**
   * Finds the physical id of a resource that a killed operation may have created.
   * @param type the Pulumi type token, such as `aws:iam/role:Role`
   * @param inputs the inputs as the provider checked them (auto-named properties included)
   * @returns the id to adopt, or undefined if nothing was created.
   */
  findCreated(environment: Environment, type: string, inputs: Record<string, unknown>): Promise<string | undefined>;
  /**
   * Checks that the environment's role can be assumed and that the account has what a deployment needs.
   * @param note called with each resource that could not be queried
   * @returns all findings; empty if there are none
   */
  preflight(
    environment: Environment,
    needs: readonly Need[],
    note: (name: string, detail: Record<string, unknown>) => void,
  ): Promise<PreflightFinding[]>;
  /** @returns undefined if the model package does not exist, or is not shared with the account. */
  describeModelPackage(environment: Environment, arn: string): Promise<ModelPackageDescription | undefined>;
  /**
   * Sends a payload to an endpoint.
   * @returns the response, truncated to its first {@link ANSWER_BYTES}
   * @throws the error of SageMaker or the model, or when `signal` is aborted
   */
  invokeEndpoint(
    environment: Environment,
    endpointName: string,
    request: { body: string; contentType: string },
    signal: AbortSignal,
  ): Promise<{ body: string; contentType: string }>;
  /** Starts the deletion of an endpoint; no effect if it does not exist. */
  deleteEndpoint(environment: Environment, endpointName: string): Promise<void>;
  /** @returns `Pending`, `Scheduled`, `Stopped` or `Failed`; undefined if the schedule does not exist. */
  monitoringScheduleStatus(environment: Environment, name: string): Promise<string | undefined>;
  /** Starts to stop a schedule; no effect if it does not exist. */
  stopMonitoringSchedule(environment: Environment, name: string): Promise<void>;
  /**
   * Denies exactly these sessions of the deployment role everything; an empty list removes the fence.
   * @returns `refused` with the reason of AWS if the environment has no role with that permission
   */
  writeFence(environment: Environment, sessions: readonly string[]): Promise<{ refused?: string }>;
  /** @returns whether AWS already denies a call of that session. */
  isFenced(environment: Environment, session: string): Promise<boolean>;
  /** @returns the alarms in the ALARM state; an alarm that does not exist is not one of them. */
  alarmsInAlarm(environment: Environment, names: readonly string[]): Promise<string[]>;
  /**
   * The jobs of one kind of a pipeline, newest first.
   * @throws the error of AWS, or when `signal` is aborted
   */
  jobs(environment: Environment, query: JobQuery, signal: AbortSignal): Promise<JobPage>;
  /** SageMaker's model cards in that account and region. */
  modelCards(environment: Environment): ModelCardCalls;
}
