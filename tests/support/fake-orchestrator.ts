/** An `Orchestrator` in memory: the API's tests decide what happens, and count what was called. */
import type { DeniedAttempt } from '../../automation/audit/refusal-log.ts';
import type { EnvironmentName } from '../../automation/config/environments.ts';
import type { StateDecision, StateDecisionAnswer } from '../../automation/stacks/stack-state.ts';
import { OrchestratorError } from '../../automation/errors.ts';
import type { ModelCardAnswer } from '../../automation/model-cards/model-cards.ts';
import type { CardExport, PipelineCard } from '../../automation/model-cards/pipeline-cards.ts';
import type { DeliveryEntry } from '../../automation/sources/delivery-log.ts';
import type {
  DriftCheckAnswer,
  EventAnswer,
  Execution,
  ExecutionStatus,
  Pipeline,
  ExecutionAnswer,
  StageError,
  ValidationAnswer,
} from '../../automation/model.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { DeferredRead, DeferredReadKind } from '../../automation/stacks/deferred-reads.ts';
import { CARD, CREATED, DELIVERY, driftCheckOf, pipelineIdOf } from './fake-answers.ts';
import { FakeQueries } from './fake-queries.ts';

export class FakeOrchestrator extends FakeQueries implements Orchestrator {
  readonly #operations = new Map<string, DeferredRead>();

  async provision(body: unknown, caller: string): Promise<ExecutionAnswer> {
    await this.called('provision', body, caller);
    const pipelineId = pipelineIdOf(body);
    const executionId = this.store.start(pipelineId, 'provision', caller, body as Record<string, unknown>);
    return { message: 'success: stack creation started', pipelineId, executionId };
  }

  async modelCard(body: unknown, caller: string, validateOnly: boolean): Promise<ModelCardAnswer> {
    await this.called('modelCard', body, caller, validateOnly);
    return { message: 'Model card with the name: my-card has been deleted' };
  }

  async validate(body: unknown): Promise<ValidationAnswer> {
    await this.called('validate', body);
    const pipelineId = pipelineIdOf(body);
    const request = body as Record<string, unknown>;
    return {
      message: 'the request is valid',
      pipelineId,
      pipelineType: String(request.pipeline_type),
      request,
      warnings: ['a warning'],
    };
  }

  async redeliver(deliveryId: number, caller: string): Promise<DeliveryEntry> {
    await this.called('redeliver', deliveryId, caller);
    if (deliveryId !== DELIVERY.id) throw new OrchestratorError('DELIVERY_NOT_FOUND', `There is no ${deliveryId}.`);
    return { ...DELIVERY, status: 'Pending' };
  }

  async saveCard(pipelineId: string, caller: string): Promise<PipelineCard> {
    await this.called('saveCard', pipelineId, caller);
    return { ...CARD, pipelineId: this.store.pipeline(pipelineId).pipelineId };
  }

  async exportCard(pipelineId: string, format: 'pdf' | 'json', caller: string): Promise<CardExport> {
    await this.called('exportCard', pipelineId, format, caller);
    const { name } = CARD;
    return { pipelineId, name, message: 'is being exported', location: 's3://assets/x.pdf', exportJobArn: 'arn' };
  }

  async defer(kind: DeferredReadKind, caller: string, running: Promise<unknown>): Promise<DeferredRead> {
    await this.called('defer', kind, caller);
    const operationId = '7a1c3f00-0000-4000-8000-000000000001';
    const operation: DeferredRead = { operationId, kind, requestedBy: caller, status: 'InProgress', created: CREATED };
    this.#operations.set(operationId, operation);
    running.then(
      (result) => this.#operations.set(operationId, { ...operation, status: 'Succeeded', ended: CREATED, result }),
      (error: OrchestratorError) =>
        this.#operations.set(operationId, {
          ...operation,
          status: 'Failed',
          ended: CREATED,
          error: { code: error.code, message: error.message },
        }),
    );
    return operation;
  }

  async getDeferredRead(operationId: string): Promise<DeferredRead> {
    await this.called('getDeferredRead', operationId);
    const operation = this.#operations.get(operationId);
    if (!operation) throw new OrchestratorError('OPERATION_NOT_FOUND', `There is no operation ${operationId}.`);
    return operation;
  }

  async destroy(pipelineId: string, caller: string, includeMonitors?: boolean): Promise<ExecutionAnswer> {
    await this.called('destroy', pipelineId, caller, includeMonitors);
    const { pipelineId: id, request } = this.store.pipeline(pipelineId);
    return {
      message: 'success: stack deletion started',
      pipelineId: id,
      executionId: this.store.start(id, 'destroy', caller, request),
    };
  }

  async protect(pipelineId: string, caller: string): Promise<Pipeline> {
    await this.called('protect', pipelineId, caller);
    return { ...(await this.getPipeline(pipelineId)), protectedBy: caller };
  }

  async unprotect(pipelineId: string, caller: string): Promise<Pipeline> {
    await this.called('unprotect', pipelineId, caller);
    return await this.getPipeline(pipelineId);
  }

  async decide(executionId: string, environment: string, answer: object, caller: string): Promise<Execution> {
    await this.called('decide', executionId, environment, answer, caller);
    return this.store.execution(executionId);
  }

  async cancel(executionId: string, caller: string): Promise<Execution> {
    await this.called('cancel', executionId, caller);
    return this.store.execution(executionId);
  }

  async retry(executionId: string, caller: string): Promise<Execution> {
    await this.called('retry', executionId, caller);
    return this.store.execution(executionId);
  }

  async run(pipelineId: string, caller: string): Promise<ExecutionAnswer> {
    await this.called('run', pipelineId, caller);
    const { pipelineId: id, request } = this.store.pipeline(pipelineId);
    return { message: 'runs again', pipelineId: id, executionId: this.store.start(id, 'run', caller, request) };
  }

  async rollback(pipelineId: string, revision: number, caller: string): Promise<ExecutionAnswer> {
    await this.called('rollback', pipelineId, revision, caller);
    const { pipelineId: id, request } = this.store.pipeline(pipelineId);
    return { message: 'rolled back', pipelineId: id, executionId: this.store.start(id, 'rollback', caller, request) };
  }

  async checkDrift(pipelineId: string, caller: string): Promise<DriftCheckAnswer> {
    await this.called('checkDrift', pipelineId, caller);
    const { pipelineId: id } = this.store.pipeline(pipelineId);
    const checks = [{ checkId: driftCheckOf(id).checkId, environment: 'main' as const }];
    return { message: 'Drift check of 1 environment started.', pipelineId: id, checks };
  }

  async decideStackState(
    pipelineId: string,
    environment: EnvironmentName,
    answer: { decision: StateDecision; comment: string },
    caller: string,
  ): Promise<StateDecisionAnswer> {
    await this.called('decideStackState', pipelineId, environment, answer, caller);
    const { pipelineId: id } = this.store.pipeline(pipelineId);
    return { message: 'adopted', pipelineId: id, environment, stack: `project/${id}.main` };
  }

  async handleEvent(event: unknown): Promise<EventAnswer> {
    await this.called('handleEvent', event);
    return { message: 'No action is required.', started: [], ignored: [], failed: [] };
  }

  async reconcile(pipelineId: string, caller: string): Promise<ExecutionAnswer> {
    await this.called('reconcile', pipelineId, caller);
    const { pipelineId: id, request } = this.store.pipeline(pipelineId);
    return {
      message: 'waits for approval',
      pipelineId: id,
      executionId: this.store.start(id, 'reconcile', caller, request),
    };
  }

  happen(executionId: string, type: string, data: Record<string, unknown> = {}): void {
    this.store.happen(executionId, type, data);
  }

  finish(executionId: string, status: ExecutionStatus = 'Succeeded', error?: StageError): void {
    this.store.finish(executionId, status, error);
  }

  /** Wakes those who follow an execution, so that a failure set for `events` reaches them. */
  wake(executionId: string): void {
    this.store.happen(executionId, 'diagnostic');
  }

  async recordDenied(attempt: DeniedAttempt): Promise<void> {
    await this.called('recordDenied', attempt);
  }
}
