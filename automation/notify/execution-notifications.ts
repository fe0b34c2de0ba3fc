/** How an execution is told to people: one notification per turn of its story. Pure. */
import type { Execution, ExecutionStage } from '../orchestrator.ts';
import type { NewNotification, NotificationKind } from './notifications.ts';

/**
 * @param execution as it is after the turn
 * @param stage the stage that the turn is about, where there is one
 * @param publicUrl where people reach the API; empty: paths only
 */
export function executionNotification(
  kind: NotificationKind,
  execution: Execution,
  stage: ExecutionStage | undefined,
  publicUrl: string,
): NewNotification {
  const { executionId, pipelineId } = execution;
  return {
    kind,
    pipelineId,
    executionId,
    ...(stage?.environment ? { environment: stage.environment } : {}),
    subject: `${pipelineId}: ${kind}`,
    message: `${publicUrl}/executions/${executionId}`,
  };
}
