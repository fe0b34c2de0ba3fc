/**
 * The service, as used by the HTTP API: every route is one call of this interface. The types are those of the HTTP responses;
 * api/guide-answers.ts renames keys that the guide spells differently.
 */
import type { AuditEntry, AuditFilter } from './audit/audit-log.ts';
import type { DeniedAttempt } from './audit/refusal-log.ts';
import type { ModelCardAnswer } from './model-cards/model-cards.ts';
import type { PipelineCardCalls } from './model-cards/pipeline-cards.ts';
import type { CursorPage, CursorQuery, Page } from './platform/paging.ts';
import type { ExecutionFilter } from './executions/executions.ts';
import type { JobCalls } from './pipelines/jobs.ts';
import type { Monitor } from './pipelines/monitors.ts';
import type { PipelineFilter } from './pipelines/pipeline-list.ts';
import type { RevisionCalls } from './pipelines/revisions.ts';
import type { DeliveryCalls } from './sources/delivery-log.ts';
import type { DeferredRead, DeferredReadKind } from './stacks/deferred-reads.ts';
import type { ReadCall } from './stacks/read-limits.ts';
import type { StackStateCalls } from './stacks/stack-state.ts';
import type { NotificationFilter, StoredNotification } from './notifications/notification-log.ts';
import type {
  Decision,
  RequestOrigin,
  Execution,
  ExecutionDetail,
  ExecutionEvent,
  ExecutionStatus,
  PipelineSummary,
  Pipeline,
  ExecutionAnswer,
  ValidationAnswer,
  PreviewAnswer,
  HistoryEntry,
  PipelineOutputs,
  PipelineState,
  Readiness,
  DriftCheck,
  DriftCheckAnswer,
  EventAnswer,
} from './model.ts';

/** All methods may throw `RequestInvalid` (bad body) or `OrchestratorError`. */
export interface Orchestrator extends StackStateCalls, RevisionCalls, DeliveryCalls, JobCalls, PipelineCardCalls {
  /** @param origin of a pushed request */
  provision(body: unknown, caller: string, origin?: RequestOrigin): Promise<ExecutionAnswer>;
  /**
   * Manages a SageMaker model card.
   * @param validateOnly only validates the body
   */
  modelCard(body: unknown, caller: string, validateOnly: boolean): Promise<ModelCardAnswer>;
  validate(body: unknown): Promise<ValidationAnswer>;
  /** Previews a body (as for provisioning). */
  preview(body: unknown, read: ReadCall): Promise<PreviewAnswer>;
  /** Previews a stored pipeline, with the keys of `body` laid over its latest request. */
  previewPipeline(pipelineId: string, body: unknown, read: ReadCall): Promise<PreviewAnswer>;
  /** Body of POST /pipelinestatus. */
  status(body: unknown): Promise<PipelineState>;
  listPipelines(filter: PipelineFilter): Promise<CursorPage<PipelineSummary>>;
  countPipelines(): Promise<Record<string, number>>;
  getPipeline(pipelineId: string): Promise<Pipeline>;
  /** The pipelines that monitor its endpoint. */
  monitors(pipelineId: string): Promise<Monitor[]>;
  /** Newest first. */
  listExecutions(filter: ExecutionFilter): Promise<CursorPage<Execution>>;
  getExecution(executionId: string): Promise<ExecutionDetail>;
  executionStatus(executionId: string): Promise<ExecutionStatus>;
  history(pipelineId: string, read: ReadCall): Promise<HistoryEntry[]>;
  defer(kind: DeferredReadKind, caller: string, running: Promise<unknown>): Promise<DeferredRead>;
  getDeferredRead(operationId: string): Promise<DeferredRead>;
  outputs(pipelineId: string): Promise<PipelineOutputs>;
  /** What destroying a pipeline would delete, from the last environment to the first. Nothing is changed. */
  previewDestroy(pipelineId: string, read: ReadCall): Promise<PreviewAnswer>;
  /** Refuses to destroy the pipeline, and to replace or remove its endpoint, until that is lifted. */
  protect(pipelineId: string, caller: string): Promise<Pipeline>;
  unprotect(pipelineId: string, caller: string): Promise<Pipeline>;
  /** @param includeMonitors removes the monitors that watch the endpoint first, instead of refusing */
  destroy(pipelineId: string, caller: string, includeMonitors?: boolean): Promise<ExecutionAnswer>;
  /** Gives the execution as it then is. */
  decide(
    executionId: string,
    environment: string,
    answer: { decision: Decision; changeHash: string; comment?: string },
    caller: string,
  ): Promise<Execution>;
  cancel(executionId: string, caller: string): Promise<Execution>;
  /** Goes on from the failed stage. */
  retry(executionId: string, caller: string): Promise<Execution>;
  /** A new execution of an older revision. */
  rollback(pipelineId: string, revision: number, caller: string): Promise<ExecutionAnswer>;
  /** Runs the pipeline's job again, with the latest request, through the same stages and approvals. */
  run(pipelineId: string, caller: string): Promise<ExecutionAnswer>;
  /** Has every deployed environment of a pipeline checked; one that waits for its check already is not checked twice. */
  checkDrift(pipelineId: string, caller: string): Promise<DriftCheckAnswer>;
  /** The newest check of each environment. */
  drift(pipelineId: string): Promise<DriftCheck[]>;
  /** Newest first. */
  driftHistory(pipelineId: string, page: CursorQuery): Promise<CursorPage<DriftCheck>>;
  /** Undoes what was changed behind Pulumi's back in the environments whose newest check found something, after approval. */
  reconcile(pipelineId: string, caller: string): Promise<ExecutionAnswer>;
  /** Body of POST /events: an event of Amazon EventBridge. */
  handleEvent(event: unknown): Promise<EventAnswer>;
  /**
   * Events after `afterSequence` (0 = from the start), then live ones; the iteration ends when the execution has ended
   * and everything was given, or when `signal` is aborted. Whether the execution exists says {@link executionStatus}.
   */
  events(executionId: string, afterSequence: number, signal: AbortSignal): AsyncIterable<ExecutionEvent>;
  /** Who did what, newest first. */
  audit(filter: AuditFilter): Promise<Page<AuditEntry>>;
  /** Records that a caller was refused because a role was missing. */
  recordDenied(attempt: DeniedAttempt): Promise<void>;
  /** Notifications, newest first. */
  notifications(filter: NotificationFilter): Promise<Page<StoredNotification>>;
  /** Delivers a notification once more. */
  resend(notificationId: number, caller: string): Promise<StoredNotification>;
  readiness(): Promise<Readiness>;
}
