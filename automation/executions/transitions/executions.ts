/** Transitions that end an execution before its stages are done, or resume an ended one. Pure. */
import type { ExecutionStage, StageError } from '../../model.ts';
import { CANCELLED } from '../../stacks/operation.ts';
import type { StoredExecution, Transition } from './transition.ts';
import { skipRest, stageEvent, storyOf } from './transition.ts';

/** The remaining stages are skipped because of a later execution. */
export function executionSuperseded(execution: StoredExecution): Transition {
  const { supersededBy } = execution;
  const error = {
    code: 'SUPERSEDED',
    message: supersededBy
      ? `Execution ${supersededBy.executionId} (${supersededBy.kind} of revision ${supersededBy.revision}) has taken its place.`
      : 'A later request for this pipeline was carried out before this one could start.',
  };
  return {
    status: 'Superseded',
    approval: null,
    stages: skipRest(execution, error),
    events: [{ type: 'execution.superseded', data: { error, ...(supersededBy ? { by: supersededBy } : {}) } }],
    notify: { kind: 'superseded' },
  };
}

/** @param stage the interrupted one, if any */
export function executionCancelled(
  execution: StoredExecution,
  stage: ExecutionStage | undefined,
  error: StageError,
  now: Date,
): Transition {
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

/** The execution is cancelled: immediately if nothing of it is running, otherwise as soon as the engine has stopped. */
export function cancellationRequested(execution: StoredExecution, caller: string, now: Date): Transition {
  const recorded = { cancelledBy: caller, audit: { principal: caller, action: 'cancel' as const } };
  const event = { type: 'execution.cancelling', data: { by: caller } };
  // Queued but not started counts as waiting: when it starts, it finds that the execution has ended.
  const working = execution.stages.find(({ status, soakUntil }) => status === 'InProgress' && !soakUntil);
  if (execution.status === 'InProgress' && working) return { ...recorded, events: [event] };
  const cancelled = executionCancelled(execution, undefined, cancelledError(execution.executionId, caller), now);
  return { ...cancelled, ...recorded, events: [event, ...(cancelled.events ?? [])] };
}

/** Between two stages: whether the execution ends here because it was cancelled or superseded. */
export function interrupted(execution: StoredExecution, stage: ExecutionStage | undefined): Transition | undefined {
  const { cancelledBy, supersededBy } = execution;
  if (cancelledBy) {
    return executionCancelled(execution, undefined, cancelledError(execution.executionId, cancelledBy), new Date());
  }
  // A removal that has started in an environment is completed; no further approvals are requested once something else is
  // wanted. Everything else makes way for the later request.
  if (!supersededBy || !stage) return undefined;
  return execution.kind !== 'destroy' || stage.kind === 'approve' ? executionSuperseded(execution) : undefined;
}

/** The failed stage and all later ones must run again. */
export function executionRetried(execution: StoredExecution, caller: string): Transition {
  const again = execution.stages.filter(({ status }) => status !== 'Succeeded');
  const from = again.find(({ status }) => status === 'Failed') ?? again[0];
  return {
    status: 'Queued',
    cancelledBy: null,
    stages: Object.fromEntries(again.map(({ name }) => [name, FRESH])),
    events: [{ type: 'execution.retried', data: { by: caller, stage: from?.name } }],
    audit: { principal: caller, action: 'retry', detail: { stage: from?.name } },
    dispatch: true,
    revive: true,
  };
}

const FRESH: Partial<ExecutionStage> = {
  status: 'Pending',
  started: undefined,
  ended: undefined,
  error: undefined,
  changes: undefined,
  outputs: undefined,
  soakUntil: undefined,
};

function cancelledError(executionId: string, by: string): StageError {
  return { code: CANCELLED, message: `Execution ${executionId} was cancelled by ${by}.` };
}
