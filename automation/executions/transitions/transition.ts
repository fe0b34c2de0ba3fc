/** One change of an execution, as data: `Executions.transition` writes it in one transaction. Types and shared helpers. Pure. */
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

/** An execution with the details that only this folder needs. */
export interface StoredExecution extends Execution {
  /** The order in which executions were accepted. */
  ordinal: number;
  /** Increases each time the execution is queued. */
  attempt: number;
  /** Approved change hashes, by environment. */
  approved: Record<string, ApprovedChange>;
  /** A later execution of the same pipeline, except one that was cancelled before it started. */
  supersededBy?: { executionId: string; kind: ExecutionKind; revision: number };
}

/** One change of an execution. Omitted keys stay unchanged. */
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

/** Data of the events that end an execution. */
export function storyOf({ kind, revision }: StoredExecution): Record<string, unknown> {
  return { kind, revision };
}
