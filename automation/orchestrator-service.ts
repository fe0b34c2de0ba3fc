/** The orchestrator itself: what the HTTP API calls, made of the parts of this folder. Composed in start.ts. */
import { validateModelCardRequest } from '../blueprints/model-cards/request.ts';
import { addAuditEntry } from './audit/record.ts';
import type { ModelCardAnswer, ModelCards } from './model-cards/model-cards.ts';
import { STAGES } from '../blueprints/blueprint.ts';
import type { Blueprint } from '../blueprints/blueprint.ts';
import { RequestInvalid } from '../blueprints/faults.ts';
import { findBlueprint } from '../blueprints/registry.ts';
import type { ValidRequest } from '../blueprints/request/request.ts';
import { validateRequest } from '../blueprints/request/request.ts';
import type { Answer, Approvals } from './executions/approvals.ts';
import type { AuditEntry, AuditFilter, DeniedAttempt } from './audit/audit-log.ts';
import { AuditLog } from './audit/audit-log.ts';
import type { Cloud } from './aws/cloud.ts';
import type { EngineInUse } from './engine/installed-engine.ts';
import type { Config } from './config/config.ts';
import type { Database } from './platform/database.ts';
import type { Dispatcher } from './workflows/dispatcher.ts';
import type { Drift } from './drift/drift.ts';
import type { EnvironmentName } from './config/environments.ts';
import { OrchestratorError } from './errors.ts';
import { findFollowers } from './pipelines/model-package-followers.ts';
import { onModelPackageEvent } from './pipelines/model-package-events.ts';
import type { ExecutionControl } from './executions/control.ts';
import type { ExecutionEvents } from './executions/events.ts';
import type { Executions } from './executions/executions.ts';
import { toExecution } from './executions/executions.ts';
import { monitorsOf } from './pipelines/monitors.ts';
import type { Page } from './platform/paging.ts';
import type { NotificationFilter, StoredNotification } from './notifications/notification-log.ts';
import { NotificationLog } from './notifications/notification-log.ts';
import type {
  DriftCheck,
  DriftCheckAnswer,
  Execution,
  ExecutionEvent,
  EventAnswer,
  HistoryEntry,
  Orchestrator,
  Pipeline,
  PipelineOutputs,
  PipelineState,
  PipelineSummary,
  PreviewAnswer,
  ProvisionAnswer,
  Readiness,
  ValidationAnswer,
} from './orchestrator.ts';
import { assertPackageUsable } from './pipelines/model-package-approval.ts';
import type { Accepted, Pipelines } from './pipelines/pipelines.ts';
import type { Previews } from './stacks/previews.ts';
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
  drift: Drift;
  cloud: Cloud;
  modelCards: ModelCards;
  engine: EngineInUse;
}

/** Requests for model cards that go into the audit log. */
const CHANGES_CARDS = new Set(['create_model_card', 'update_model_card', 'delete_model_card', 'export_model_card']);

export class OrchestratorService implements Orchestrator {
  readonly #parts: ServiceDependencies;

  constructor(parts: ServiceDependencies) {
    this.#parts = parts;
  }

  async provision(body: unknown, caller: string): Promise<ProvisionAnswer> {
    const valid = this.#valid(body);
    this.#mustBeProvisionable(valid.blueprint);
    await this.#mustBeUsable(valid);
    const accepted = await this.#parts.pipelines.accept(valid, this.#environmentsOf(valid.blueprint), caller);
    const answer = await this.#dispatched(accepted, provisionMessage(valid, accepted.outcome));
    return { ...answer, ...warningsOf(valid) };
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
    const valid = this.#valid(body);
    return {
      message: 'The request is valid. Nothing was provisioned.',
      pipeline_id: valid.pipelineId,
      pipeline_type: valid.blueprint.pipelineType,
      request: valid.request,
      ...warningsOf(valid),
    };
  }

  async preview(body: unknown): Promise<PreviewAnswer> {
    const valid = this.#valid(body);
    this.#mustBeProvisionable(valid.blueprint);
    const { pipelineId, request, blueprint } = valid;
    const subject = { pipelineId, pipelineType: blueprint.pipelineType, revision: 0, request };
    const environments = await Promise.all(
      this.#environmentsOf(blueprint).map((environment) => this.#parts.previews.preview(subject, environment)),
    );
    return {
      message: 'Nothing was changed. This is what provisioning would do.',
      pipeline_id: pipelineId,
      ...warningsOf(valid),
      environments,
    };
  }

  async previewPipeline(pipelineId: string, body: unknown): Promise<PreviewAnswer> {
    const pipeline = await this.#parts.pipelines.get(pipelineId);
    if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
      throw new RequestInvalid('Bad request. The body must be an object with the keys to change.', [
        { pointer: '', message: 'must be an object with the keys to change, or be left out', rule: 'type' },
      ]);
    }
    const answer = await this.preview({ ...pipeline.request, ...body });
    if (answer.pipeline_id !== pipelineId) {
      throw new RequestInvalid('Bad request. The body names another pipeline.', [
        {
          pointer: '/model_name',
          message: `the changed keys would make this pipeline ${answer.pipeline_id}; preview that with POST /provisionpipeline?preview=true`,
          rule: 'conflict',
        },
      ]);
    }
    return answer;
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

  async listPipelines(): Promise<PipelineSummary[]> {
    return await this.#parts.pipelines.list();
  }

  async getPipeline(pipelineId: string): Promise<Pipeline> {
    return await this.#parts.pipelines.get(pipelineId);
  }

  async listExecutions(pipelineId: string): Promise<Execution[]> {
    await this.#parts.pipelines.get(pipelineId);
    return (await this.#parts.executions.ofPipeline(pipelineId)).map(toExecution);
  }

  async getExecution(executionId: string): Promise<Execution> {
    return toExecution(await this.#parts.executions.get(executionId));
  }

  async history(pipelineId: string): Promise<HistoryEntry[]> {
    const { pipelineType, revision } = await this.#parts.pipelines.get(pipelineId);
    const environments = await this.#stacksOf(pipelineId, pipelineType);
    const entries = await Promise.all(
      environments.map((one) => this.#parts.previews.history({ pipelineId, pipelineType, revision }, one)),
    );
    return entries.flat().toSorted((a, b) => b.startTime.localeCompare(a.startTime));
  }

  async outputs(pipelineId: string): Promise<PipelineOutputs> {
    await this.#parts.pipelines.get(pipelineId);
    const stages = await this.#parts.pipelines.deployedStages(pipelineId);
    return {
      pipeline_id: pipelineId,
      environments: stages.map(({ environment, stack = '', outputs = {} }) => ({ environment, stack, outputs })),
    };
  }

  async destroy(pipelineId: string, caller: string, includeMonitors = false): Promise<ProvisionAnswer> {
    const { pipelines, dispatcher } = this.#parts;
    const { pipelineType } = await pipelines.get(pipelineId);
    const monitors = await monitorsOf(pipelines, pipelineId);
    if (monitors.length > 0 && !includeMonitors) {
      throw new OrchestratorError(
        'ENDPOINT_MONITORED',
        `The endpoint of ${pipelineId} is watched by ${monitors.join(', ')}. Delete those first, or all together with DELETE /pipelines/${pipelineId}?include=monitors.`,
        { data: { monitors } },
      );
    }
    const waitsFor = await Promise.all(
      monitors.map(async (monitor) => (await this.destroy(monitor, caller)).execution_id),
    );
    const { executionId, isNew } = await pipelines.acceptDestroy(
      pipelineId,
      await this.#stacksOf(pipelineId, pipelineType),
      caller,
      waitsFor.filter((id) => id !== undefined),
    );
    await dispatcher.dispatch(pipelineId);
    return {
      message: isNew ? 'success: stack deletion started' : `Pipeline ${pipelineId} is already being deleted.`,
      pipeline_id: pipelineId,
      execution_id: executionId,
    };
  }

  async decide(executionId: string, environment: string, answer: Answer, caller: string): Promise<Execution> {
    const execution = await this.#parts.approvals.decide(executionId, environment, answer, caller);
    await this.#parts.dispatcher.dispatch(execution.pipelineId);
    return toExecution(execution);
  }

  async cancel(executionId: string, caller: string): Promise<Execution> {
    return toExecution(await this.#parts.control.cancel(executionId, caller));
  }

  async retry(executionId: string, caller: string): Promise<Execution> {
    const execution = await this.#parts.control.retry(executionId, caller);
    await this.#parts.dispatcher.dispatch(execution.pipelineId);
    return toExecution(execution);
  }

  async rollback(pipelineId: string, revision: number, caller: string): Promise<ProvisionAnswer> {
    const { pipelines } = this.#parts;
    const blueprint = findBlueprint((await pipelines.get(pipelineId)).pipelineType);
    if (!blueprint) throw unavailable(pipelineId);
    const accepted = await pipelines.acceptRollback(pipelineId, revision, this.#environmentsOf(blueprint), caller);
    return await this.#dispatched(
      accepted,
      accepted.outcome === 'unchanged'
        ? `Revision ${revision} of pipeline ${pipelineId} is deployed, or on its way. Nothing is to be done.`
        : `Pipeline ${pipelineId} is being rolled back to revision ${revision}.`,
    );
  }

  async checkDrift(pipelineId: string, caller: string): Promise<DriftCheckAnswer> {
    return await this.#parts.drift.check(pipelineId, caller);
  }

  async drift(pipelineId: string): Promise<DriftCheck[]> {
    return await this.#parts.drift.newest(pipelineId);
  }

  async driftHistory(pipelineId: string): Promise<DriftCheck[]> {
    return await this.#parts.drift.history(pipelineId);
  }

  async reconcile(pipelineId: string, caller: string): Promise<ProvisionAnswer> {
    return await this.#parts.drift.reconcile(pipelineId, caller);
  }

  async handleEvent(event: unknown): Promise<EventAnswer> {
    return await onModelPackageEvent(event, {
      findFollowers: (group) => findFollowers(this.#parts.database, group),
      provision: (body, caller) => this.provision(body, caller),
    });
  }

  async *events(executionId: string, afterSequence: number, signal: AbortSignal): AsyncIterable<ExecutionEvent> {
    await this.#parts.executions.get(executionId);
    yield* this.#parts.events.follow(executionId, afterSequence, signal);
  }

  async audit(filter: AuditFilter): Promise<Page<AuditEntry>> {
    return await new AuditLog(this.#parts.database).page(filter);
  }

  async recordDenied(attempt: DeniedAttempt): Promise<void> {
    await new AuditLog(this.#parts.database).addDenied(attempt);
  }

  async notifications(filter: NotificationFilter): Promise<Page<StoredNotification>> {
    return await new NotificationLog(this.#parts.database).page(filter);
  }

  async readiness(): Promise<Readiness> {
    const database = await this.#parts.database.query('SELECT 1').then(
      () => ({ ok: true }),
      (error: Error) => ({ ok: false, detail: error.message }),
    );
    const checks = { database, engine: await this.#parts.engine.state() };
    return { ready: Object.values(checks).every((check) => check.ok), checks };
  }

  async #dispatched(accepted: Accepted, message: string): Promise<ProvisionAnswer> {
    const { pipelineId } = accepted;
    if (accepted.outcome === 'unchanged') return { message, pipeline_id: pipelineId };
    await this.#parts.dispatcher.dispatch(pipelineId);
    return { message, pipeline_id: pipelineId, execution_id: accepted.executionId };
  }

  #valid(body: unknown): ValidRequest {
    return validateRequest(body, this.#parts.config.blueprints);
  }

  #mustBeProvisionable(blueprint: Blueprint): void {
    if (!blueprint.loadProgram) {
      throw new OrchestratorError(
        'PIPELINE_TYPE_NOT_AVAILABLE',
        `Requests of type ${blueprint.pipelineType} are validated (?validate_only=true), but this version cannot provision them yet. GET /pipeline-types shows which types can be.`,
      );
    }
  }

  /** Asked where the deployment begins. @throws RequestInvalid for a model package that may not be deployed */
  async #mustBeUsable({ blueprint, request }: ValidRequest): Promise<void> {
    const { cloud, config } = this.#parts;
    const [first = 'main'] = this.#environmentsOf(blueprint);
    const environment = config.environments[first];
    if (environment) await assertPackageUsable(cloud, environment, request, config.blueprints);
  }

  /** Where a new deployment goes to, in the order of promotion. */
  #environmentsOf({ placement }: Blueprint): readonly EnvironmentName[] {
    return placement === 'environments' && this.#parts.config.blueprints.multiAccount ? STAGES : ['main'];
  }

  /** Where there may be stacks: wherever a deployment was ever begun, and wherever one would go to. */
  async #stacksOf(pipelineId: string, pipelineType: string): Promise<readonly EnvironmentName[]> {
    const touched = await this.#parts.pipelines.touchedEnvironments(pipelineId);
    const blueprint = findBlueprint(pipelineType);
    const environments = new Set([...touched, ...(blueprint ? this.#environmentsOf(blueprint) : [])]);
    return environments.size > 0 ? [...environments] : ['main'];
  }
}

function unavailable(pipelineId: string): OrchestratorError {
  return new OrchestratorError(
    'PIPELINE_TYPE_NOT_AVAILABLE',
    `The blueprint of pipeline ${pipelineId} is not configured any more: the pipeline can be deleted, but not deployed.`,
  );
}

/** The original's own words (guide, "API operations"). */
function provisionMessage(valid: ValidRequest, outcome: 'created' | 'updated' | 'unchanged'): string {
  switch (outcome) {
    case 'created':
      return 'success: stack creation started';
    case 'updated':
      return (
        valid.blueprint.updateMessage?.(valid.pipelineId) ??
        `Pipeline ${valid.pipelineId} is already provisioned. Updating template parameters.`
      );
    case 'unchanged':
      return `Pipeline ${valid.pipelineId} is already provisioned. No updates are to be performed.`;
  }
}

function warningsOf(valid: ValidRequest): { warnings?: string[] } {
  return valid.warnings.length > 0 ? { warnings: valid.warnings } : {};
}
