/** Decisions on approval requests, and the expiry of requests without one. */
import type { Clock } from '../platform/clock.ts';
import type { ApprovalPolicy, EnvironmentName } from '../config/environments.ts';
import { isSamePerson, namesOfPerson, personOf } from '../config/caller-roles.ts';
import { OrchestratorError } from '../errors.ts';
import type { Executions } from './executions.ts';
import { hasEnded } from './status.ts';
import type { ApprovalDecision, Decision, PendingApproval } from '../model.ts';
import { approvalExpired, changeApproved, changeRejected } from './transitions/approvals.ts';
import type { StoredExecution } from './transitions/transition.ts';

/** A decision on an approval request. */
export interface Answer {
  decision: Decision;
  /** The change that is decided on. */
  changeHash: string;
  /** Reason; at most 2,000 characters. */
  comment?: string;
}

export interface ApprovalsDependencies {
  executions: Executions;
  policies: Readonly<Record<EnvironmentName, ApprovalPolicy>>;
  /** Patterns of the roles whose session names distinguish people. */
  trustedSessions: readonly string[];
  clock: Clock;
}

export class Approvals {
  readonly #dependencies: ApprovalsDependencies;

  constructor(dependencies: ApprovalsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Records a decision. The last required approval queues the deployment.
   * @throws OrchestratorError `APPROVAL_OUTDATED` if the execution or the change has moved on, `APPROVAL_EXPIRED`,
   *   `APPROVAL_NOT_ALLOWED` if the policy of the environment does not accept this person, `ENVIRONMENT_NOT_FOUND`
   */
  async decide(executionId: string, environment: string, answer: Answer, caller: string): Promise<StoredExecution> {
    const { executions, clock } = this.#dependencies;
    const now = clock();
    let expired: StoredExecution | undefined;
    const execution = await executions.transition(executionId, (before) => {
      const { approval } = mustBeAsked(before, environment);
      if (isExpired(approval, now)) {
        expired = before;
        return approvalExpired(before, now);
      }
      mustBeCurrent(before, approval, answer);
      const decision = decisionOf(approval, answer, caller, now);
      if (decision.decision === 'Rejected') return changeRejected(before, approval, decision);
      this.#mustCount(before, approval, caller);
      return changeApproved(before, approval, decision);
    });
    // Thrown after the transition, so that the expiry is recorded.
    if (expired) throw hasExpired(expired.executionId, expired.approval?.expiresAt);
    return execution;
  }

  /** Ends the executions whose approval request has expired. */
  async expire(): Promise<void> {
    const { executions, clock } = this.#dependencies;
    const now = clock();
    for (const executionId of await executions.expired(now)) {
      await executions.transition(executionId, (before) =>
        before.approval && isExpired(before.approval, now) ? approvalExpired(before, now) : undefined,
      );
    }
  }

  /** @throws OrchestratorError `APPROVAL_NOT_ALLOWED` */
  #mustCount(execution: StoredExecution, approval: PendingApproval, by: string): void {
    const { environment } = approval;
    const { policies, trustedSessions } = this.#dependencies;
    if (!policies[environment].requesterMayApprove && hasAskedFor(execution, by, trustedSessions)) {
      throw new OrchestratorError(
        'APPROVAL_NOT_ALLOWED',
        `${by} requested this change of ${environment}, and requesters may not approve their own changes (REQUESTER_MAY_APPROVE=No). Someone else has to approve it${hintOf(by, trustedSessions)}.`,
      );
    }
    if (approval.approvedBy.some((one) => isSamePerson(one, by, trustedSessions))) {
      throw new OrchestratorError(
        'APPROVAL_NOT_ALLOWED',
        `${by} has already approved this change: ${approval.minimumApprovers} different people have to approve it (${environment.toUpperCase()}_MINIMUM_APPROVERS)${hintOf(by, trustedSessions)}.`,
      );
    }
  }
}

/** Whether a person requested a change: as caller, or by pushing or authoring its commit. */
function hasAskedFor(
  { requestedBy, origin }: StoredExecution,
  by: string,
  trustedSessions: readonly string[],
): boolean {
  if (isSamePerson(by, requestedBy, trustedSessions)) return true;
  const names = new Set(namesOfPerson(by));
  return [...(origin?.pushedBy ?? []), ...(origin?.author ?? [])].some((name) =>
    namesOfPerson(name).some((one) => names.has(one)),
  );
}

/** For those whose sessions count as one person. */
function hintOf(by: string, trustedSessions: readonly string[]): string {
  const person = personOf(by, trustedSessions);
  return person === by ? '' : `; all sessions of ${person} count as one person (TRUSTED_SESSION_ARNS)`;
}

/** @throws OrchestratorError if no approval is pending for this environment */
function mustBeAsked(execution: StoredExecution, environment: string): { approval: PendingApproval } {
  const stage = execution.stages.find((one) => one.environment === environment && one.kind === 'approve');
  if (!stage) {
    const known = execution.stages.filter((one) => one.kind === 'approve').map((one) => one.environment);
    throw new OrchestratorError(
      'ENVIRONMENT_NOT_FOUND',
      known.length > 0
        ? `Execution ${execution.executionId} requires no approval for "${environment}", but for ${known.join(', ')}.`
        : `Execution ${execution.executionId} requires no approval.`,
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
    `Execution ${execution.executionId} is not waiting for approval of ${environment}: ${now}. No decision was recorded.`,
  );
}

/** @throws OrchestratorError `APPROVAL_OUTDATED` for a decision about a change other than the pending one */
function mustBeCurrent(execution: StoredExecution, approval: PendingApproval, answer: Answer): void {
  if (answer.changeHash === approval.changeHash) return;
  throw new OrchestratorError(
    'APPROVAL_OUTDATED',
    `The change of ${approval.environment} is not, or no longer, the one that was decided on. Review GET /executions/${execution.executionId} and decide on the current change.`,
    { data: { changeHash: approval.changeHash } },
  );
}

function decisionOf(approval: PendingApproval, answer: Answer, by: string, now: Date): ApprovalDecision {
  const { decision, changeHash, comment } = answer;
  const { environment } = approval;
  return { environment, decision, changeHash, by, at: now.toISOString(), ...(comment ? { comment } : {}) };
}

function isExpired({ expiresAt }: PendingApproval, now: Date): boolean {
  return new Date(expiresAt) <= now;
}

function hasExpired(executionId: string, when: string | undefined): OrchestratorError {
  return new OrchestratorError(
    'APPROVAL_EXPIRED',
    `The approval request expired at ${when ?? 'an earlier time'}. POST /executions/${executionId}/retry creates a new one.`,
  );
}
