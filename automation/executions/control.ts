/** What people can do with an execution besides deciding on it: cancel it, or retry it after a failure. */
import type { Clock } from '../platform/clock.ts';
import { OrchestratorError } from '../errors.ts';
import type { Executions } from './executions.ts';
import { hasEnded } from './status.ts';
import { cancellationRequested, executionRetried } from './transitions/executions.ts';
import type { StoredExecution } from './transitions/transition.ts';

export class ExecutionControl {
  readonly #executions: Executions;
  readonly #clock: Clock;

  constructor(executions: Executions, clock: Clock) {
    this.#executions = executions;
    this.#clock = clock;
  }

  /**
   * Cancels an execution: immediately if nothing of it is running, otherwise as soon as the engine has stopped. Another call
   * while it is being cancelled has no effect.
   * @throws OrchestratorError `EXECUTION_ENDED`
   */
  async cancel(executionId: string, caller: string): Promise<StoredExecution> {
    return await this.#executions.transition(executionId, (execution) => {
      if (hasEnded(execution)) {
        throw new OrchestratorError(
          'EXECUTION_ENDED',
          `Execution ${executionId} is ${execution.status} and cannot be cancelled.`,
        );
      }
      if (execution.cancelledBy) return undefined;
      return cancellationRequested(execution, caller, this.#clock());
    });
  }

  /**
   * Retries from the stage that failed or was interrupted. Approvals remain valid as long as the change is the same.
   * @throws OrchestratorError `EXECUTION_NOT_RETRYABLE`
   */
  async retry(executionId: string, caller: string): Promise<StoredExecution> {
    return await this.#executions.transition(executionId, (execution) => {
      const refusal = whyNotRetryable(execution);
      if (refusal) {
        throw new OrchestratorError(
          'EXECUTION_NOT_RETRYABLE',
          `Execution ${executionId} cannot be retried: ${refusal}`,
        );
      }
      return executionRetried(execution, caller);
    });
  }
}

function whyNotRetryable({ status, supersededBy, pipelineId }: StoredExecution): string | undefined {
  if (supersededBy) {
    return `execution ${supersededBy.executionId} (${supersededBy.kind} of revision ${supersededBy.revision}) came later. Retry that one, or send the request again.`;
  }
  if (status === 'Failed' || status === 'Cancelled') return undefined;
  if (status === 'Rejected') return 'it was rejected. Send the request again to have it decided on again.';
  return `it is ${status}; only what has failed or was cancelled can be. GET /pipelines/${pipelineId}/executions lists the others.`;
}
