/**
 * The original's model card requests, completed while the caller waits: nothing is deployed and no stack is involved.
 * Cards are in the account and region of the orchestrator, as in the original.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CardFacts } from '../../blueprints/model-cards/content.ts';
import { cardContent, reportKey } from '../../blueprints/model-cards/content.ts';
import { readReport, UnreadableReport } from '../../blueprints/model-cards/metric-reports.ts';
import type {
  EvaluationRequest,
  MetricGroup,
  ModelCardParts,
  ModelCardRequest,
} from '../../blueprints/model-cards/request.ts';
import { referenceFault } from '../../blueprints/model-cards/request.ts';
import type { Fault } from '../../blueprints/faults.ts';
import { RequestInvalid } from '../../blueprints/faults.ts';
import type { ModelCardCalls, ModelCardDescription } from '../aws/model-card-calls.ts';
import { describe, isDenied, isTaken } from '../aws/aws-errors.ts';
import { OrchestratorError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';

/** Response of POST /provisionpipeline to a model card request. */
export interface ModelCardAnswer {
  /** Text, or the description of one or several cards from SageMaker. */
  message: string | Record<string, unknown>;
  /** ARN of an export job that is still in progress. */
  export_job_arn?: string;
}

export interface ExportRequest {
  name: string;
  /** Default: the latest. */
  version?: number | undefined;
  /** Default: made from the name and the time, and unique. */
  jobName?: string | undefined;
}

export interface ExportedCard {
  message: string;
  /** Location in S3; absent while the export is in progress. */
  location?: string;
  /** ARN of an export that is still in progress. */
  exportJobArn?: string;
}

export interface ModelCardsDependencies {
  /** Called for each request, because credentials may have changed. */
  calls: () => ModelCardCalls;
  assetsBucket: string;
  clock: Clock;
  /** Interval between two polls of an export. Default: 4 s, as in the original. */
  pollMs?: number;
}

/** As in the original: the exports of all cards share one prefix. */
const EXPORT_PREFIX = 'model_card_exports';
const POLL_MS = 4_000;
/** The response must be sent within the 30 s after which API Gateway gives up. */
const EXPORT_PATIENCE_MS = 20_000;
/** Job names are limited to 63 characters; the time and what tells jobs of one second apart take the rest. */
const JOB_NAME_STEM = 41;
const SUFFIX = 6;

type Of<T extends ModelCardRequest['pipeline_type']> = Extract<ModelCardRequest, { pipeline_type: T }>;

export class ModelCards {
  readonly #parts: ModelCardsDependencies;

  constructor(parts: ModelCardsDependencies) {
    this.#parts = parts;
  }

  /**
   * Runs one request.
   * @throws RequestInvalid if it names something that does not exist
   * @throws OrchestratorError `MODEL_CARD_NOT_FOUND`, `MODEL_CARD_EXISTS`, `MODEL_CARD_EXPORT_FAILED`
   */
  async handle(request: ModelCardRequest): Promise<ModelCardAnswer> {
    switch (request.pipeline_type) {
      case 'create_model_card':
        return { message: await this.#create(request) };
      case 'update_model_card':
        return { message: await this.#update(request) };
      case 'describe_model_card':
        return { message: await this.#described(request.name, request.model_card_version) };
      case 'delete_model_card':
        return { message: await this.#delete(request.name) };
      case 'export_model_card':
        return toExportAnswer(
          await this.export({
            name: request.name,
            version: request.model_card_version,
            jobName: request.export_job_name,
          }),
        );
      case 'list_model_cards':
        return { message: { ModelCardSummaries: await this.#parts.calls().list() } };
      case 'list_model_card_versions':
        return { message: { ModelCardVersionSummaryList: await this.#versions(request.name) } };
    }
  }

  async #create(request: Of<'create_model_card'>): Promise<ModelCardDescription> {
    const calls = this.#parts.calls();
    const { name, status } = request;
    const facts = await this.#factsFor(request);
    if (facts.model) await this.#mustHaveNoCard(facts.model.modelArn);
    await calls.create(name, status, JSON.stringify(cardContent(request, facts))).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
      throw new OrchestratorError(
        'MODEL_CARD_EXISTS',
        `Model card ${name} exists already. Change it with "pipeline_type": "update_model_card".`,
        { cause: error },
      );
    });
    return await this.#described(name);
  }

  /** The status first, so that a card is not shown as approved with content that was not. */
  async #update(request: Of<'update_model_card'>): Promise<ModelCardDescription> {
    const calls = this.#parts.calls();
    const { name, status } = request;
    const before = await this.#described(name);
    const was = JSON.parse(before.Content || '{}') as Record<string, unknown>;
    const content = { ...was, ...cardContent(request, await this.#factsFor(request)) };
    if (status !== undefined && status !== before.ModelCardStatus) await calls.update(name, { status });
    if (JSON.stringify(content) !== JSON.stringify(was)) await calls.update(name, { content: JSON.stringify(content) });
    return await this.#described(name);
  }

  async #delete(name: string): Promise<string> {
    await this.#described(name);
    await this.#parts.calls().delete(name);
    return `Model card with the name: ${name} has been deleted`;
  }

  /** Where exports of cards are. */
  exportLocation(): string {
    return `s3://${this.#parts.assetsBucket}/${EXPORT_PREFIX}`;
  }

  /**
   * Exports a card as PDF, and waits for it as long as a caller can.
   * @throws OrchestratorError `MODEL_CARD_NOT_FOUND`, `MODEL_CARD_EXISTS` for the name of another export,
   * `MODEL_CARD_EXPORT_FAILED`
   */
  async export({ name, version, jobName }: ExportRequest): Promise<ExportedCard> {
    const { clock, pollMs = POLL_MS } = this.#parts;
    const calls = this.#parts.calls();
    await this.#described(name, version);
    const location = this.exportLocation();
    const job = jobName ?? uniqueJobName(name, clock());
    const jobArn = await calls.startExport(job, { name, version }, location).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
      throw new OrchestratorError(
        'MODEL_CARD_EXISTS',
        `An export job ${job} exists already. Choose another "export_job_name", or leave it out.`,
        { cause: error },
      );
    });
    for (let waited = 0; ; waited += pollMs) {
      const { status, path, failureReason } = await calls.describeExport(jobArn);
      if (status === 'Completed')
        return { message: exportedMessage(name, path ?? location), location: path ?? location };
      if (status === 'Failed') {
        throw new OrchestratorError(
          'MODEL_CARD_EXPORT_FAILED',
          `The export of model card ${name} failed: ${failureReason ?? 'SageMaker gives no reason'}`,
        );
      }
      if (waited + pollMs > EXPORT_PATIENCE_MS) {
        return {
          message: `Model card with the name: ${name} is being exported to ${location} by the job ${job}`,
          exportJobArn: jobArn,
        };
      }
      await delay(pollMs);
    }
  }

  async #described(name: string, version?: number): Promise<ModelCardDescription> {
    const card = await this.#parts.calls().describe(name, version);
    if (card) return card;
    throw new OrchestratorError(
      'MODEL_CARD_NOT_FOUND',
      version === undefined
        ? `There is no model card ${name}. "pipeline_type": "list_model_cards" lists the existing ones.`
        : `There is no model card ${name} with version ${version}. "pipeline_type": "list_model_card_versions" lists its versions.`,
    );
  }

  async #versions(name: string): Promise<Record<string, unknown>[]> {
    await this.#described(name);
    return await this.#parts.calls().versions(name);
  }

  async #mustHaveNoCard(modelArn: string): Promise<void> {
    const [card] = await this.#parts.calls().cardsOfModel(modelArn);
    if (card === undefined) return;
    throw new OrchestratorError(
      'MODEL_CARD_EXISTS',
      `The model ${modelArn} already has a card: ${card}. Update it with "pipeline_type": "update_model_card".`,
    );
  }

  /** Looks up everything that the request names. @throws RequestInvalid with everything that does not exist */
  async #factsFor(parts: ModelCardParts): Promise<CardFacts> {
    const missing: Fault[] = [];
    const [model, trainingJob, metricGroups] = await Promise.all([
      this.#model(parts, missing),
      this.#trainingJob(parts, missing),
      this.#metricGroups(parts.evaluation_details ?? [], missing),
    ]);
    const [first] = missing;
    if (first) {
      throw new RequestInvalid(`Bad request. ${first.pointer} ${first.message}`, missing);
    }
    return { ...(model ? { model } : {}), ...(trainingJob ? { trainingJob } : {}), metricGroups };
  }

  async #model({ model_overview: overview }: ModelCardParts, missing: Fault[]) {
    if (overview?.model_name === undefined) return undefined;
    const model = await this.#parts.calls().describeModel(overview.model_name);
    if (!model) missing.push(referenceFault('/model_overview/model_name', NO_MODEL));
    return model;
  }

  async #trainingJob({ training_details: details }: ModelCardParts, missing: Fault[]) {
    const calls = this.#parts.calls();
    if (details?.training_job_name !== undefined) {
      const job = await calls.describeTrainingJob(details.training_job_name);
      if (!job) missing.push(referenceFault('/training_details/training_job_name', NO_JOB));
      return job;
    }
    if (details?.model_name === undefined) return undefined;
    const pointer = '/training_details/model_name';
    const model = await calls.describeModel(details.model_name);
    if (!model) {
      missing.push(referenceFault(pointer, NO_MODEL));
      return undefined;
    }
    const [artifact] = model.artifacts;
    const job = artifact === undefined ? undefined : await calls.findTrainingJob(artifact);
    if (!job) missing.push(referenceFault(pointer, NO_TRAINING));
    return job;
  }

  async #metricGroups(
    evaluations: readonly EvaluationRequest[],
    missing: Fault[],
  ): Promise<Map<string, MetricGroup[]>> {
    const groups = new Map<string, MetricGroup[]>();
    for (const [index, evaluation] of evaluations.entries()) {
      const { metric_file_s3_url: uri, metric_type: type } = evaluation;
      if (uri === undefined || type === undefined) continue;
      const pointer = `/evaluation_details/${index}/metric_file_s3_url`;
      try {
        const text = await this.#parts.calls().readObject(uri);
        if (text === undefined) {
          missing.push(referenceFault(pointer, `there is no object ${uri}`));
          continue;
        }
        groups.set(reportKey(evaluation), readReport(type, text));
      } catch (error) {
        if (isDenied(error)) {
          missing.push(
            referenceFault(pointer, `may not be read: ${describe(error)}. Put the report into the assets bucket.`),
          );
          continue;
        }
        if (!(error instanceof UnreadableReport)) throw error;
        missing.push(referenceFault(pointer, `is not a report of the type ${type}: ${error.message}`));
      }
    }
    return groups;
  }
}

/** Two exports of a card may begin in the same second. */
function uniqueJobName(name: string, now: Date): string {
  const time = now.toISOString().replace(/\D/g, '').slice(0, 14);
  return `${name.slice(0, JOB_NAME_STEM)}-${time}-${randomUUID().slice(0, SUFFIX)}`;
}

export function exportedMessage(name: string, location: string): string {
  return `Model card with the name: ${name} has been exported to ${location}`;
}

function toExportAnswer({ message, exportJobArn }: ExportedCard): ModelCardAnswer {
  return { message, ...(exportJobArn === undefined ? {} : { export_job_arn: exportJobArn }) };
}

const HERE = "in the orchestrator's account and region";
const NO_MODEL = `is a model that does not exist ${HERE}`;
const NO_JOB = `is a training job that does not exist ${HERE}`;
const NO_TRAINING =
  'SageMaker has no training job that made the artifact of this model; name the job (training_job_name), or describe the training (training_job_details)';
