/** One operation on one stack, in plain JSON: it crosses a process border and may be run again after a crash. */
import type { PipelineRequest, PipelineType } from '../../blueprints/blueprint.ts';
import type { EngineSettings } from '../engine/engine.ts';
import type { Environment } from '../environments.ts';
import type { HistoryEntry, PreflightFinding, ResourceChange, StageError } from '../orchestrator.ts';

export type StackAction = 'up' | 'destroy' | 'preview' | 'history';

export interface StackOperation {
  action: StackAction;
  /** Pulumi project: the pipeline type with `-` for `_`. */
  project: string;
  /** Pulumi stack: `<pipeline id>.<environment>`. */
  stack: string;
  pipelineId: string;
  pipelineType: PipelineType;
  revision: number;
  /** The revision in which what this environment gets last changed. */
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
  /** Empty: nobody is told of changes of jobs. */
  notificationsTopicArn: string;
  engine: EngineSettings;
  /** A predecessor died over this stack: clear its lock and adopt what it had created before anything else. */
  recover: boolean;
}

export interface OperationSucceeded {
  ok: true;
  /** Of `up`: plain outputs; secret ones are left out. */
  outputs: Record<string, unknown>;
  /** Of `up`, `destroy`, `preview`: resource counts by operation. */
  summary: Record<string, number>;
  /** Of `preview`. */
  changes: ResourceChange[];
  /** Of `preview`: what the environment lacks; looked for before the first deployment. */
  findings: PreflightFinding[];
  /** Of `history`, newest first. */
  history: HistoryEntry[];
}

export interface OperationFailed {
  ok: false;
  error: StageError;
  summary: Record<string, number>;
  /** The process was ended before it could leave things in order, or the state is not what is there: the stack needs recovery. */
  cutOff?: 'killed' | 'crashed' | 'stopped' | 'drifted';
}

export type OperationResult = OperationSucceeded | OperationFailed;

/** The operation was not run: a later request for the same pipeline has been carried out meanwhile. */
export const SUPERSEDED: OperationFailed = {
  ok: false,
  summary: {},
  error: {
    code: 'SUPERSEDED',
    message: 'A later request for this pipeline was carried out before this one could start.',
  },
};

/** `<project>/<stack>`: how Pulumi names a stack to people, and the key of its lease. */
export function stackKey(operation: Pick<StackOperation, 'project' | 'stack'>): string {
  return `${operation.project}/${operation.stack}`;
}

/** Pulumi's project and stack names for a pipeline in an environment (design, "Words"). */
export function stackNames(
  pipelineType: PipelineType,
  pipelineId: string,
  environment: Environment['name'],
): { project: string; stack: string } {
  return { project: pipelineType.replaceAll('_', '-'), stack: `${pipelineId}.${environment}` };
}
