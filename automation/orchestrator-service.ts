/** The implementation of the orchestrator, composed of the parts of this folder in start.ts. */
import { validateModelCardRequest } from '../blueprints/model-cards/request.ts';
import { addAuditEntry } from './audit/record.ts';
import type { EnvironmentName } from './config/environments.ts';
import type { ModelCardAnswer, ModelCards } from './model-cards/model-cards.ts';
import type { CardExport, PipelineCard, PipelineCardCalls } from './model-cards/pipeline-cards.ts';
import { RequestInvalid } from '../blueprints/faults.ts';
import { findBlueprint } from '../blueprints/registry.ts';
import type { Answer, Approvals } from './executions/approvals.ts';
import type { AuditEntry, AuditFilter } from './audit/audit-log.ts';
import type { DeniedAttempt, RefusalLog, RefusedAttempt } from './audit/refusal-log.ts';
import { AuditLog } from './audit/audit-log.ts';
import type { Config } from './config/config.ts';
import type { Database } from './platform/database.ts';
import type { Dispatcher } from './workflows/dispatcher.ts';
import type { Drift } from './drift/drift.ts';
import { OrchestratorError } from './errors.ts';
import { findFollowers } from './pipelines/model-package-followers.ts';
import { onModelPackageEvent } from './pipelines/model-package-events.ts';
import type { ExecutionControl } from './executions/control.ts';
import type { ExecutionEvents } from './executions/events.ts';
import type { ExecutionFilter, Executions } from './executions/executions.ts';
import { toExecution } from './executions/executions.ts';
import type { CursorPage, CursorQuery, Page } from './platform/paging.ts';
import type { PipelineFilter } from './pipelines/pipeline-list.ts';
import { environmentsOf } from './pipelines/pipeline-environments.ts';
import type { Monitor } from './pipelines/monitors.ts';
import { monitorsOf } from './pipelines/monitors.ts';
import { countPipelines, listPipelines } from './pipelines/pipeline-list.ts';
import type { NotificationFilter, StoredNotification } from './notifications/notification-log.ts';
import { NotificationLog } from './notifications/notification-log.ts';
import type {
  DriftCheck,
  DriftCheckAnswer,
  Execution,
  ExecutionDetail,
  ExecutionEvent,
  ExecutionStatus,
  EventAnswer,
  HistoryEntry,
  Pipeline,
  PipelineOutputs,
  PipelineState,
  PipelineSummary,
  PreviewAnswer,
  ExecutionAnswer,
  Readiness,
  RequestOrigin,
  ValidationAnswer,
} from './model.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { ReadinessChecks } from './readiness.ts';
import type { JobCalls, JobsFilter, PipelineJobs } from './pipelines/jobs.ts';
import type { Pipelines } from './pipelines/pipelines.ts';
import type {
  Revision,
  RevisionCalls,
  RevisionDifference,
  RevisionQuery,
  RevisionSummary,
} from './pipelines/revisions.ts';
import type { Provisioning } from './pipelines/provisioning.ts';
import type { Removal } from './pipelines/removal.ts';
import type { DeliveryCalls, DeliveryEntry, DeliveryFilter } from './sources/delivery-log.ts';
import type { DeferredRead, DeferredReadKind, DeferredReads } from './stacks/deferred-reads.ts';
import type {
  DeployedState,
  EnvironmentResources,
  StackStates,
  StateDecision,
  StateDecisionAnswer,
} from './stacks/stack-state.ts';
import type { Previews } from './stacks/previews.ts';
import type { ReadCall } from './stacks/read-limits.ts';
import { toPipelineState } from './pipelines/status.ts';

export interface ServiceDependencies {
  config: Config;
  database: Database;
  pipelines: Pipelines;
  executions: Executions;
  events: ExecutionEvents;
  dispatcher: Dispatcher;
  approvals: Approvals;
  control: ExecutionControl;
  previews: Previews;
  deferred: DeferredReads;
  states: StackStates;
  drift: Drift;
  modelCards: ModelCards;
  revisions: RevisionCalls;
  jobs: JobCalls;
  cards: PipelineCardCalls;
  deliveries: DeliveryCalls;
  readiness: ReadinessChecks;
  refusals: RefusalLog;
  provisioning: Provisioning;
  removal: Removal;
}

/** Model card requests that are recorded in the audit log. */
const CHANGES_CARDS = new Set(['create_model_card', 'update_model_card', 'delete_model_card', 'export_model_card']);

export class OrchestratorService implements Orchestrator {
  readonly #parts: ServiceDependencies;

  constructor(parts: ServiceDependencies) {
    this.#parts = parts;
  }

  async provision(body: unknown, caller: string, origin?: RequestOrigin): Promise<ExecutionAnswer> {
    return await this.#parts.provisioning.provision(body, caller, origin);
  }

  async modelCard(body: unknown, caller: string, validateOnly: boolean): Promise<ModelCardAnswer> {
    const request = validateModelCardRequest(body);
    if (validateOnly) return { message: 'The request is valid. Nothing was changed.' };
    const answer = await this.#parts.modelCards.handle(request);
    if (CHANGES_CARDS.has(request.pipeline_type)) {
      const detail = { ...request };
      await addAuditEntry(this.#parts.database, { principal: caller, action: 'model-card', detail });
    }
    return answer;
  }

  async validate(body: unknown): Promise<ValidationAnswer> {
    return await this.#parts.provisioning.validate(body);
  }

  async preview(body: unknown, read: ReadCall): Promise<PreviewAnswer> {
    return await this.#parts.provisioning.preview(body, read);
  }

  async previewPipeline(pipelineId: string, body: unknown, read: ReadCall): Promise<PreviewAnswer> {
    return await this.#parts.provisioning.previewPipeline(pipelineId, body, read);
  }

  async status(body: unknown): Promise<PipelineState> {
    const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    // The guide's text spells the key with a capital letter, its examples do not.
    const pipelineId = given.pipeline_id ?? given.Pipeline_id;
    if (typeof pipelineId !== 'string' || pipelineId.trim() === '') {
      throw new RequestInvalid('Bad request. API body does not have the necessary parameter: pipeline_id', [
        {
          pointer: '/pipeline_id',
          message: 'is required: the pipeline_id that POST /provisionpipeline answered',
          rule: pipelineId === undefined ? 'required' : 'type',
        },
      ]);
    }
    const pipeline = await this.#parts.pipelines.get(pipelineId.trim());
    const [latest] = await this.#parts.executions.ofPipeline(pipeline.pipelineId, 1);
    if (!latest) throw new OrchestratorError('PIPELINE_NOT_FOUND', `Pipeline ${pipelineId} has no execution.`);
    return toPipelineState(pipeline, latest, this.#parts.config.http.publicUrl);
  }

  async listPipelines(filter: PipelineFilter): Promise<CursorPage<PipelineSummary>> {
    return await listPipelines(this.#parts.database, filter);
  }

  async countPipelines(): Promise<Record<string, number>> {
    return await countPipelines(this.#parts.database);
  }

  async getPipeline(pipelineId: string): Promise<Pipeline> {
    const { request, stages, ...summary } = await this.#parts.pipelines.get(pipelineId);
    const environments = await environmentsOf(this.#parts.database, [pipelineId]);
    return { ...summary, environments: environments.get(pipelineId) ?? [], request, stages };
  }

  async listExecutions(filter: ExecutionFilter): Promise<CursorPage<Execution>> {
    if (filter.pipelineId !== undefined) await this.#parts.pipelines.get(filter.pipelineId);
    return await this.#parts.executions.page(filter);
  }

  async getExecution(executionId: string): Promise<ExecutionDetail> {
    const execution = toExecution(await this.#parts.executions.get(executionId));
    return { ...execution, request: await this.#parts.pipelines.request(execution.pipelineId, execution.revision) };
  }

  async executionStatus(executionId: string): Promise<ExecutionStatus> {
    return await this.#parts.events.status(executionId);
  }

  async listRevisions(pipelineId: string, query: RevisionQuery): Promise<CursorPage<RevisionSummary>> {
    return await this.#parts.revisions.listRevisions(pipelineId, query);
  }

  async getRevision(pipelineId: string, revision: number): Promise<Revision> {
    return await this.#parts.revisions.getRevision(pipelineId, revision);
  }

  async diffRevisions(pipelineId: string, from: number, to?: number): Promise<RevisionDifference> {
    return await this.#parts.revisions.diffRevisions(pipelineId, from, to);
  }

  async listDeliveries(filter: DeliveryFilter): Promise<Page<DeliveryEntry>> {
    return await this.#parts.deliveries.listDeliveries(filter);
  }

  async redeliver(deliveryId: number, caller: string): Promise<DeliveryEntry> {
    return await this.#parts.deliveries.redeliver(deliveryId, caller);
  }

  async jobs(pipelineId: string, filter: JobsFilter): Promise<PipelineJobs> {
    return await this.#parts.jobs.jobs(pipelineId, filter);
  }

  async card(pipelineId: string): Promise<PipelineCard> {
    return await this.#parts.cards.card(pipelineId);
  }

  async saveCard(pipelineId: string, caller: string): Promise<PipelineCard> {
    return await this.#parts.cards.saveCard(pipelineId, caller);
  }

  async exportCard(pipelineId: string, format: 'pdf' | 'json', caller: string): Promise<CardExport> {
    return await this.#parts.cards.exportCard(pipelineId, format, caller);
  }

  async defer(kind: DeferredReadKind, caller: string, running: Promise<unknown>): Promise<DeferredRead> {
    return await this.#parts.deferred.defer(kind, caller, running);
  }

  async getDeferredRead(operationId: string): Promise<DeferredRead> {
    return await this.#parts.deferred.get(operationId);
  }

  async history(pipelineId: string, read: ReadCall): Promise<HistoryEntry[]> {
    const { pipelineType, revision } = await this.#parts.pipelines.get(pipelineId);
    const blueprint = findBlueprint(pipelineType);
    const environments = await this.#parts.removal.stacksOf(pipelineId, blueprint);
    const { previews } = this.#parts;
    const subject = { pipelineId, pipelineType, blueprint, revision };
    const entries = await previews.all(environments, read, (environment, signal) =>
      previews.history(subject, environment, signal),
    );
    return entries.flat().toSorted((a, b) => b.startTime.localeCompare(a.startTime));
  }

  async outputs(pipelineId: string): Promise<PipelineOutputs> {
    await this.#parts.pipelines.get(pipelineId);
    const stages = await this.#parts.pipelines.deployedStages(pipelineId);
    return {
      pipelineId,
      environments: stages.map(({ environment, stack = '', outputs = {} }) => ({ environment, stack, outputs })),
    };
  }

  async previewDestroy(pipelineId: string, read: ReadCall): Promise<PreviewAnswer> {
    return await this.#parts.removal.preview(pipelineId, read);
  }

  async destroy(pipelineId: string, caller: string, includeMonitors = false): Promise<ExecutionAnswer> {
    return await this.#refusable({ principal: caller, attempt: 'destroy', pipelineId }, () =>
      this.#parts.removal.destroy(pipelineId, caller, includeMonitors),
    );
  }

  async protect(pipelineId: string, caller: string): Promise<Pipeline> {
    await this.#parts.pipelines.protect(pipelineId, caller, true);
    return await this.getPipeline(pipelineId);
  }

  async unprotect(pipelineId: string, caller: string): Promise<Pipeline> {
    await this.#parts.pipelines.protect(pipelineId, caller, false);
    return await this.getPipeline(pipelineId);
  }

  async decide(executionId: string, environment: string, answer: Answer, caller: string): Promise<Execution> {
    const attempt = answer.decision === 'Approved' ? 'approve' : 'reject';
    const execution = await this.#refusable({ principal: caller, attempt, executionId, environment }, () =>
      this.#parts.approvals.decide(executionId, environment, answer, caller),
    );
    await this.#parts.dispatcher.dispatch(execution.pipelineId);
    return toExecution(execution);
  }

  async cancel(executionId: string, caller: string): Promise<Execution> {
    const attempt = { principal: caller, attempt: 'cancel', executionId };
    return toExecution(await this.#refusable(attempt, () => this.#parts.control.cancel(executionId, caller)));
  }

  async retry(executionId: string, caller: string): Promise<Execution> {
    const attempt = { principal: caller, attempt: 'retry', executionId };
    const execution = await this.#refusable(attempt, () => this.#parts.control.retry(executionId, caller));
    await this.#parts.dispatcher.dispatch(execution.pipelineId);
    return toExecution(execution);
  }

  async run(pipelineId: string, caller: string): Promise<ExecutionAnswer> {
    return await this.#parts.provisioning.run(pipelineId, caller);
  }

  async rollback(pipelineId: string, revision: number, caller: string): Promise<ExecutionAnswer> {
    return await this.#parts.provisioning.rollback(pipelineId, revision, caller);
  }

  async checkDrift(pipelineId: string, caller: string): Promise<DriftCheckAnswer> {
    return await this.#parts.drift.check(pipelineId, caller);
  }

  async drift(pipelineId: string): Promise<DriftCheck[]> {
    return await this.#parts.drift.newest(pipelineId);
  }

  async driftHistory(pipelineId: string, page: CursorQuery): Promise<CursorPage<DriftCheck>> {
    return await this.#parts.drift.history(pipelineId, page);
  }

  async monitors(pipelineId: string): Promise<Monitor[]> {
    const { pipelineType } = await this.#parts.pipelines.get(pipelineId);
    return await monitorsOf(this.#parts.pipelines, { pipelineId, blueprint: findBlueprint(pipelineType) });
  }

  async resources(pipelineId: string): Promise<EnvironmentResources[]> {
    return await this.#parts.states.resources(pipelineId);
  }

  async stackState(pipelineId: string, environment: EnvironmentName): Promise<DeployedState> {
    return await this.#parts.states.get(pipelineId, environment);
  }

  async decideStackState(
    pipelineId: string,
    environment: EnvironmentName,
    answer: { decision: StateDecision; comment: string },
    caller: string,
  ): Promise<StateDecisionAnswer> {
    return await this.#parts.states.decide(pipelineId, environment, answer, caller);
  }

  async reconcile(pipelineId: string, caller: string): Promise<ExecutionAnswer> {
    return await this.#parts.drift.reconcile(pipelineId, caller);
  }

  async handleEvent(event: unknown): Promise<EventAnswer> {
    return await onModelPackageEvent(event, {
      findFollowers: (group) => findFollowers(this.#parts.database, group),
      provision: (body, caller) => this.#parts.provisioning.submit(body, caller),
    });
  }

  events(executionId: string, afterSequence: number, signal: AbortSignal): AsyncIterable<ExecutionEvent> {
    return this.#parts.events.stream(executionId, afterSequence, signal);
  }

  async audit(filter: AuditFilter): Promise<Page<AuditEntry>> {
    return await new AuditLog(this.#parts.database).page(filter);
  }

  async recordDenied(attempt: DeniedAttempt): Promise<void> {
    await this.#parts.refusals.addDenied(attempt);
  }

  async notifications(filter: NotificationFilter): Promise<Page<StoredNotification>> {
    return await new NotificationLog(this.#parts.database).page(filter);
  }

  async resend(notificationId: number, caller: string): Promise<StoredNotification> {
    const { config, database } = this.#parts;
    return await new NotificationLog(database).resend(notificationId, caller, config.blueprints.notificationsTopicArn);
  }

  async readiness(): Promise<Readiness> {
    return await this.#parts.readiness.check();
  }

  /** Runs a call that may be refused, and records refusals in the audit log. */
  async #refusable<T>(attempt: RefusedAttempt, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      // A missing resource is not a denial, and neither is an unknown id: no audit entry.
      if (error instanceof OrchestratorError && [403, 409, 410].includes(error.status)) {
        await this.#parts.refusals.addRefused(attempt, error);
      }
      throw error;
    }
  }
}
