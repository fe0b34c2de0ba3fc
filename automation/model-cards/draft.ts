/**
 * The draft of a model card: what the service knows of a pipeline, in SageMaker's model card schema. What only people know
 * (purpose, risk, ethical considerations) is left to them. Pure.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-json-schema.html
 */
import type { CardContent, ModelFacts, TrainingJobFacts } from '../../blueprints/model-cards/content.ts';
import { shortName } from '../../blueprints/shared/aws/physical-name.ts';
import type { Job } from '../aws/job-calls.ts';
import type { ApprovalDecision } from '../model.ts';
import type { DeployedStage } from '../pipelines/stages.ts';
import type { Revision } from '../pipelines/revisions.ts';

/** A monitor of the pipeline's endpoint in one environment. */
export interface MonitorFacts {
  pipelineId: string;
  environment: string;
  /** The data that the baseline was made of. */
  data?: string;
  baseline?: Job;
  /** The latest run of its schedule. */
  run?: Job;
}

export interface PipelineFacts {
  pipelineId: string;
  pipelineType: string;
  modelName: string;
  revision: Revision;
  deployed: readonly DeployedStage[];
  decisions: readonly ApprovalDecision[];
  model?: ModelFacts;
  trainingJob?: TrainingJobFacts;
  monitors: readonly MonitorFacts[];
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelCard.html */
const NAME_LIMIT = 63;
/** Limit of the schema for most texts. */
const TEXT_LIMIT = 1024;
const TRAINING_METRICS = 50;
/** Names of our own custom details begin with this, and those of our evaluations with {@link OURS_EVALUATION}. */
const OURS = 'mlops_';
const OURS_EVALUATION = 'Monitor ';

/** The name of a pipeline's card. */
export function cardName(pipelineId: string): string {
  return shortName(pipelineId.replace(/[^a-zA-Z0-9-]/g, '-'), NAME_LIMIT);
}

export function draftContent(facts: PipelineFacts): CardContent {
  return given({
    model_overview: modelOverview(facts),
    intended_uses: { risk_rating: 'Unknown' },
    training_details: trainingDetails(facts),
    evaluation_details: facts.monitors.length > 0 ? facts.monitors.map(evaluation) : undefined,
    additional_information: { custom_details: customDetails(facts) },
  });
}

/**
 * Lays a draft over the content of a card: facts are replaced, also where there are none any more; what people wrote stays.
 */
export function mergedContent(was: CardContent, draft: CardContent): CardContent {
  const evaluations = (was.evaluation_details ?? []) as { name?: string }[];
  const additional = object(was.additional_information);
  const theirDetails = Object.entries(object(additional.custom_details)).filter(([name]) => !name.startsWith(OURS));
  const drafted = object(object(draft.additional_information).custom_details);
  return given({
    ...was,
    model_overview: { ...object(was.model_overview), ...object(draft.model_overview) },
    intended_uses: was.intended_uses ?? draft.intended_uses,
    training_details: draft.training_details
      ? { ...object(was.training_details), ...object(draft.training_details) }
      : was.training_details,
    evaluation_details: nonEmpty([
      ...evaluations.filter(({ name = '' }) => !name.startsWith(OURS_EVALUATION)),
      ...((draft.evaluation_details ?? []) as object[]),
    ]),
    additional_information: { ...additional, custom_details: { ...Object.fromEntries(theirDetails), ...drafted } },
  });
}

function modelOverview({ revision, model, modelName }: PipelineFacts): CardContent {
  const { request } = revision;
  const artifact = text(request.model_artifact_location);
  const algorithm = [text(request.model_framework), text(request.model_framework_version)].filter(Boolean).join(' ');
  const image = text(request.custom_image_uri);
  return given({
    model_name: cut(modelName),
    model_id: model?.modelArn ? cut(model.modelArn) : undefined,
    model_version: revision.revision,
    model_creator: cut(revision.requestedBy),
    algorithm_type: algorithm === '' ? undefined : cut(algorithm),
    problem_type: text(request.problem_type),
    model_artifact: nonEmpty(model?.artifacts.length ? model.artifacts : artifact ? [artifact] : []),
    inference_environment: environment(model?.images.length ? model.images : image ? [image] : []),
  });
}

function trainingDetails({ trainingJob, revision }: PipelineFacts): CardContent | undefined {
  if (!trainingJob) return undefined;
  const { training_data: data } = revision.request;
  return {
    training_job_details: given({
      training_arn: trainingJob.trainingArn,
      training_datasets: text(data) ? [text(data)] : undefined,
      training_environment: environment(trainingJob.image ? [trainingJob.image] : []),
      training_metrics: trainingJob.metrics.slice(0, TRAINING_METRICS),
    }),
  };
}

function evaluation({ pipelineId, environment: where, data, baseline, run }: MonitorFacts): CardContent {
  const ending = ` (${where})`;
  const lines = [
    baseline ? `Baseline ${baseline.name}: ${baseline.status}.` : 'No baseline was found.',
    ...(run ? [`Latest run of the schedule, ${run.created}: ${run.status}${violationsOf(run)}.`] : []),
  ];
  return given({
    name: `${OURS_EVALUATION}${shortName(pipelineId, NAME_LIMIT - OURS_EVALUATION.length - ending.length)}${ending}`,
    evaluation_observation: lines.join(' '),
    evaluation_job_arn: baseline?.arn,
    datasets: data ? [data] : undefined,
  });
}

function violationsOf({ violations }: Job): string {
  if (!violations) return '';
  return ` (${violations.count ?? 'some'} violations${violations.report ? `, ${violations.report}` : ''})`;
}

/** Names are those that SageMaker takes; values are texts. */
function customDetails({ pipelineId, pipelineType, revision, deployed, decisions }: PipelineFacts): CardContent {
  const { origin } = revision;
  const details: Record<string, string | undefined> = {
    pipeline: pipelineId,
    pipeline_type: pipelineType,
    revision: String(revision.revision),
    requested_by: revision.requestedBy,
    requested_at: revision.created,
    commit: origin && `${origin.repository}@${origin.commit}`,
    author: origin?.author?.join(', '),
  };
  for (const { environment: where, revision: number, ended, outputs = {}, stack } of deployed) {
    const endpoint = text(outputs.endpointName);
    details[`deployed_${where}`] = [`revision ${number}`, ended, stack].filter(Boolean).join(', ');
    if (endpoint) {
      details[`endpoint_${where}`] = [endpoint, text(outputs.endpointConfigName)].filter(Boolean).join(', ');
    }
    const job = text(outputs.jobName);
    if (job) details[`job_${where}`] = job;
  }
  for (const where of new Set(decisions.map((one) => one.environment))) {
    details[`decisions_${where}`] = decisions
      .filter((one) => one.environment === where)
      .map(({ decision, by, at, comment }) => `${decision} by ${by}, ${at}${comment ? `: ${comment}` : ''}`)
      .join('; ');
  }
  return Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) => (value ? [[`${OURS}${name}`, cut(value)]] : [])),
  );
}

function environment(images: readonly string[]): CardContent | undefined {
  return images.length > 0 ? { container_image: images } : undefined;
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Of a value in a request or an output that may be of any type. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function cut(value: string): string {
  return value.length <= TEXT_LIMIT ? value : `${value.slice(0, TEXT_LIMIT - 1)}…`;
}

function object(value: unknown): CardContent {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as CardContent) : {};
}

function given(parts: CardContent): CardContent {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}
