import type { Need } from '../../blueprints/needs.ts';
import type { Environment } from '../config/environments.ts';
import type { PreflightFinding } from '../model.ts';
import type { ModelCardCalls } from './model-card-calls.ts';
import type { ModelPackageDescription } from './model-package.ts';

/** An endpoint as SageMaker's DescribeEndpoint shows it. */
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
 * What the orchestrator asks of an account outside Pulumi's own state: before a deployment whether what it needs is there,
 * after it whether it works, and after a crash what had been created but not yet recorded. Production asks AWS; the sandbox
 * has a twin.
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
  /** @returns undefined where there is no such model package, or it is not shared with the account. */
  describeModelPackage(environment: Environment, arn: string): Promise<ModelPackageDescription | undefined>;
  /**
   * Sends a payload to an endpoint.
   * @returns the answer, cut to its first {@link ANSWER_BYTES}
   * @throws what SageMaker or the model say, or when `signal` is aborted
   */
  invokeEndpoint(
    environment: Environment,
    endpointName: string,
    request: { body: string; contentType: string },
    signal: AbortSignal,
  ): Promise<{ body: string; contentType: string }>;
  /** Deletes an endpoint, which takes its time; one that is not there is deleted. */
  deleteEndpoint(environment: Environment, endpointName: string): Promise<void>;
  /** @returns `Pending`, `Scheduled`, `Stopped` or `Failed`; undefined where there is no such schedule. */
  monitoringScheduleStatus(environment: Environment, name: string): Promise<string | undefined>;
  /** Asks for a schedule to be stopped, which takes its time; one that is not there is stopped. */
  stopMonitoringSchedule(environment: Environment, name: string): Promise<void>;
  /**
   * Denies these sessions of the deployment role everything, and no others any more; with an empty list the fence is removed.
   * @returns `refused` with AWS' reason where the environment has no role that may do that
   */
  writeFence(environment: Environment, sessions: readonly string[]): Promise<{ refused?: string }>;
  /** @returns whether AWS denies a call of that session already. */
  isFenced(environment: Environment, session: string): Promise<boolean>;
  /** @returns the alarms in the ALARM state; an alarm that does not exist is not one of them. */
  alarmsInAlarm(environment: Environment, names: readonly string[]): Promise<string[]>;
  /** SageMaker's model cards in that account and region. */
  modelCards(environment: Environment): ModelCardCalls;
}
