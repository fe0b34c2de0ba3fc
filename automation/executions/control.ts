/** What people may do with an execution beside deciding on it: cancel it, or have it go on after a failure. */
import type { Clock } from '../platform/clock.ts';
import { OrchestratorError } from '../errors.ts';
import type { Executions, StoredExecution, Turn } from './executions.ts';
import { hasEnded } from './status.ts';
import type { ExecutionStage } from '../orchestrator.ts';
import { CANCELLED } from '../stacks/operation.ts';
import { cancelledTurn } from './transitions.ts';

export class ExecutionControl {
  readonly #executions: Executions;
  readonly #clock: Clock;

  constructor(executions: Executions, clock: Clock) {
    this.#executions = executions;
    this.#clock = clock;
  }

  /**
   * Ends an execution: at once where nothing of it runs, else as soon as the engine has stopped. Asked again while it is
   * being stopped, changes nothing.
   * @throws OrchestratorError `EXECUTION_ENDED`
   */
  async cancel(executionId: string, caller: string): Promise<StoredExecution> {
    return await this.#executions.turn(executionId, (execution) => {
      if (hasEnded(execution)) {
        throw new OrchestratorError(
          'EXECUTION_ENDED',
          `Execution ${executionId} is ${execution.status}: there is nothing to cancel.`,
        );
      }
      if (execution.cancelledBy) return undefined;
      const recorded = { cancelledBy: caller, audit: { principal: caller, action: 'cancel' as const } };
      const event = { type: 'execution.cancelling', data: { by: caller } };
      // Handed to the queue but not begun is as good as waiting: what begins finds that it has ended.
      const working = execution.stages.find(({ status, soakUntil }) => status === 'InProgress' && !soakUntil);
      if (execution.status === 'InProgress' && working) return { ...recorded, events: [event] };
      const error = { code: CANCELLED, message: `Execution ${executionId} was cancelled by ${caller}.` };
      const turn = cancelledTurn(execution, undefined, error, this.#clock());
      return { ...turn, ...recorded, events: [event, ...(turn.events ?? [])] };
    });
  }

  /**
   * Goes on from the stage that failed or was cut off. What was approved stays approved, as long as the change is the same.
   * @throws OrchestratorError `EXECUTION_NOT_RETRYABLE`
   */
  async retry(executionId: string, caller: string): Promise<StoredExecution> {
    return await this.#executions.turn(executionId, (execution) => {
      const refusal = whyNotRetryable(execution);
      if (refusal) {
        throw new OrchestratorError(
          'EXECUTION_NOT_RETRYABLE',
          `Execution ${executionId} cannot be retried: ${refusal}`,
        );
      }
      return retriedTurn(execution, caller);
    });
  }
}

function whyNotRetryable({ status, overtakenBy, pipelineId }: StoredExecution): string | undefined {
  if (overtakenBy) {
    return `execution ${overtakenBy.executionId} (${overtakenBy.kind} of revision ${overtakenBy.revision}) came later. Retry that one, or send the request again.`;
  }
  if (status === 'Failed' || status === 'Cancelled') return undefined;
  if (status === 'Rejected') return 'it was rejected. Send the request again to have it decided on again.';
  return `it is ${status}; only what has failed or was cancelled can be. GET /pipelines/${pipelineId}/executions lists the others.`;
}

function retriedTurn(execution: StoredExecution, caller: string): Turn {
  const again = execution.stages.filter(({ status }) => status !== 'Succeeded');
  const from = again.find(({ status }) => status === 'Failed') ?? again[0];
  return {
    status: 'Queued',
    cancelledBy: null,
    stages: Object.fromEntries(again.map(({ name }) => [name, FRESH])),
    events: [{ type: 'execution.retried', data: { by: caller, stage: from?.name } }],
    audit: { principal: caller, action: 'retry', detail: { stage: from?.name } },
    dispatch: true,
    revive: true,
  };
}

const FRESH: Partial<ExecutionStage> = {
  status: 'Pending',
  started: undefined,
  ended: undefined,
  error: undefined,
  changes: undefined,
  outputs: undefined,
  soakUntil: undefined,
};
