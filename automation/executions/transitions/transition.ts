/** One change of an execution, as data: what `Executions.transition` writes in one transaction. Types, and the pieces that all transitions share. Pure. */
import type { NewAuditEntry } from '../../audit/record.ts';
import type { ExecutionNotificationKind } from '../../notifications/execution-notifications.ts';
import type {
  ApprovalDecision,
  Execution,
  ExecutionKind,
  ExecutionStage,
  ExecutionStatus,
  PendingApproval,
} from '../../model.ts';
import type { ApprovedChange } from '../../stacks/approved-change.ts';
import type { NewEvent } from '../events.ts';

/** An execution with what only this folder needs of it. */
export interface StoredExecution extends Execution {
  /** The order in which executions were accepted. */
  ordinal: number;
  /** Grows with every hand-over to the queue. */
  attempt: number;
  /** What was approved, by environment. */
  approved: Record<string, ApprovedChange>;
  /** A later execution of the same pipeline, but for one that was cancelled before it began. */
  supersededBy?: { executionId: string; kind: ExecutionKind; revision: number };
}

/** One change of an execution. What is left out stays as it is. */
export interface Transition {
  status?: ExecutionStatus;
  /** By stage name. */
  stages?: Record<string, Partial<ExecutionStage>>;
  /** null: the approval request is closed. */
  approval?: PendingApproval | null;
  decision?: ApprovalDecision;
  approved?: Record<string, ApprovedChange>;
  cancelledBy?: string | null;
  blueprintVersion?: string;
  /** The next stage must be queued. */
  dispatch?: boolean;
  /** An ended execution is resumed: executions that wait for approval make way, and the pipeline exists (again). */
  revive?: boolean;
  events?: NewEvent[];
  notify?: { kind: ExecutionNotificationKind; stage?: string };
  audit?: Omit<NewAuditEntry, 'pipelineId' | 'executionId'>;
}

/** Every stage that has not ended is skipped, with the reason. */
export function skipRest(
  execution: Pick<Execution, 'stages'>,
  error?: ExecutionStage['error'],
): Record<string, Partial<ExecutionStage>> {
  const ended = new Date().toISOString();
  const rest = execution.stages.filter(({ status }) => status === 'Pending' || status === 'InProgress');
  return Object.fromEntries(
    rest.map(({ name, started }) => [
      name,
      { status: 'Skipped', soakUntil: undefined, ...(started ? { ended } : {}), ...(error ? { error } : {}) },
    ]),
  );
}

export function stageEvent(type: string, stage: ExecutionStage, data: Record<string, unknown>) {
  return { type, stage: stage.name, ...(stage.environment ? { environment: stage.environment } : {}), data };
}

/** What the events that end an execution say of it. */
export function storyOf({ kind, revision }: StoredExecution): Record<string, unknown> {
  return { kind, revision };
}
