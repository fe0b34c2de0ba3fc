/** The orchestrator itself: what the HTTP API calls, made of the parts of this folder. Composed in start.ts. */
import { randomUUID } from 'node:crypto';
import { RequestInvalid } from '../blueprints/faults.ts';
import type { Blueprint } from '../blueprints/blueprint.ts';
import type { ValidRequest } from '../blueprints/request.ts';
import { validateRequest } from '../blueprints/request.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import type { Dispatcher } from './dispatcher.ts';
import { OrchestratorError } from './errors.ts';
import type { ExecutionEvents } from './execution-events.ts';
import type { Leases } from './leases.ts';
import type {
  Execution,
  ExecutionEvent,
  ExecutionStage,
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
import type { Pipelines } from './pipelines.ts';
import { toPipelineState } from './status.ts';
import type { StageSteps } from './steps.ts';
import { stackKey } from './stacks/operation.ts';
import type { OperationSucceeded, StackAction } from './stacks/operation.ts';
import type { StackRunner } from './stacks/stack-runner.ts';

export interface ServiceDependencies {
  config: Config;
  database: Database;
  pipelines: Pipelines;
  events: ExecutionEvents;
  leases: Leases;
  dispatcher: Dispatcher;
  steps: StageSteps;
  runner: StackRunner;
}

/** A caller waits for these, so they get less time than a deployment. */
const PREVIEW_TIMEOUT_SECONDS = 120;
const HISTORY_TIMEOUT_SECONDS = 60;
/** How long a preview waits for an operation on the same stack before it answers 409. */
const PREVIEW_PATIENCE_MS = 2_000;

export class OrchestratorService implements Orchestrator {
  readonly #parts: ServiceDependencies;

  constructor(parts: ServiceDependencies) {
    this.#parts = parts;
  }

  async provision(body: unknown, caller: string): Promise<ProvisionAnswer> {
    const valid = this.#valid(body);
    this.#mustBeProvisionable(valid.blueprint);
    const { pipelines, events, dispatcher } = this.#parts;
    const accepted = await pipelines.accept(valid, stagesOf('Deploy'), caller);
    const answer = { message: provisionMessage(valid, accepted.outcome), pipeline_id: accepted.pipelineId };
    if (accepted.outcome === 'unchanged') return { ...answer, ...warningsOf(valid) };
    await events.append(accepted.executionId, [
      { type: 'execution.queued', data: { kind: 'provision', requestedBy: caller } },
    ]);
    await dispatcher.dispatch(accepted.pipelineId);
    return { ...answer, execution_id: accepted.executionId, ...warningsOf(valid) };
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
    const result = await this.#inChild(
      { pipelineId: valid.pipelineId, executionId: 'preview', revision: 0, request: valid.request },
      'preview',
      PREVIEW_TIMEOUT_SECONDS,
    );
    return {
      message: 'Nothing was changed. This is what provisioning would do.',
      pipeline_id: valid.pipelineId,
      ...warningsOf(valid),
      environments: [{ environment: 'main', stack: result.stack, summary: result.summary, changes: result.changes }],
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
    const [latest] = await this.#parts.pipelines.executions(pipeline.pipelineId, 1);
    if (!latest) throw new OrchestratorError('PIPELINE_NOT_FOUND', `Pipeline ${pipelineId} has no execution.`);
    return toPipelineState(pipeline, latest);
  }

  async listPipelines(): Promise<PipelineSummary[]> {
    return await this.#parts.pipelines.list();
  }

  async getPipeline(pipelineId: string): Promise<Pipeline> {
    return await this.#parts.pipelines.get(pipelineId);
  }

  async listExecutions(pipelineId: string): Promise<Execution[]> {
    await this.#parts.pipelines.get(pipelineId);
    return await this.#parts.pipelines.executions(pipelineId);
  }

  async getExecution(executionId: string): Promise<Execution> {
    return await this.#parts.pipelines.execution(executionId);
  }

  async history(pipelineId: string): Promise<HistoryEntry[]> {
    const pipeline = await this.#parts.pipelines.get(pipelineId);
    const result = await this.#inChild(
      { pipelineId, executionId: 'history', revision: pipeline.revision },
      'history',
      HISTORY_TIMEOUT_SECONDS,
    );
    return result.history;
  }

  async outputs(pipelineId: string): Promise<PipelineOutputs> {
    await this.#parts.pipelines.get(pipelineId);
    const stages = await this.#parts.pipelines.deployedStages(pipelineId);
    return {
      pipeline_id: pipelineId,
      environments: stages.map((stage) => ({
        environment: stage.environment ?? 'main',
        stack: stage.stack ?? '',
        outputs: stage.outputs ?? {},
      })),
    };
  }

  async destroy(pipelineId: string, caller: string): Promise<ProvisionAnswer> {
    const { pipelines, events, dispatcher } = this.#parts;
    const { executionId, isNew } = await pipelines.acceptDestroy(pipelineId, stagesOf('Destroy'), caller);
    if (isNew) {
      await events.append(executionId, [{ type: 'execution.queued', data: { kind: 'destroy', requestedBy: caller } }]);
      await dispatcher.dispatch(pipelineId);
    }
    return {
      message: isNew ? 'success: stack deletion started' : `Pipeline ${pipelineId} is already being deleted.`,
      pipeline_id: pipelineId,
      execution_id: executionId,
    };
  }

  async *events(executionId: string, afterSequence: number, signal: AbortSignal): AsyncIterable<ExecutionEvent> {
    await this.#parts.pipelines.execution(executionId);
    yield* this.#parts.events.follow(executionId, afterSequence, signal);
  }

  async readiness(): Promise<Readiness> {
    const database = await this.#parts.database.query('SELECT 1').then(
      () => ({ ok: true }),
      (error: Error) => ({ ok: false, detail: error.message }),
    );
    const checks = { database, engine: { ok: true, detail: this.#parts.config.engine.kind } };
    return { ready: Object.values(checks).every((check) => check.ok), checks };
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
    if (this.#parts.config.blueprints.multiAccount && blueprint.placement === 'environments') {
      throw new OrchestratorError(
        'PIPELINE_TYPE_NOT_AVAILABLE',
        'With MULTI_ACCOUNT=Yes requests are validated (?validate_only=true), but this version cannot promote them through dev, staging and prod yet. Use MULTI_ACCOUNT=No.',
      );
    }
  }

  /** A read of the engine while the caller waits. A preview takes the stack's lease: it may have to make the stack. */
  async #inChild(
    subject: Parameters<StageSteps['operation']>[0],
    action: Extract<StackAction, 'preview' | 'history'>,
    timeoutSeconds: number,
  ): Promise<OperationSucceeded & { stack: string }> {
    const { steps, leases, runner } = this.#parts;
    const planned = await steps.operation(subject, { environment: 'main' }, action, false);
    const stack = stackKey(planned);
    // A holder that asks again is taken for one that died: each preview is a holder of its own.
    const lease =
      action === 'preview' ? await leases.acquire(stack, `preview ${randomUUID()}`, PREVIEW_PATIENCE_MS) : undefined;
    try {
      const result = await runner.run(planned, {
        timeoutSeconds,
        ...(lease ? { onStart: (child) => leases.recordChild(lease, child.pid, child.started) } : {}),
      });
      if (result.ok) return { ...result, stack };
      const { message, hint, urn, code } = result.error;
      throw new OrchestratorError(
        code === 'OPERATION_TIMED_OUT' ? 'OPERATION_TIMED_OUT' : 'OPERATION_FAILED',
        [`The ${action} failed: ${message}`, urn && `Resource: ${urn}`, hint].filter(Boolean).join(' '),
      );
    } finally {
      if (lease) await leases.release(lease);
    }
  }
}

/** The stages of an execution in one account. Its source is the request, which is stored by now. */
function stagesOf(action: 'Deploy' | 'Destroy'): ExecutionStage[] {
  const now = new Date().toISOString();
  const work: ExecutionStage = { name: action, environment: 'main', status: 'Pending' };
  return action === 'Deploy' ? [{ name: 'Source', status: 'Succeeded', started: now, ended: now }, work] : [work];
}

/** The original's own words (guide, "API operations"). */
function provisionMessage(valid: ValidRequest, outcome: 'created' | 'updated' | 'unchanged'): string {
  switch (outcome) {
    case 'created':
      return 'success: stack creation started';
    case 'updated':
      return valid.blueprint.pipelineType === 'byom_image_builder'
        ? `Pipeline ${valid.pipelineId} is being updated.`
        : `Pipeline ${valid.pipelineId} is already provisioned. Updating template parameters.`;
    case 'unchanged':
      return `Pipeline ${valid.pipelineId} is already provisioned. No updates are to be performed.`;
  }
}

function warningsOf(valid: ValidRequest): { warnings?: string[] } {
  return valid.warnings.length > 0 ? { warnings: valid.warnings } : {};
}
