/** What the end of a stage's operation makes of an execution: the next stage, a question to people, or the end. Pure. */
import type { ApprovalPolicy, EnvironmentName } from '../config/environments.ts';
import type { StoredExecution, Turn } from './executions.ts';
import { skipRest, supersededTurn } from './executions.ts';
import type { ExecutionStage, PendingApproval, ResourceChange, StageError } from '../orchestrator.ts';
import { changeHash } from '../stacks/approved-change.ts';
import type { OperationFailed, OperationResult, OperationSucceeded } from '../stacks/operation.ts';
import { CANCELLED, CHANGE_NOT_APPROVED, SUPERSEDED } from '../stacks/operation.ts';

/** What the installation lays down, and what time it is. */
export interface TurnSettings {
  now: Date;
  policies: Readonly<Record<EnvironmentName, ApprovalPolicy>>;
  expirySeconds: number;
  /** Version of the blueprint that ran. */
  blueprintVersion: string;
  /** How long alarms have to stay quiet after this deployment. */
  soakSeconds: number;
}

/** @param stage the one whose operation has ended; it is `InProgress` */
export function finishTurn(
  execution: StoredExecution,
  stage: ExecutionStage,
  result: OperationResult,
  settings: TurnSettings,
): Turn {
  if (!result.ok) return failedTurn(execution, stage, result, settings);
  switch (stage.kind) {
    case 'approve':
      return goOn(execution, stage) ?? approvalTurn(execution, stage, result, settings);
    case 'deploy':
      return settings.soakSeconds > 0
        ? soakTurn(stage, result, settings)
        : succeededTurn(execution, stage, deployed(result), settings.now);
    default:
      return succeededTurn(execution, stage, { changes: result.summary }, settings.now);
  }
}

/** A stage has done what it was to do; what comes after it decides how the execution goes on. */
export function succeededTurn(
  execution: StoredExecution,
  stage: ExecutionStage,
  patch: Partial<ExecutionStage>,
  now: Date,
): Turn {
  const done: Partial<ExecutionStage> = {
    ...patch,
    status: 'Succeeded',
    ended: now.toISOString(),
    soakUntil: undefined,
  };
  const rest = execution.stages.filter((one) => one.name !== stage.name);
  const event = stageEvent('stage.succeeded', stage, { changes: done.changes ?? stage.changes });
  const isLast = !rest.some(({ status }) => status === 'Pending');
  if (isLast) {
    return {
      status: 'Succeeded',
      stages: { [stage.name]: done },
      events: [event, { type: 'execution.succeeded', data: storyOf(execution) }],
      notify: { kind: 'succeeded', stage: stage.name },
    };
  }
  const otherWay = goOn({ ...execution, stages: rest }, stage);
  if (!otherWay) return { stages: { [stage.name]: done }, events: [event] };
  return {
    ...otherWay,
    stages: { ...otherWay.stages, [stage.name]: done },
    events: [event, ...(otherWay.events ?? [])],
  };
}

/** Asks people for the next environment. */
function approvalTurn(
  execution: StoredExecution,
  stage: ExecutionStage,
  { changes, summary, findings }: Pick<OperationSucceeded, 'changes' | 'summary' | 'findings'>,
  { now, policies, expirySeconds, blueprintVersion }: TurnSettings,
  reason?: StageError,
): Turn {
  const environment = stage.environment ?? 'main';
  const approval: PendingApproval = {
    environment,
    changeHash: hashOf(execution, stage, environment, blueprintVersion, changes),
    summary,
    changes,
    ...(findings?.length ? { findings } : {}),
    requestedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + expirySeconds * 1_000).toISOString(),
    minimumApprovers: policies[environment].minimumApprovers,
    approvedBy: [],
  };
  return {
    status: 'AwaitingApproval',
    approval,
    stages: { [stage.name]: { status: 'InProgress', ended: undefined, error: undefined } },
    events: [
      stageEvent('approval.requested', stage, {
        changeHash: approval.changeHash,
        summary,
        expiresAt: approval.expiresAt,
        ...(reason ? { reason: reason.message } : {}),
      }),
    ],
    notify: { kind: 'approval-needed', stage: stage.name },
  };
}

function soakTurn(stage: ExecutionStage, result: OperationSucceeded, { now, soakSeconds }: TurnSettings): Turn {
  const soakUntil = new Date(now.getTime() + soakSeconds * 1_000).toISOString();
  return {
    stages: { [stage.name]: { ...deployed(result), soakUntil } },
    events: [stageEvent('stage.soaking', stage, { until: soakUntil })],
  };
}

function failedTurn(
  execution: StoredExecution,
  stage: ExecutionStage,
  result: OperationFailed,
  settings: TurnSettings,
): Turn {
  if (result.error.code === SUPERSEDED) return supersededTurn(execution);
  if (result.error.code === CANCELLED) return cancelledTurn(execution, stage, result.error, settings.now);
  const asked = execution.stages.find((one) => one.environment === stage.environment && one.kind === 'approve');
  if (result.error.code === CHANGE_NOT_APPROVED && result.changes && asked) {
    const changes = result.changes;
    const otherWay = goOn(execution, stage);
    if (otherWay) return otherWay;
    const turn = approvalTurn(execution, asked, { changes, summary: countsOf(changes) }, settings, result.error);
    return {
      ...turn,
      stages: { ...turn.stages, [stage.name]: { status: 'Pending', started: undefined } },
    };
  }
  return stageFailedTurn(execution, stage, result.error, settings.now, result.summary);
}

/** A stage has failed for good: the execution ends, and may be retried from this stage. */
export function stageFailedTurn(
  execution: StoredExecution,
  stage: ExecutionStage,
  error: StageError,
  now: Date,
  changes?: Record<string, number>,
): Turn {
  const failed: Partial<ExecutionStage> = {
    status: 'Failed',
    ended: now.toISOString(),
    error,
    soakUntil: undefined,
    ...(changes && Object.keys(changes).length > 0 ? { changes } : {}),
  };
  return {
    status: 'Failed',
    approval: null,
    stages: { ...skipRest(execution), [stage.name]: failed },
    events: [
      stageEvent('stage.failed', stage, { error }),
      { type: 'execution.failed', data: { ...storyOf(execution), error } },
    ],
    notify: { kind: 'failed', stage: stage.name },
  };
}

/** @param stage the one that was cut off in its work, where one was */
export function cancelledTurn(
  execution: StoredExecution,
  stage: ExecutionStage | undefined,
  error: StageError,
  now: Date,
): Turn {
  return {
    status: 'Cancelled',
    approval: null,
    stages: {
      ...skipRest(execution),
      ...(stage ? { [stage.name]: { status: 'Failed', ended: now.toISOString(), error, soakUntil: undefined } } : {}),
    },
    events: [
      ...(stage ? [stageEvent('stage.failed', stage, { error })] : []),
      { type: 'execution.cancelled', data: { ...storyOf(execution), error } },
    ],
    notify: { kind: 'cancelled', ...(stage ? { stage: stage.name } : {}) },
  };
}

/** Between two stages: whether the execution ends here because somebody wants it so, or wants something else. */
export function goOn(execution: StoredExecution, stage: ExecutionStage | undefined): Turn | undefined {
  const { cancelledBy, overtakenBy } = execution;
  if (cancelledBy) {
    const error = { code: CANCELLED, message: `Execution ${execution.executionId} was cancelled by ${cancelledBy}.` };
    return cancelledTurn(execution, undefined, error, new Date());
  }
  // What has begun to be removed is removed to its end; all else makes way for what came later.
  return overtakenBy && execution.kind !== 'destroy' && stage ? supersededTurn(execution) : undefined;
}

function hashOf(
  execution: StoredExecution,
  stage: ExecutionStage,
  environment: EnvironmentName,
  blueprintVersion: string,
  changes: ResourceChange[],
): string {
  const revision = stage.revision ?? execution.revision;
  return changeHash({ pipelineId: execution.pipelineId, revision, blueprintVersion, environment, changes });
}

function deployed({ summary, outputs, stackUrl }: OperationSucceeded): Partial<ExecutionStage> {
  return { changes: summary, outputs, ...(stackUrl ? { stackUrl } : {}) };
}

function countsOf(changes: readonly ResourceChange[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(changes, ({ operation }) => operation)].map(([what, all]) => [what, all.length]),
  );
}

function stageEvent(type: string, stage: ExecutionStage, data: Record<string, unknown>) {
  return { type, stage: stage.name, ...(stage.environment ? { environment: stage.environment } : {}), data };
}

function storyOf({ kind, revision }: StoredExecution): Record<string, unknown> {
  return { kind, revision };
}
