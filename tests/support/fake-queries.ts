/** What the `FakeOrchestrator` answers to those who read: from its store, in memory. */
import type { AuditEntry, AuditFilter } from '../../automation/audit/audit-log.ts';
import type { EnvironmentName } from '../../automation/config/environments.ts';
import type { DeployedState, EnvironmentResources } from '../../automation/stacks/stack-state.ts';
import type { PipelineCard } from '../../automation/model-cards/pipeline-cards.ts';
import type { CursorPage, CursorQuery, Page } from '../../automation/platform/paging.ts';
import type { ExecutionFilter } from '../../automation/executions/executions.ts';
import type {
  Revision,
  RevisionDifference,
  RevisionQuery,
  RevisionSummary,
} from '../../automation/pipelines/revisions.ts';
import type { DeliveryEntry, DeliveryFilter } from '../../automation/sources/delivery-log.ts';
import type { JobsFilter, PipelineJobs } from '../../automation/pipelines/jobs.ts';
import type { Monitor } from '../../automation/pipelines/monitors.ts';
import type { PipelineFilter } from '../../automation/pipelines/pipeline-list.ts';
import { OrchestratorError } from '../../automation/errors.ts';
import type { NotificationFilter, StoredNotification } from '../../automation/notifications/notification-log.ts';
import type {
  DriftCheck,
  Execution,
  ExecutionDetail,
  ExecutionStatus,
  ExecutionEvent,
  HistoryEntry,
  Pipeline,
  PipelineOutputs,
  PipelineState,
  PipelineSummary,
  PreviewAnswer,
  Readiness,
} from '../../automation/model.ts';
import type { ReadCall } from '../../automation/stacks/read-limits.ts';
import { RequestInvalid } from '../../blueprints/faults.ts';
import {
  CARD,
  CREATED,
  DELIVERY,
  cursorPageOf,
  driftCheckOf,
  jobsOf,
  pageOf,
  pipelineIdOf,
  previewOf,
  revisionOf,
} from './fake-answers.ts';
import { FakeStore } from './fake-store.ts';
import { RecordedCalls } from './recorded-calls.ts';

export class FakeQueries extends RecordedCalls {
  /** Answered by `readiness`. */
  ready: Readiness = { ready: true, checks: { database: { ok: true } } };
  /** Iterations of `events` that somebody still listens to. */
  listeners = 0;

  /** Who waited for previews and histories. */
  readonly reads: ReadCall[] = [];

  /** What was provisioned, and the events of its executions. */
  readonly store = new FakeStore();

  /** Answered by `audit`, and `notifications`, page by page: newest first, as they have to be. */
  readonly auditEntries: AuditEntry[] = [];
  readonly notificationEntries: StoredNotification[] = [];

  async preview(body: unknown, read: ReadCall): Promise<PreviewAnswer> {
    this.reads.push(read);
    await this.called('preview', body);
    return previewOf(pipelineIdOf(body));
  }

  async previewPipeline(pipelineId: string, body: unknown, read: ReadCall): Promise<PreviewAnswer> {
    this.reads.push(read);
    await this.called('previewPipeline', pipelineId, body);
    return previewOf(this.store.pipeline(pipelineId).pipelineId);
  }

  async status(body: unknown): Promise<PipelineState> {
    await this.called('status', body);
    const { pipeline_id: id } = (body ?? {}) as { pipeline_id?: unknown };
    if (typeof id !== 'string') {
      const message = 'Bad request. API body does not have the necessary parameter: pipeline_id';
      throw new RequestInvalid(message, [{ pointer: '/pipeline_id', message, rule: 'required' }], {
        pipeline_id: 'mlops-pipeline-m-byompipelinerealtimebuiltin',
      });
    }
    const { pipelineId, revision, created, updated } = this.store.pipeline(id);
    return {
      pipelineName: pipelineId,
      pipelineVersion: revision,
      stageStates: [{ stageName: 'Source' }],
      created,
      updated,
    };
  }

  async listPipelines(filter: PipelineFilter): Promise<CursorPage<PipelineSummary>> {
    await this.called('listPipelines', filter);
    const all = [...this.store.pipelines()].map(({ request: _request, stages: _stages, ...summary }) => summary);
    return cursorPageOf(all, filter, ({ pipelineId }) => pipelineId);
  }

  async countPipelines(): Promise<Record<string, number>> {
    await this.called('countPipelines');
    const byStatus = Map.groupBy(this.store.pipelines(), ({ status }) => status);
    return Object.fromEntries([...byStatus].map(([status, ofStatus]) => [status, ofStatus.length]));
  }

  async getPipeline(pipelineId: string): Promise<Pipeline> {
    await this.called('getPipeline', pipelineId);
    return this.store.pipeline(pipelineId);
  }

  async listExecutions(filter: ExecutionFilter): Promise<CursorPage<Execution>> {
    await this.called('listExecutions', filter);
    const { pipelineId, status } = filter;
    if (pipelineId) this.store.pipeline(pipelineId);
    const all = [...this.store.executions()].filter(
      (execution) => (!pipelineId || execution.pipelineId === pipelineId) && (!status || execution.status === status),
    );
    return cursorPageOf(all, filter, ({ executionId }) => executionId);
  }

  async listRevisions(pipelineId: string, query: RevisionQuery): Promise<CursorPage<RevisionSummary>> {
    await this.called('listRevisions', pipelineId, query);
    const { revision } = this.store.pipeline(pipelineId);
    return { entries: [revisionOf(pipelineId, revision)] };
  }

  async getRevision(pipelineId: string, revision: number): Promise<Revision> {
    await this.called('getRevision', pipelineId, revision);
    const { request } = this.store.pipeline(pipelineId);
    return { ...revisionOf(pipelineId, revision), request: request as Revision['request'] };
  }

  async diffRevisions(pipelineId: string, from: number, to = 2): Promise<RevisionDifference> {
    await this.called('diffRevisions', pipelineId, from, to);
    this.store.pipeline(pipelineId);
    return { pipelineId, from, to, differences: [{ property: 'inference_instance', after: 'ml.m5.large' }] };
  }

  async listDeliveries(filter: DeliveryFilter): Promise<Page<DeliveryEntry>> {
    await this.called('listDeliveries', filter);
    return pageOf([DELIVERY], filter);
  }

  async jobs(pipelineId: string, filter: JobsFilter): Promise<PipelineJobs> {
    await this.called('jobs', pipelineId, filter);
    return jobsOf(this.store.pipeline(pipelineId).pipelineId);
  }

  async card(pipelineId: string): Promise<PipelineCard> {
    await this.called('card', pipelineId);
    return { ...CARD, pipelineId: this.store.pipeline(pipelineId).pipelineId };
  }

  async getExecution(executionId: string): Promise<ExecutionDetail> {
    await this.called('getExecution', executionId);
    const execution = this.store.execution(executionId);
    return { ...execution, request: this.store.pipeline(execution.pipelineId).request };
  }

  async executionStatus(executionId: string): Promise<ExecutionStatus> {
    await this.called('executionStatus', executionId);
    return this.store.execution(executionId).status;
  }

  async history(pipelineId: string, read: ReadCall): Promise<HistoryEntry[]> {
    this.reads.push(read);
    await this.called('history', pipelineId);
    return [
      {
        environment: 'main',
        stack: `byom-realtime-builtin/${this.store.pipeline(pipelineId).pipelineId}.main`,
        version: 1,
        kind: 'update',
        startTime: CREATED,
        endTime: CREATED,
        result: 'succeeded',
        message: '',
        resourceChanges: { create: 9 },
        config: { 'aws:region': { value: 'us-east-1', secret: false }, 'app:token': { secret: true } },
      },
    ];
  }

  async outputs(pipelineId: string): Promise<PipelineOutputs> {
    await this.called('outputs', pipelineId);
    const { pipelineId: id } = this.store.pipeline(pipelineId);
    return {
      pipelineId: id,
      environments: [
        { environment: 'main', stack: `byom-realtime-builtin/${id}.main`, outputs: { endpointName: 'e' } },
      ],
    };
  }

  async previewDestroy(pipelineId: string, read: ReadCall): Promise<PreviewAnswer> {
    this.reads.push(read);
    await this.called('previewDestroy', pipelineId);
    const { pipelineId: id } = this.store.pipeline(pipelineId);
    return { message: 'Nothing was changed.', pipelineId: id, environments: [] };
  }

  async monitors(pipelineId: string): Promise<Monitor[]> {
    await this.called('monitors', pipelineId);
    this.store.pipeline(pipelineId);
    return [];
  }

  async resources(pipelineId: string): Promise<EnvironmentResources[]> {
    await this.called('resources', pipelineId);
    const { pipelineId: id } = this.store.pipeline(pipelineId);
    return [{ environment: 'main', stack: `project/${id}.main`, resources: [] }];
  }

  async stackState(pipelineId: string, environment: EnvironmentName): Promise<DeployedState> {
    await this.called('stackState', pipelineId, environment);
    const { pipelineId: id } = this.store.pipeline(pipelineId);
    return { pipelineId: id, environment, stack: `project/${id}.main`, stateTime: CREATED, import: { resources: [] } };
  }

  async drift(pipelineId: string): Promise<DriftCheck[]> {
    await this.called('drift', pipelineId);
    return [driftCheckOf(this.store.pipeline(pipelineId).pipelineId)];
  }

  async driftHistory(pipelineId: string, page: CursorQuery): Promise<CursorPage<DriftCheck>> {
    await this.called('driftHistory', pipelineId, page);
    return { entries: [driftCheckOf(this.store.pipeline(pipelineId).pipelineId)] };
  }

  async *events(executionId: string, afterSequence: number, signal: AbortSignal): AsyncGenerator<ExecutionEvent> {
    await this.called('events', executionId, afterSequence);
    this.listeners++;
    try {
      for await (const event of this.store.events(executionId, afterSequence, signal)) {
        this.fail('events');
        yield event;
      }
    } finally {
      this.listeners--;
    }
  }

  async audit(filter: AuditFilter): Promise<Page<AuditEntry>> {
    await this.called('audit', filter);
    return pageOf(this.auditEntries, filter);
  }

  async notifications(filter: NotificationFilter): Promise<Page<StoredNotification>> {
    await this.called('notifications', filter);
    return pageOf(this.notificationEntries, filter);
  }

  async resend(notificationId: number, caller: string): Promise<StoredNotification> {
    await this.called('resend', notificationId, caller);
    const found = this.notificationEntries.find(({ id }) => id === notificationId);
    if (!found) throw new OrchestratorError('NOTIFICATION_NOT_FOUND', `There is no ${notificationId}.`);
    return { ...found, delivery: 'pending' };
  }

  async readiness(): Promise<Readiness> {
    await this.called('readiness');
    return this.ready;
  }
}
