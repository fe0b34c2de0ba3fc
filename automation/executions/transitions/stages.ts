/** Transitions at the end of a stage's operation: to the next stage, an approval request, or the end. Pure. */
import type { ApprovalPolicy, EnvironmentName } from '../../config/environments.ts';
import type {
  ExecutionStage,
  ExecutionStatus,
  PendingApproval,
  RequestedChange,
  ResourceChange,
  StageError,
} from '../../model.ts';
import { changeHash, changesNothing, countsOf } from '../../stacks/approved-change.ts';
import type { OperationFailed, OperationResult, OperationSucceeded } from '../../stacks/operation.ts';
import { CANCELLED, CHANGE_NOT_APPROVED, SUPERSEDED, stackKey, stackNames } from '../../stacks/operation.ts';
import { executionCancelled, executionSuperseded, interrupted } from './executions.ts';
import type { StoredExecution, Transition } from './transition.ts';
import { skipRest, stageEvent, storyOf } from './transition.ts';

/** Settings of the installation, and the time. */
export interface TransitionSettings {
  now: Date;
  policies: Readonly<Record<EnvironmentName, ApprovalPolicy>>;
  expirySeconds: number;
  /** Version of the blueprint that ran. */
  blueprintVersion: string;
  /** Soak time after this deployment. */
  soakSeconds: number;
  /** The request behind a change that needs approval. */
  requested?: RequestedChange;
}

/**
 * The operation of the stage is about to run.
 * @param ran the engine that runs it, and the version of the blueprint; '' if it is no longer configured
 */
export function stageStarted(
  execution: StoredExecution,
  stage: ExecutionStage,
  now: Date,
  { engine, blueprintVersion }: { engine: NonNullable<ExecutionStage['engine']>; blueprintVersion: string },
): Transition {
  const isFirst = !execution.stages.some(({ kind, started }) => started && kind !== 'source');
  const { pipelineType, pipelineId } = execution;
  const stack = stackKey(stackNames(pipelineType, pipelineId, stage.environment ?? 'main'));
  return {
    status: 'InProgress',
    stages: { [stage.name]: { status: 'InProgress', started: now.toISOString(), stack, engine } },
    events: [stageEvent('stage.started', stage, { stack })],
    ...(blueprintVersion === '' ? {} : { blueprintVersion }),
    ...(isFirst ? { notify: { kind: 'started', stage: stage.name } } : {}),
  };
}

/** An execution that had to succeed first will not: this one never starts. */
export function stageBlocked(
  execution: StoredExecution,
  stage: ExecutionStage,
  other: { executionId: string; pipelineId: string; status: ExecutionStatus },
  now: Date,
): Transition {
  const { executionId, pipelineId, status } = other;
  const error = {
    code: 'DEPENDENCY_FAILED',
    message: `Execution ${executionId} of pipeline ${pipelineId}, which had to succeed first, is ${status}.`,
    hint: `See GET /executions/${executionId}; retry it, then this one.`,
  };
  return stageFailed(execution, stage, error, now);
}

/** The soak time is over, or alarms went into ALARM before. @param inAlarm names of alarms */
export function soakEnded(
  execution: StoredExecution,
  stage: ExecutionStage,
  inAlarm: readonly string[],
  now: Date,
): Transition {
  if (inAlarm.length === 0) {
    const succeeded = stageSucceeded(execution, stage, {}, now);
    return succeeded.status ? succeeded : { ...succeeded, dispatch: true };
  }
  const error = {
    code: 'ALARM_AFTER_DEPLOYMENT',
    message: `After the deployment to ${stage.environment ?? 'main'} these alarms are in ALARM: ${inAlarm.join(', ')}.`,
    hint: 'The new deployment is in service. Check the alarms; send a corrected request, or roll back with POST /pipelines/{id}/rollback.',
  };
  return stageFailed(execution, stage, error, now);
}

/** @param stage the one whose operation has ended; it is `InProgress` */
export function stageFinished(
  execution: StoredExecution,
  stage: ExecutionStage,
  result: OperationResult,
  settings: TransitionSettings,
): Transition {
  if (!result.ok) return stageNotDone(execution, stage, result, settings);
  switch (stage.kind) {
    case 'approve':
      return (
        interrupted(execution, stage) ??
        (changesNothing(result.changes)
          ? approvalNotNeeded(execution, stage, result, settings)
          : approvalRequested(execution, stage, result, settings))
      );
    case 'deploy':
      return settings.soakSeconds > 0
        ? soakStarted(stage, result, settings)
        : stageSucceeded(execution, stage, deployed(result), settings.now);
    default:
      return stageSucceeded(execution, stage, { changes: result.summary }, settings.now);
  }
}

/** A stage has succeeded; the next one decides how the execution continues. */
export function stageSucceeded(
  execution: StoredExecution,
  stage: ExecutionStage,
  patch: Partial<ExecutionStage>,
  now: Date,
): Transition {
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
  const otherWay = interrupted({ ...execution, stages: rest }, stage);
  if (!otherWay) return { stages: { [stage.name]: done }, events: [event] };
  return {
    ...otherWay,
    stages: { ...otherWay.stages, [stage.name]: done },
    events: [event, ...(otherWay.events ?? [])],
  };
}

/** An empty change needs no approval. If it is no longer empty at the time of the deployment, approval is requested then. */
function approvalNotNeeded(
  execution: StoredExecution,
  stage: ExecutionStage,
  { changes, summary }: Pick<OperationSucceeded, 'changes' | 'summary'>,
  { now, blueprintVersion }: TransitionSettings,
): Transition {
  const environment = stage.environment ?? 'main';
  const hash = hashOf(execution, stage, environment, blueprintVersion, changes);
  const passed = stageSucceeded(execution, stage, { changes: summary }, now);
  return {
    ...passed,
    approved: { [environment]: { changeHash: hash, blueprintVersion, changes } },
    events: [
      stageEvent('approval.skipped', stage, { reason: 'The change changes nothing.' }),
      ...(passed.events ?? []),
    ],
  };
}

/** Requests approval for the next environment. */
function approvalRequested(
  execution: StoredExecution,
  stage: ExecutionStage,
  { changes, summary, findings }: Pick<OperationSucceeded, 'changes' | 'summary' | 'findings'>,
  { now, policies, expirySeconds, blueprintVersion, requested }: TransitionSettings,
  reason?: StageError,
): Transition {
  const environment = stage.environment ?? 'main';
  const approval: PendingApproval = {
    environment,
    changeHash: hashOf(execution, stage, environment, blueprintVersion, changes),
    summary,
    changes,
    ...(requested ? { requested } : {}),
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

function soakStarted(
  stage: ExecutionStage,
  result: OperationSucceeded,
  { now, soakSeconds }: TransitionSettings,
): Transition {
  const soakUntil = new Date(now.getTime() + soakSeconds * 1_000).toISOString();
  return {
    stages: { [stage.name]: { ...deployed(result), soakUntil } },
    events: [stageEvent('stage.soaking', stage, { until: soakUntil })],
  };
}

function stageNotDone(
  execution: StoredExecution,
  stage: ExecutionStage,
  result: OperationFailed,
  settings: TransitionSettings,
): Transition {
  if (result.error.code === SUPERSEDED) return executionSuperseded(execution);
  if (result.error.code === CANCELLED) return executionCancelled(execution, stage, result.error, settings.now);
  const asked = execution.stages.find((one) => one.environment === stage.environment && one.kind === 'approve');
  if (result.error.code === CHANGE_NOT_APPROVED && result.changes && asked) {
    const changes = result.changes;
    const otherWay = interrupted(execution, stage);
    if (otherWay) return otherWay;
    const turn = approvalRequested(execution, asked, { changes, summary: countsOf(changes) }, settings, result.error);
    return {
      ...turn,
      stages: { ...turn.stages, [stage.name]: { status: 'Pending', started: undefined } },
    };
  }
  return stageFailed(execution, stage, result.error, settings.now, result.summary);
}

/** A stage has failed permanently: the execution ends, and can be retried from this stage. */
export function stageFailed(
  execution: StoredExecution,
  stage: ExecutionStage,
  error: StageError,
  now: Date,
  changes?: Record<string, number>,
): Transition {
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
