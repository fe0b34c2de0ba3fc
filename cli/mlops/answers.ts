/** The answers that keep the key names of the original's guide, with those of all others. */
import type { ExecutionAnswer, PreviewAnswer } from '../../automation/model.ts';
import { cell } from '../text-table.ts';

export interface GuideAnswer {
  message: string;
  /** Absent from the answers of model card requests, which have no pipeline. */
  pipeline_id: string;
  execution_id?: string;
  warnings?: string[];
}

export interface GuidePreview extends Omit<PreviewAnswer, 'pipelineId'> {
  pipeline_id: string;
}

export interface GuideValidation {
  message: string;
  pipeline_id?: string;
  pipeline_type?: string;
  request?: Record<string, unknown>;
  warnings?: string[];
}

export function executionStarted({ message, pipeline_id, execution_id, warnings }: GuideAnswer): ExecutionAnswer {
  return {
    message,
    pipelineId: pipeline_id,
    ...(execution_id === undefined ? {} : { executionId: execution_id }),
    ...(warnings ? { warnings } : {}),
  };
}

export function previewOf({ pipeline_id: pipelineId, message, ...others }: GuidePreview): PreviewAnswer {
  return { message, pipelineId, ...others };
}

export function validationLines({ pipeline_id, pipeline_type, request, warnings = [] }: GuideValidation): string[] {
  return [
    // A request about a model card has neither pipeline nor defaults.
    ['valid', pipeline_type, pipeline_id].filter(Boolean).join('  '),
    ...Object.entries(request ?? {}).map(([key, value]) => `  ${key}: ${cell(value)}`),
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
}
