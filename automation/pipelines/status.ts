/** The read model of POST /pipelinestatus: an execution in the shape of CodePipeline's GetPipelineState. */
import type { Execution, ExecutionStage, PipelineState, StageKind, StoredPipeline } from '../model.ts';

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionExecution.html */
const ACTION_STATUS: Record<ExecutionStage['status'], string | undefined> = {
  Pending: undefined,
  InProgress: 'InProgress',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Skipped: 'Abandoned',
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StageExecution.html */
const STAGE_STATUS: Record<ExecutionStage['status'], string | undefined> = {
  Pending: undefined,
  InProgress: 'InProgress',
  Succeeded: 'Succeeded',
  Failed: 'Failed',
  Skipped: 'Stopped',
};

/** The names of the original, if it has them. */
const ACTION_NAME: Record<StageKind, string> = {
  source: 'Request',
  approve: 'approve_change',
  deploy: 'deploy_stack',
  destroy: 'destroy_stack',
};

/**
 * @param execution the latest one
 * @param publicUrl where people reach the API; empty: links are paths
 */
export function toPipelineState(pipeline: StoredPipeline, execution: Execution, publicUrl: string): PipelineState {
  return {
    pipelineName: pipeline.pipelineId,
    pipelineVersion: execution.revision,
    stageStates: execution.stages.map((stage) => stageState(execution, stage, publicUrl)),
    created: pipeline.created,
    updated: execution.updated,
  };
}

function stageState(execution: Execution, stage: ExecutionStage, publicUrl: string): Record<string, unknown> {
  const status = STAGE_STATUS[stage.status];
  return {
    stageName: stage.name,
    inboundTransitionState: { enabled: true },
    actionStates: [actionState(execution, stage, publicUrl)],
    ...(status ? { latestExecution: { pipelineExecutionId: execution.executionId, status } } : {}),
  };
}

function actionState(execution: Execution, stage: ExecutionStage, publicUrl: string): Record<string, unknown> {
  const status = ACTION_STATUS[stage.status];
  const { kind } = stage;
  const { approval } = execution;
  const isAsked = kind === 'approve' && approval?.environment === stage.environment;
  return {
    actionName: ACTION_NAME[kind],
    ...(kind === 'source'
      ? {
          currentRevision: {
            revisionId: String(execution.revision),
            revisionChangeId: execution.executionId,
            created: execution.created,
          },
        }
      : {}),
    ...(status
      ? {
          latestExecution: {
            actionExecutionId: `${execution.executionId}/${stage.name}`,
            status,
            summary: summary(execution, stage),
            lastStatusChange: stage.ended ?? stage.started ?? execution.created,
            // CodePipeline's name for the value that a decision must contain.
            ...(isAsked && approval ? { token: approval.changeHash } : {}),
            externalExecutionId: stage.stack ?? execution.executionId,
            externalExecutionUrl: stage.stackUrl ?? `${publicUrl}/executions/${execution.executionId}`,
            ...(stage.error ? { errorDetails: { code: stage.error.code, message: errorText(stage) } } : {}),
          },
        }
      : {}),
  };
}

function summary(execution: Execution, stage: ExecutionStage): string {
  const { kind } = stage;
  if (kind === 'source') return `Revision ${execution.revision} requested by ${execution.requestedBy}.`;
  if (kind === 'approve') return approvalSummary(execution, stage);
  const stack = `Stack ${stage.stack ?? ''}`;
  switch (stage.status) {
    case 'Succeeded':
      return `${stack} was ${kind === 'destroy' ? 'deleted' : 'deployed'}.`;
    case 'Failed':
      return `${stack} failed: ${stage.error?.message ?? 'no reason was given'}`;
    case 'Skipped':
      return `${stack} was not changed${stage.error ? `: ${stage.error.message}` : '.'}`;
    default:
      return stage.soakUntil
        ? `${stack} was deployed; no alarm may go into ALARM until ${stage.soakUntil}.`
        : `${stack} is being ${kind === 'destroy' ? 'deleted' : 'deployed'}.`;
  }
}

function approvalSummary({ approval, decisions = [] }: Execution, stage: ExecutionStage): string {
  const approvers = decisions.filter((one) => one.environment === stage.environment && one.decision === 'Approved');
  if (stage.status === 'Succeeded') return `Approved by ${approvers.map(({ by }) => by).join(', ')}.`;
  if (stage.error) return stage.error.message;
  if (!approval || approval.environment !== stage.environment)
    return `The change of ${stage.environment} is being previewed.`;
  const missing = approval.minimumApprovers - approval.approvedBy.length;
  return `The change of ${stage.environment} is waiting for ${missing} approval${missing === 1 ? '' : 's'} until ${approval.expiresAt}.`;
}

function errorText(stage: ExecutionStage): string {
  const { message = '', hint, urn } = stage.error ?? {};
  return [message, urn && `Resource: ${urn}`, hint].filter(Boolean).join(' ');
}
