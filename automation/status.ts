/** The read model of POST /pipelinestatus: an execution told in the shape of CodePipeline's GetPipelineState. */
import type { Execution, ExecutionStage, Pipeline, PipelineState } from './orchestrator.ts';

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

/** @param execution the latest one */
export function toPipelineState(pipeline: Pipeline, execution: Execution): PipelineState {
  return {
    pipelineName: pipeline.pipelineId,
    pipelineVersion: execution.revision,
    stageStates: execution.stages.map((stage) => stageState(execution, stage)),
    created: pipeline.created,
    updated: execution.updated,
  };
}

function stageState(execution: Execution, stage: ExecutionStage): Record<string, unknown> {
  const status = STAGE_STATUS[stage.status];
  return {
    stageName: stage.name,
    inboundTransitionState: { enabled: true },
    actionStates: [actionState(execution, stage)],
    ...(status ? { latestExecution: { pipelineExecutionId: execution.executionId, status } } : {}),
  };
}

function actionState(execution: Execution, stage: ExecutionStage): Record<string, unknown> {
  const status = ACTION_STATUS[stage.status];
  const isSource = stage.name === 'Source';
  return {
    actionName: isSource ? 'Request' : execution.kind === 'destroy' ? 'destroy_stack' : 'deploy_stack',
    ...(isSource
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
            ...(stage.stack ? { externalExecutionId: stage.stack } : {}),
            ...(stage.error ? { errorDetails: { code: stage.error.code, message: errorText(stage) } } : {}),
          },
        }
      : {}),
  };
}

function summary(execution: Execution, stage: ExecutionStage): string {
  if (stage.name === 'Source') return `Revision ${execution.revision} requested by ${execution.requestedBy}.`;
  const stack = `Stack ${stage.stack ?? ''}`;
  switch (stage.status) {
    case 'Succeeded':
      return `${stack} was ${execution.kind === 'destroy' ? 'deleted' : 'deployed'}.`;
    case 'Failed':
      return `${stack} failed: ${stage.error?.message ?? 'no reason was given'}`;
    case 'Skipped':
      return `${stack} was left alone: ${stage.error?.message ?? ''}`;
    default:
      return `${stack} is being ${execution.kind === 'destroy' ? 'deleted' : 'deployed'}.`;
  }
}

function errorText(stage: ExecutionStage): string {
  const { message = '', hint, urn } = stage.error ?? {};
  return [message, urn && `Resource: ${urn}`, hint].filter(Boolean).join(' ');
}
