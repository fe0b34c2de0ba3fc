import { OrchestratorError } from '../errors.ts';

export function executionNotFound(executionId: string): OrchestratorError {
  return new OrchestratorError(
    'EXECUTION_NOT_FOUND',
    `There is no execution ${executionId}. GET /pipelines/{id}/executions lists those of a pipeline.`,
  );
}
