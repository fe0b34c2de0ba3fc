/** One operation on one stack, in plain JSON: it is sent to another process and may run again after a crash. */
import { shortName } from '../../blueprints/shared/aws/physical-name.ts';
import type { ContainerAccess, PipelineRequest } from '../../blueprints/blueprint.ts';
import type { EngineSettings } from '../engine/engine.ts';
import type { Environment } from '../config/environments.ts';
import type { DriftFinding, HistoryEntry, PreflightFinding, ResourceChange, StageError } from '../model.ts';
import type { ApprovedChange } from './approved-change.ts';
import type { BegunCreation } from './uncertain-creations.ts';

export type StackAction = 'up' | 'destroy' | 'preview' | 'preview-destroy' | 'history' | 'drift';

export interface StackOperation {
  action: StackAction;
  /** Pulumi project: the pipeline type with `-` for `_`. */
  project: string;
  /** Pulumi stack: `<pipeline id>.<environment>`. */
  stack: string;
  pipelineId: string;
  /** A type in the registry, unless the stack is only destroyed or inspected. */
  pipelineType: string;
  revision: number;
  /** Number of the deployment in which what this environment gets last changed. */
  run: number;
  environment: Environment;
  /** The request as it applies to this environment. */
  request: PipelineRequest;
  /** Shown in the stack's history. */
  message: string;
  tags: Record<string, string>;
  allowDetailedErrorMessage: boolean;
  /** Whether unapproved packages may be deployed; default: no. */
  allowUnapprovedModelPackages?: boolean;
  /** What containers may touch besides what the request names; default: nothing. */
  containers?: ContainerAccess;
  /** Empty: no notifications of job state changes. */
  notificationsTopicArn: string;
  engine: EngineSettings;
  /** Version of the blueprint that the operation runs. */
  blueprintVersion: string;
  /** For `up` and `destroy`: the only allowed changes; previewed again first. Absent: all changes are allowed. */
  approved?: ApprovedChange;
  /** For `up`: the endpoint must not be replaced or removed. */
  protected?: boolean;
  /** For `up` and `preview`: pipelines that monitor the endpoint deployed here; default: none. */
  monitors?: readonly string[];
  /** For `up` and `preview`: refreshes the state first instead of trusting it. */
  refresh?: boolean;
  /** Deployed according to the database: when the state was saved, and its number of resources. Absent: not deployed. */
  deployed?: { time: string; resources: number };
  /** A predecessor died while using this stack: first clear its lock and adopt what it had created. */
  recover: boolean;
  /** With `recover`: what predecessors may have created although the state does not say so. */
  uncertain?: readonly BegunCreation[];
}

export interface OperationSucceeded {
  ok: true;
  /** For `up`: plain outputs; secret ones are omitted. */
  outputs: Record<string, unknown>;
  /** Of `up`, `destroy`, `preview`: resource counts by operation. */
  summary: Record<string, number>;
  /** Of `preview` and `preview-destroy`. */
  changes: ResourceChange[];
  /** For `preview`: missing prerequisites, if nothing is deployed yet, and violated policies. */
  findings?: PreflightFinding[];
  /** Of `up`: web page of the stack, if the backend has one. */
  stackUrl?: string;
  /** Of `history`, newest first. */
  history: HistoryEntry[];
  /** Of `drift`. */
  drift: DriftFinding[];
}

export interface OperationFailed {
  ok: false;
  error: StageError;
  summary: Record<string, number>;
  /** With `CHANGE_NOT_APPROVED`, and of a preview with `POLICY_VIOLATED`: what would have been done. */
  changes?: ResourceChange[];
  /** The process ended before it could clean up, or the state does not match reality: the stack needs recovery. */
  cutOff?: 'killed' | 'crashed' | 'stopped' | 'drifted';
}

export type OperationResult = OperationSucceeded | OperationFailed;

/** Codes of results that are not failures of the operation: the workflow continues differently. */
export const SUPERSEDED = 'SUPERSEDED';
export const CANCELLED = 'CANCELLED';
export const CHANGE_NOT_APPROVED = 'CHANGE_NOT_APPROVED';
/** Code of a violation of a mandatory policy. */
export const POLICY_VIOLATED = 'POLICY_VIOLATED';
/** Code of a change that a protected pipeline refuses. */
export const PIPELINE_PROTECTED = 'PIPELINE_PROTECTED';

/** Result of an operation that was not run. */
export function notRun(code: string, message: string): OperationFailed {
  return { ok: false, summary: {}, error: { code, message } };
}

/** `<project>/<stack>`: the display name of a stack in Pulumi, and the key of its lease. */
export function stackKey(operation: Pick<StackOperation, 'project' | 'stack'>): string {
  return `${operation.project}/${operation.stack}`;
}

/** @see https://www.pulumi.com/docs/iac/concepts/stacks/#stack-naming */
const STACK_NAME_LIMIT = 100;

/** Pulumi's project and stack names for a pipeline in an environment; a long pipeline id is cut, with a hash of the whole. */
export function stackNames(
  pipelineType: string,
  pipelineId: string,
  environment: Environment['name'],
): { project: string; stack: string } {
  return {
    project: pipelineType.replaceAll('_', '-'),
    stack: `${shortName(pipelineId, STACK_NAME_LIMIT - environment.length - 1)}.${environment}`,
  };
}
