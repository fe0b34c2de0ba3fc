/** The parts of a request → the content of a card in SageMaker's model card schema: only what was given. Pure. */
import type {
  EvaluationRequest,
  MetricGroup,
  ModelCardParts,
  TrainingDetailsRequest,
  TrainingMetric,
} from './request.ts';

/** What SageMaker knows of a model. */
export interface ModelFacts {
  modelArn: string;
  artifacts: string[];
  images: string[];
}

/** What SageMaker knows of a training job. */
export interface TrainingJobFacts {
  trainingArn: string;
  image: string;
  metrics: TrainingMetric[];
}

/** What was looked up for a request. */
export interface CardFacts {
  /** Of `model_overview.model_name`. */
  model?: ModelFacts;
  /** Of `training_details.training_job_name` or `.model_name`. */
  trainingJob?: TrainingJobFacts;
  /** Of `evaluation_details[].metric_file_s3_url`, by that URI and the kind of the report. */
  metricGroups?: ReadonlyMap<string, MetricGroup[]>;
}

export type CardContent = Record<string, unknown>;

/** SageMaker takes this many metrics of a training. */
const TRAINING_METRICS = 50;

/** @returns one key a part; parts that the request does not have are not there */
export function cardContent(parts: ModelCardParts, facts: CardFacts): CardContent {
  return given({
    model_overview: parts.model_overview && modelOverview(parts.model_overview, facts),
    intended_uses: parts.intended_uses && { risk_rating: 'Unknown', ...parts.intended_uses },
    training_details: parts.training_details && trainingDetails(parts.training_details, facts),
    evaluation_details: parts.evaluation_details?.map((one) => evaluation(one, facts)),
    additional_information: parts.additional_information,
  });
}

/** The key of a report among `CardFacts.metricGroups`. */
export function reportKey({
  metric_type: type = 'model_card_metric_schema',
  metric_file_s3_url: url = '',
}: EvaluationRequest): string {
  return `${type} ${url}`;
}

/** What the request says goes before what SageMaker knows. */
function modelOverview(
  { model_name: _looked, inference_environment: images, ...said }: NonNullable<ModelCardParts['model_overview']>,
  { model }: CardFacts,
): CardContent {
  return given({
    ...(model && { model_id: model.modelArn, model_artifact: model.artifacts }),
    ...said,
    inference_environment: environment(images ?? model?.images),
  });
}

function trainingDetails(request: TrainingDetailsRequest, { trainingJob }: CardFacts): CardContent {
  const { objective_function: objective, training_observations: observations, training_job_details: said } = request;
  const details = trainingJob
    ? {
        training_arn: trainingJob.trainingArn,
        training_environment: environment([trainingJob.image]),
        training_metrics: trainingJob.metrics.slice(0, TRAINING_METRICS),
      }
    : said && { ...said, training_environment: environment(said.training_environment) };
  return given({
    objective_function: objective && nested(objective),
    training_observations: observations,
    training_job_details: details && given(details),
  });
}

function nested({ notes, ...rest }: NonNullable<TrainingDetailsRequest['objective_function']>): CardContent {
  return given({ function: Object.keys(rest).length > 0 ? rest : undefined, notes });
}

function evaluation(request: EvaluationRequest, { metricGroups }: CardFacts): CardContent {
  const { metric_file_s3_url: url, metric_type: _type, metric_groups: said, ...rest } = request;
  return given({ ...rest, metric_groups: url === undefined ? said : metricGroups?.get(reportKey(request)) });
}

function environment(images: readonly string[] | undefined): CardContent | undefined {
  return images && { container_image: images };
}

function given(parts: CardContent): CardContent {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}
