/** Transitions of an execution that waits for approval: approved, rejected or expired. Pure. */
import type { EnvironmentName } from '../../config/environments.ts';
import type { ApprovalDecision, ExecutionStage, PendingApproval } from '../../model.ts';
import { stageFailed } from './stages.ts';
import type { StoredExecution, Transition } from './transition.ts';
import { skipRest } from './transition.ts';

/** Counts an approval; the last required one queues the deployment. */
export function changeApproved(
  execution: StoredExecution,
  approval: PendingApproval,
  decision: ApprovalDecision,
): Transition {
  const { environment } = approval;
  const { by } = decision;
  const approvedBy = [...approval.approvedBy, by];
  const stage = approvalStage(execution, environment);
  const recorded = {
    decision,
    audit: auditOf(decision, 'approve'),
    events: [{ type: 'approval.given', stage: stage.name, environment, data: { ...decision } }],
  };
  if (approvedBy.length < approval.minimumApprovers) return { ...recorded, approval: { ...approval, approvedBy } };
  return {
    ...recorded,
    status: 'InProgress',
    approval: null,
    approved: {
      [environment]: {
        changeHash: approval.changeHash,
        blueprintVersion: execution.blueprintVersion ?? '',
        changes: approval.changes,
      },
    },
    stages: { [stage.name]: { status: 'Succeeded', ended: decision.at, changes: approval.summary } },
    events: [
      ...recorded.events,
      { type: 'stage.succeeded', stage: stage.name, environment, data: { changes: approval.summary } },
    ],
    dispatch: true,
  };
}

export function changeRejected(
  execution: StoredExecution,
  approval: PendingApproval,
  decision: ApprovalDecision,
): Transition {
  const { environment, by, comment } = decision;
  const stage = approvalStage(execution, approval.environment);
  const error = {
    code: 'APPROVAL_REJECTED',
    message: `${by} rejected the change of ${environment}${comment ? `: ${comment}` : '.'}`,
  };
  return {
    status: 'Rejected',
    approval: null,
    decision,
    stages: { ...skipRest(execution), [stage.name]: { status: 'Failed', ended: decision.at, error } },
    events: [
      { type: 'approval.rejected', stage: stage.name, environment, data: { ...decision } },
      { type: 'execution.rejected', data: { error } },
    ],
    notify: { kind: 'rejected', stage: stage.name },
    audit: auditOf(decision, 'reject'),
  };
}

export function approvalExpired(execution: StoredExecution, now: Date): Transition {
  const environment = execution.approval?.environment ?? 'main';
  const stage = approvalStage(execution, environment);
  const error = {
    code: 'APPROVAL_EXPIRED',
    message: `No decision on the change of ${environment} was made by ${execution.approval?.expiresAt}.`,
    hint: `POST /executions/${execution.executionId}/retry previews the change again and asks again.`,
  };
  return { ...stageFailed(execution, stage, error, now), notify: { kind: 'approval-expired', stage: stage.name } };
}

function auditOf({ by, environment, changeHash, comment }: ApprovalDecision, action: 'approve' | 'reject') {
  return { principal: by, action, environment, detail: { changeHash, ...(comment ? { comment } : {}) } };
}

function approvalStage(execution: StoredExecution, environment: EnvironmentName): ExecutionStage {
  const stage = execution.stages.find((one) => one.environment === environment && one.kind === 'approve');
  if (!stage) throw new Error(`execution ${execution.executionId} has no approval stage for ${environment}`);
  return stage;
}
