/** People's answers to a request for approval, and what becomes of one that nobody answers. */
import type { Clock } from '../platform/clock.ts';
import type { ApprovalPolicy, EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { Executions, StoredExecution, Turn } from './executions.ts';
import { skipRest } from './executions.ts';
import { hasEnded } from './status.ts';
import type { ApprovalDecision, Decision, ExecutionStage, PendingApproval } from '../orchestrator.ts';
import { stageFailedTurn } from './transitions.ts';

/** What somebody says to a request for approval. */
export interface Answer {
  decision: Decision;
  /** The change that it is about. */
  changeHash: string;
  /** Why; at most 2,000 characters. */
  comment?: string;
}

export interface ApprovalsDependencies {
  executions: Executions;
  policies: Readonly<Record<EnvironmentName, ApprovalPolicy>>;
  clock: Clock;
}

export class Approvals {
  readonly #dependencies: ApprovalsDependencies;

  constructor(dependencies: ApprovalsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Takes somebody's decision. The last approval that is needed hands the deployment to the queue.
   * @throws OrchestratorError `APPROVAL_OUTDATED` where execution or change has moved on, `APPROVAL_EXPIRED`,
   *   `APPROVAL_NOT_ALLOWED` where the policy of the environment does not count this person, `ENVIRONMENT_NOT_FOUND`
   */
  async decide(executionId: string, environment: string, answer: Answer, caller: string): Promise<StoredExecution> {
    const { executions, clock } = this.#dependencies;
    const now = clock();
    let expired: StoredExecution | undefined;
    const execution = await executions.turn(executionId, (before) => {
      const { approval } = mustBeAsked(before, environment);
      if (isExpired(approval, now)) {
        expired = before;
        return expiredTurn(before, now);
      }
      mustBeCurrent(before, approval, answer);
      return answer.decision === 'Rejected'
        ? rejectedTurn(before, approval, decisionOf(approval, answer, caller, now))
        : this.#approvedTurn(before, approval, decisionOf(approval, answer, caller, now));
    });
    // Thrown after the turn, so that what has expired is recorded.
    if (expired) throw hasExpired(expired.executionId, expired.approval?.expiresAt);
    return execution;
  }

  /** Ends the executions that nobody has answered in time. */
  async expire(): Promise<void> {
    const { executions, clock } = this.#dependencies;
    const now = clock();
    for (const executionId of await executions.expired(now)) {
      await executions.turn(executionId, (before) =>
        before.approval && isExpired(before.approval, now) ? expiredTurn(before, now) : undefined,
      );
    }
  }

  #approvedTurn(execution: StoredExecution, approval: PendingApproval, decision: ApprovalDecision): Turn {
    const { environment } = approval;
    const { by } = decision;
    const { requesterMayApprove } = this.#dependencies.policies[environment];
    if (!requesterMayApprove && by === execution.requestedBy) {
      throw new OrchestratorError(
        'APPROVAL_NOT_ALLOWED',
        `${by} has asked for this change of ${environment}, and who asks may not approve (REQUESTER_MAY_APPROVE=No). Somebody else has to.`,
      );
    }
    if (approval.approvedBy.includes(by)) {
      throw new OrchestratorError(
        'APPROVAL_NOT_ALLOWED',
        `${by} has approved this change already: ${approval.minimumApprovers} different people have to (${environment.toUpperCase()}_MINIMUM_APPROVERS).`,
      );
    }
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
}

/** @throws OrchestratorError where nobody is asked about this environment (any more) */
function mustBeAsked(execution: StoredExecution, environment: string): { approval: PendingApproval } {
  const stage = execution.stages.find((one) => one.environment === environment && one.kind === 'approve');
  if (!stage) {
    const known = execution.stages.filter((one) => one.kind === 'approve').map((one) => one.environment);
    throw new OrchestratorError(
      'ENVIRONMENT_NOT_FOUND',
      known.length > 0
        ? `Execution ${execution.executionId} needs no approval for "${environment}"; it does for ${known.join(', ')}.`
        : `Execution ${execution.executionId} needs no approval.`,
    );
  }
  const { approval } = execution;
  if (execution.status === 'AwaitingApproval' && approval?.environment === environment) return { approval };
  if (stage.error?.code === 'APPROVAL_EXPIRED') throw hasExpired(execution.executionId, stage.ended);
  const now = hasEnded(execution)
    ? `it is ${execution.status}`
    : approval
      ? `it waits for approval of ${approval.environment}`
      : `stage ${stage.name} is ${stage.status}`;
  throw new OrchestratorError(
    'APPROVAL_OUTDATED',
    `Execution ${execution.executionId} does not wait for approval of ${environment}: ${now}. Nothing was decided.`,
  );
}

/** @throws OrchestratorError `APPROVAL_OUTDATED` for a decision about another change than the one at hand */
function mustBeCurrent(execution: StoredExecution, approval: PendingApproval, answer: Answer): void {
  if (answer.changeHash === approval.changeHash) return;
  throw new OrchestratorError(
    'APPROVAL_OUTDATED',
    `The change of ${approval.environment} is not (any more) the one that was decided on. Look at GET /executions/${execution.executionId} and decide on that.`,
    { data: { changeHash: approval.changeHash } },
  );
}

function rejectedTurn(execution: StoredExecution, approval: PendingApproval, decision: ApprovalDecision): Turn {
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

function expiredTurn(execution: StoredExecution, now: Date): Turn {
  const environment = execution.approval?.environment ?? 'main';
  const stage = approvalStage(execution, environment);
  const error = {
    code: 'APPROVAL_EXPIRED',
    message: `Nobody decided on the change of ${environment} until ${execution.approval?.expiresAt}.`,
    hint: `POST /executions/${execution.executionId}/retry previews the change again and asks again.`,
  };
  return { ...stageFailedTurn(execution, stage, error, now), notify: { kind: 'approval-expired', stage: stage.name } };
}

function decisionOf(approval: PendingApproval, answer: Answer, by: string, now: Date): ApprovalDecision {
  const { decision, changeHash, comment } = answer;
  const { environment } = approval;
  return { environment, decision, changeHash, by, at: now.toISOString(), ...(comment ? { comment } : {}) };
}

function auditOf({ by, environment, changeHash, comment }: ApprovalDecision, action: 'approve' | 'reject') {
  return { principal: by, action, environment, detail: { changeHash, ...(comment ? { comment } : {}) } };
}

function approvalStage(execution: StoredExecution, environment: EnvironmentName): ExecutionStage {
  const stage = execution.stages.find((one) => one.environment === environment && one.kind === 'approve');
  if (!stage) throw new Error(`execution ${execution.executionId} has no approval stage for ${environment}`);
  return stage;
}

function isExpired({ expiresAt }: PendingApproval, now: Date): boolean {
  return new Date(expiresAt) <= now;
}

function hasExpired(executionId: string, when: string | undefined): OrchestratorError {
  return new OrchestratorError(
    'APPROVAL_EXPIRED',
    `The request for approval expired at ${when ?? 'an earlier time'}. POST /executions/${executionId}/retry asks again.`,
  );
}
