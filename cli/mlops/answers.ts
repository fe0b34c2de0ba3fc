/** The answers that keep the key names of the original's guide, with those of all others. */
import type { Model } from '../../client/model.ts';
import { cell } from '../text-table.ts';

/** What `POST /provisionpipeline` answers when it starts something. */
export type Started = Model<'GuideProvisionAnswer'> | Model<'ModelCardAnswer'>;

/** As `ExecutionAnswer`; requests about model cards are answered with the card, and without a pipeline. */
export interface StartedAnswer extends Omit<Model<'ExecutionAnswer'>, 'message' | 'pipelineId'> {
  message: Started['message'];
  pipelineId?: string;
}

export function executionStarted(answer: Started): StartedAnswer {
  if (!('pipeline_id' in answer)) return { message: answer.message };
  const { message, pipeline_id, execution_id, warnings } = answer;
  return {
    message,
    pipelineId: pipeline_id,
    ...(execution_id === undefined ? {} : { executionId: execution_id }),
    ...(warnings ? { warnings } : {}),
  };
}

export function previewOf({
  pipeline_id: pipelineId,
  message,
  ...others
}: Model<'GuidePreviewAnswer'>): Model<'PreviewAnswer'> {
  return { message, pipelineId, ...others };
}

/** A request about a model card has neither pipeline nor defaults. */
export type Validation = Partial<Model<'GuideValidationAnswer'>>;

export function validationLines({ pipeline_id, pipeline_type, request, warnings = [] }: Validation): string[] {
  return [
    ['valid', pipeline_type, pipeline_id].filter(Boolean).join('  '),
    ...Object.entries(request ?? {}).map(([key, value]) => `  ${key}: ${cell(value)}`),
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
}
