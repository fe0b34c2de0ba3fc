/** A body that manages a model card becomes a valid request, or every reason why not. */
import type { Fault } from '../faults.ts';
import { RequestInvalid } from '../faults.ts';
import { toFault } from '../request/faults.ts';
import { keysWithin } from '../request/known-keys.ts';
import { mustBeWithinBounds } from '../request/bounds.ts';
import type { ReportType } from './evaluation-schema.ts';
import type { ModelCardType } from './schema.ts';
import { MODEL_CARD_TYPES, modelCardSchema } from './schema.ts';

export interface TrainingMetric {
  name: string;
  value: number;
  notes?: string;
}

export interface TrainingDetailsRequest {
  model_name?: string;
  training_job_name?: string;
  objective_function?: { function?: string; facet?: string; condition?: string; notes?: string };
  training_observations?: string;
  training_job_details?: {
    training_arn?: string;
    training_datasets?: string[];
    training_environment?: string[];
    training_metrics?: TrainingMetric[];
    user_provided_training_metrics?: TrainingMetric[];
  };
}

export interface EvaluationRequest {
  name: string;
  metric_file_s3_url?: string;
  metric_type?: ReportType;
  metric_groups?: MetricGroup[];
  [key: string]: unknown;
}

export interface MetricGroup {
  name: string;
  metric_data: Record<string, unknown>[];
}

/** The parts of a card, in the keys of the request. */
export interface ModelCardParts {
  model_overview?: Record<string, unknown> & {
    model_name?: string;
    model_id?: string;
    model_artifact?: string[];
    inference_environment?: string[];
  };
  intended_uses?: Record<string, unknown>;
  training_details?: TrainingDetailsRequest;
  evaluation_details?: EvaluationRequest[];
  additional_information?: Record<string, unknown>;
}

/** A checked request: defaults filled in, lists made of single texts. */
export type ModelCardRequest =
  | (ModelCardParts & { pipeline_type: 'create_model_card'; name: string; status: string })
  | (ModelCardParts & { pipeline_type: 'update_model_card'; name: string; status?: string })
  | { pipeline_type: 'describe_model_card'; name: string; model_card_version?: number }
  | { pipeline_type: 'delete_model_card' | 'list_model_card_versions'; name: string }
  | { pipeline_type: 'export_model_card'; name: string; model_card_version?: number; export_job_name?: string }
  | { pipeline_type: 'list_model_cards' };

/** `list_model_card` is what the original's own documentation calls it now and then. */
const SPELLINGS: Readonly<Record<string, ModelCardType>> = { list_model_card: 'list_model_cards' };

/** Whether a body asks for a model card rather than for a pipeline. */
export function isModelCardRequest(body: unknown): body is Record<string, unknown> & { pipeline_type: string } {
  return typeOf(body) !== undefined;
}

function typeOf(body: unknown): ModelCardType | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { pipeline_type: sent } = body as { pipeline_type?: unknown };
  if (typeof sent !== 'string') return undefined;
  const type = sent.trim();
  return MODEL_CARD_TYPES.find((one) => one === type) ?? SPELLINGS[type];
}

/** @throws RequestInvalid with every fault at once */
export function validateModelCardRequest(body: unknown): ModelCardRequest {
  const type = typeOf(body);
  if (!type) throw new RequestInvalid('Bad request. The body is not a model card request.', []);
  mustBeWithinBounds(body);
  const schema = modelCardSchema(type);
  const { error, value } = schema.validate({ ...(body as object), pipeline_type: type }, { abortEarly: false });
  if (error) {
    const faults = error.details.map((detail) => toFault(detail, keysWithin(schema), () => false));
    const [first] = faults;
    throw new RequestInvalid(`Bad request. ${first?.pointer ?? ''} ${first?.message ?? ''}`.trim(), faults);
  }
  return value as unknown as ModelCardRequest;
}

/** A fault of a value that names something nonexistent. @param message what is wrong, and how to fix it */
export function referenceFault(pointer: string, message: string): Fault {
  return { pointer, message, rule: 'reference' };
}
