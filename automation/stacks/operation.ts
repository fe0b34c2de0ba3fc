/** One operation on one stack, in plain JSON: it crosses a process border and may be run again after a crash. */
import { shortName } from '../../blueprints/shared/aws/physical-name.ts';
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { EngineSettings } from '../engine/engine.ts';
import type { Environment } from '../config/environments.ts';
import type { DriftFinding, HistoryEntry, PreflightFinding, ResourceChange, StageError } from '../model.ts';
import type { ApprovedChange } from './approved-change.ts';

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
  /** Packages that are not approved may be deployed; default: they may not. */
  allowUnapprovedModelPackages?: boolean;
  /** Empty: no notifications of job state changes. */
  notificationsTopicArn: string;
  engine: EngineSettings;
  /** Version of the blueprint that the operation runs. */
  blueprintVersion: string;
  /** Of `up` and `destroy`: what may be done and nothing else; previewed again first. Absent: everything. */
  approved?: ApprovedChange;
  /** Of `up`: the endpoint may be neither replaced nor removed. */
  protected?: boolean;
  /** Of `up` and `preview`: looks first at what is there, instead of trusting the state. */
  refresh?: boolean;
  /** What the database knows to be deployed: when its state was saved, and how many resources are in it. Absent: nothing. */
  deployed?: { time: string; resources: number };
  /** A predecessor died over this stack: clear its lock and adopt what it had created before anything else. */
  recover: boolean;
}

export interface OperationSucceeded {
  ok: true;
  /** Of `up`: plain outputs; secret ones are left out. */
  outputs: Record<string, unknown>;
  /** Of `up`, `destroy`, `preview`: resource counts by operation. */
  summary: Record<string, number>;
  /** Of `preview` and `preview-destroy`. */
  changes: ResourceChange[];
  /** Of `preview`: what the environment lacks, where nothing is deployed there yet, and violated policies. */
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
  /** The process was ended before it could leave things in order, or the state is not what is there: the stack needs recovery. */
  cutOff?: 'killed' | 'crashed' | 'stopped' | 'drifted';
}

export type OperationResult = OperationSucceeded | OperationFailed;

/** Codes of results that are no failure of the operation: the workflow goes another way. */
export const SUPERSEDED = 'SUPERSEDED';
export const CANCELLED = 'CANCELLED';
export const CHANGE_NOT_APPROVED = 'CHANGE_NOT_APPROVED';
/** Code of what a mandatory policy of a policy pack refuses. */
export const POLICY_VIOLATED = 'POLICY_VIOLATED';
/** Code of what a protected pipeline refuses. */
export const PIPELINE_PROTECTED = 'PIPELINE_PROTECTED';

/** A result of an operation that was not run. */
export function notRun(code: string, message: string): OperationFailed {
  return { ok: false, summary: {}, error: { code, message } };
}

/** `<project>/<stack>`: how Pulumi names a stack to people, and the key of its lease. */
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
