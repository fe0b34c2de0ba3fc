/** What the `FakeOrchestrator` keeps: pipelines, executions and their events, in memory. */
import { EventEmitter, once } from 'node:events';
import { OrchestratorError } from '../../automation/errors.ts';
import type { Execution, ExecutionEvent, ExecutionStatus, Pipeline, StageError } from '../../automation/model.ts';
import { CREATED } from './fake-answers.ts';

interface Log {
  events: ExecutionEvent[];
  ended: boolean;
  readonly changed: EventEmitter;
}

export class FakeStore {
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #executions = new Map<string, Execution>();
  readonly #logs = new Map<string, Log>();

  /** An execution that has only just been queued, of a pipeline that is made with it or has one revision more. */
  start(pipelineId: string, kind: Execution['kind'], requestedBy: string, request: Record<string, unknown>): string {
    const executionId = `execution-${this.#executions.size + 1}`;
    const revision = (this.#pipelines.get(pipelineId)?.revision ?? 0) + 1;
    const stages: Execution['stages'] = [
      { name: 'Deploy', kind: 'deploy', environment: 'main', status: 'InProgress', started: CREATED },
    ];
    const common = { pipelineId, revision, status: 'InProgress' as const, created: CREATED, updated: CREATED, stages };
    const { pipeline_type: pipelineType, model_name: modelName } = request as Record<string, string>;
    this.#executions.set(executionId, { ...common, executionId, pipelineType: pipelineType!, kind, requestedBy });
    this.#pipelines.set(pipelineId, {
      ...common,
      pipelineType: pipelineType!,
      modelName: modelName!,
      latestExecutionId: executionId,
      environments: [{ environment: 'main', lastStage: 'InProgress' }],
      request,
    });
    // Any number of streams may follow one execution.
    const changed = new EventEmitter().setMaxListeners(0);
    this.#logs.set(executionId, { events: [], ended: false, changed });
    this.happen(executionId, 'execution.queued');
    return executionId;
  }

  /** Adds an event to an execution; those who follow it see it at once. */
  happen(executionId: string, type: string, data: Record<string, unknown> = {}): void {
    const log = this.#logOf(executionId);
    log.events.push({ sequence: log.events.length + 1, at: CREATED, type, stage: 'Deploy', environment: 'main', data });
    log.changed.emit('change');
  }

  /**
   * Ends an execution, and with it the iterations of its events.
   * @param error of its first stage; default: none
   */
  finish(executionId: string, status: ExecutionStatus, error?: StageError): void {
    this.happen(executionId, `execution.${status.toLowerCase()}`);
    const execution = this.execution(executionId);
    execution.status = status;
    if (error && execution.stages[0]) execution.stages[0].error = error;
    const log = this.#logOf(executionId);
    log.ended = true;
    log.changed.emit('change');
  }

  /** Those that there are, then each new one, until the execution has ended. */
  async *events(executionId: string, afterSequence: number, signal: AbortSignal): AsyncGenerator<ExecutionEvent> {
    const log = this.#logOf(executionId);
    for (let next = afterSequence; ; next++) {
      while (next >= log.events.length) {
        if (log.ended || signal.aborted) return;
        await once(log.changed, 'change', { signal }).catch(() => undefined);
      }
      yield log.events[next]!;
    }
  }

  pipelines(): Pipeline[] {
    return [...this.#pipelines.values()];
  }

  executions(): Execution[] {
    return [...this.#executions.values()];
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  pipeline(id: string): Pipeline {
    const pipeline = this.#pipelines.get(id);
    if (!pipeline) throw new OrchestratorError('PIPELINE_NOT_FOUND', `There is no pipeline "${id}".`);
    return pipeline;
  }

  /** @throws OrchestratorError `EXECUTION_NOT_FOUND` */
  execution(id: string): Execution {
    const execution = this.#executions.get(id);
    if (!execution) throw new OrchestratorError('EXECUTION_NOT_FOUND', `There is no execution "${id}".`);
    return execution;
  }

  #logOf(executionId: string): Log {
    this.execution(executionId);
    return this.#logs.get(executionId)!;
  }
}
