/**
 * The model card of a pipeline: drafted from what the service and SageMaker know, saved in the orchestrator's account, and
 * exported to the assets bucket. Cards that people wrote with the original's requests are in model-cards.ts.
 */
import { isEqual } from 'es-toolkit/predicate/isEqual';
import { withTimeout } from 'es-toolkit/promise/withTimeout';
import type { CardContent, TrainingJobFacts } from '../../blueprints/model-cards/content.ts';
import { findBlueprint } from '../../blueprints/registry.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { NewAuditEntry } from '../audit/record.ts';
import type { Cloud } from '../aws/cloud.ts';
import { isTaken } from '../aws/aws-errors.ts';
import type { Job } from '../aws/job-calls.ts';
import type { ModelCardDescription } from '../aws/model-card-calls.ts';
import type { Environment, EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { Execution, PipelineSummary } from '../model.ts';
import { monitorsOf } from '../pipelines/monitors.ts';
import type { JobCalls } from '../pipelines/jobs.ts';
import type { Pipelines } from '../pipelines/pipelines.ts';
import type { RevisionCalls } from '../pipelines/revisions.ts';
import type { DeployedStage } from '../pipelines/stages.ts';
import type { MonitorFacts, PipelineFacts } from './draft.ts';
import { cardName, draftContent, mergedContent, text } from './draft.ts';
import { hasModel } from './has-model.ts';
import type { ExportedCard, ModelCards } from './model-cards.ts';
import { exportedMessage } from './model-cards.ts';

export interface PipelineCard {
  pipelineId: string;
  /** Name of the card in SageMaker. */
  name: string;
  /** Whether the card exists in SageMaker, with this content; the draft is what saving it would make of it. */
  state: 'Draft only' | 'Outdated' | 'Saved';
  /** Of the saved card. */
  status?: string;
  version?: number;
  /** In SageMaker's model card JSON schema. */
  content: CardContent;
  /** What could not be looked up, one sentence each. */
  missing: string[];
}

export interface CardExport extends ExportedCard {
  pipelineId: string;
  name: string;
}

/** Part of the service that the HTTP API calls. */
export interface PipelineCardCalls {
  /** @throws OrchestratorError `PIPELINE_NOT_FOUND`, `PIPELINE_HAS_NO_MODEL` */
  card(pipelineId: string): Promise<PipelineCard>;
  /** Creates or updates the card in SageMaker; what people wrote in it stays. */
  saveCard(pipelineId: string, caller: string): Promise<PipelineCard>;
  /** Saves the card, and exports it to the assets bucket. */
  exportCard(pipelineId: string, format: 'pdf' | 'json', caller: string): Promise<CardExport>;
}

export interface PipelineCardsDependencies {
  pipelines: Pick<Pipelines, 'get' | 'deployedStages' | 'current'>;
  revisions: Pick<RevisionCalls, 'getRevision'>;
  executions: { ofPipeline(pipelineId: string, limit: number): Promise<Pick<Execution, 'revision' | 'decisions'>[]> };
  jobs: JobCalls;
  modelCards: Pick<ModelCards, 'export' | 'exportLocation'>;
  cloud: Pick<Cloud, 'modelCards'>;
  /** The orchestrator's own, in which cards are. */
  main: Environment;
  /** @throws OrchestratorError `ENVIRONMENT_NOT_CONFIGURED` */
  environment: (name: EnvironmentName) => Environment;
  audit: (entry: NewAuditEntry) => Promise<void>;
  /** How long each look-up in an account may take. Default: 10 s. */
  patienceMs?: number;
}

const PATIENCE_MS = 10_000;
/** Decisions of the latest executions of the deployed revision. */
const EXECUTIONS = 20;

type PipelineType = Pick<PipelineSummary, 'pipelineId' | 'pipelineType'>;

export class PipelineCards implements PipelineCardCalls {
  readonly #parts: PipelineCardsDependencies;

  constructor(parts: PipelineCardsDependencies) {
    this.#parts = parts;
  }

  async card(pipelineId: string): Promise<PipelineCard> {
    const name = cardName(pipelineId);
    const { content, missing } = await this.#draft(pipelineId);
    const saved = await this.#saved(name);
    return toCard(pipelineId, name, saved, content, missing);
  }

  async saveCard(pipelineId: string, caller: string): Promise<PipelineCard> {
    const name = cardName(pipelineId);
    const { content: draft, missing } = await this.#draft(pipelineId);
    const calls = this.#parts.cloud.modelCards(this.#parts.main);
    let saved = await this.#saved(name);
    if (!saved) {
      // Another process may have created it since.
      await calls.create(name, 'Draft', JSON.stringify(draft)).catch((error: unknown) => {
        if (!isTaken(error)) throw error;
      });
      saved = await this.#saved(name);
    }
    const was = contentOf(saved);
    const content = mergedContent(was, draft);
    if (!isEqual(was, content)) {
      await calls.update(name, { content: JSON.stringify(content) });
      saved = await this.#saved(name);
    }
    await this.#parts.audit({ principal: caller, action: 'model-card', pipelineId, detail: { name } });
    return toCard(pipelineId, name, saved, draft, missing);
  }

  async exportCard(pipelineId: string, format: 'pdf' | 'json', caller: string): Promise<CardExport> {
    const { name, content, version = 1 } = await this.saveCard(pipelineId, caller);
    const { main, cloud, modelCards } = this.#parts;
    if (format === 'pdf') return { pipelineId, name, ...(await modelCards.export({ name })) };
    const location = `${modelCards.exportLocation()}/${name}/${version}.json`;
    await cloud.modelCards(main).writeObject(location, `${JSON.stringify(content, null, 2)}\n`);
    return { pipelineId, name, message: exportedMessage(name, location), location };
  }

  async #saved(name: string): Promise<ModelCardDescription | undefined> {
    return await this.#parts.cloud.modelCards(this.#parts.main).describe(name);
  }

  async #draft(pipelineId: string): Promise<{ content: CardContent; missing: string[] }> {
    const { pipelines, revisions, executions } = this.#parts;
    const pipeline = await pipelines.get(pipelineId);
    mustHaveModel(pipeline);
    const missing: string[] = [];
    const deployed = await pipelines.deployedStages(pipelineId);
    const latest = deployed.toSorted((a, b) => (b.ended ?? '').localeCompare(a.ended ?? ''))[0];
    const revision = await revisions.getRevision(pipelineId, latest?.revision ?? pipeline.revision);
    const decisions = (await executions.ofPipeline(pipelineId, EXECUTIONS))
      .filter((one) => one.revision === revision.revision)
      .flatMap((one) => one.decisions ?? [])
      .toSorted((a, b) => a.at.localeCompare(b.at));
    const model = await this.#model(latest, missing);
    const [trainingJob, monitors] = await Promise.all([
      this.#trainingJob(pipeline, model?.artifacts[0] ?? text(revision.request.model_artifact_location), missing),
      this.#monitors(pipelineId, deployed, missing),
    ]);
    const facts: PipelineFacts = {
      pipelineId,
      pipelineType: pipeline.pipelineType,
      modelName: pipeline.modelName,
      revision,
      deployed,
      decisions,
      ...(model ? { model } : {}),
      ...(trainingJob ? { trainingJob } : {}),
      monitors,
    };
    return { content: draftContent(facts), missing };
  }

  async #model(stage: DeployedStage | undefined, missing: string[]) {
    const name = text(stage?.outputs?.modelName);
    if (!stage || !name) return undefined;
    return await this.#ask(`model ${name} in ${stage.environment}`, missing, () =>
      this.#parts.cloud.modelCards(this.#parts.environment(stage.environment)).describeModel(name),
    );
  }

  /** The pipeline's own job, or the job in the orchestrator's account that made the artifact. */
  async #trainingJob(
    { pipelineId, pipelineType }: PipelineType,
    artifact: string | undefined,
    missing: string[],
  ): Promise<TrainingJobFacts | undefined> {
    const { cloud, main } = this.#parts;
    const trains = findBlueprint(pipelineType)?.placement === 'orchestrator';
    if (trains) {
      const [job] = await this.#jobs(pipelineId, undefined, 'training', missing);
      const [tuning] = job ? [] : await this.#jobs(pipelineId, undefined, 'tuning', missing);
      const name = job?.name ?? tuning?.best;
      if (name === undefined) return undefined;
      return await this.#ask(`training job ${name}`, missing, () => cloud.modelCards(main).describeTrainingJob(name));
    }
    if (artifact === undefined) return undefined;
    return await this.#ask(`training job of ${artifact}`, missing, () =>
      cloud.modelCards(main).findTrainingJob(artifact),
    );
  }

  async #monitors(pipelineId: string, deployed: readonly DeployedStage[], missing: string[]): Promise<MonitorFacts[]> {
    const { pipelines } = this.#parts;
    const watched = { pipelineId, blueprint: findBlueprint((await pipelines.get(pipelineId)).pipelineType) };
    const found = deployed.map(async ({ environment }) =>
      (await monitorsOf(pipelines, watched, environment)).map(({ pipelineId: id }) => ({ id, environment })),
    );
    return await Promise.all(
      (await Promise.all(found)).flat().map(async ({ id, environment }): Promise<MonitorFacts> => {
        const { pipelineType, request } = await pipelines.get(id);
        const blueprint = findBlueprint(pipelineType);
        const values = blueprint ? stageValues(blueprint, request as PipelineRequest, environment) : {};
        const [baselines, runs] = await Promise.all([
          this.#jobs(id, environment, 'baseline', missing),
          this.#jobs(id, environment, 'monitoring', missing),
        ]);
        const [baseline] = baselines;
        const [run] = runs;
        const data = text((values as Record<string, unknown>).baseline_data);
        return {
          pipelineId: id,
          environment,
          ...(data ? { data: `s3://${this.#parts.main.assetsBucket}/${data}` } : {}),
          ...(baseline ? { baseline } : {}),
          ...(run ? { run } : {}),
        };
      }),
    );
  }

  async #jobs(
    pipelineId: string,
    environment: EnvironmentName | undefined,
    kind: Job['kind'],
    missing: string[],
  ): Promise<Job[]> {
    const filter = { kind, limit: 1, ...(environment ? { environment } : {}) };
    const { environments } = await this.#parts.jobs.jobs(pipelineId, filter);
    for (const { environment: where, error } of environments) {
      if (error) missing.push(`The ${kind} jobs of ${pipelineId} in ${where} cannot be read: ${error.message}`);
    }
    return environments.flatMap(({ jobs }) => jobs);
  }

  /** A draft is worth having without what an account does not tell. */
  async #ask<T>(what: string, missing: string[], call: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      const found = await withTimeout(call, this.#parts.patienceMs ?? PATIENCE_MS);
      if (found === undefined) missing.push(`SageMaker has no ${what}.`);
      return found;
    } catch (error) {
      missing.push(`SageMaker was asked for the ${what}: ${(error as Error).message}`);
      return undefined;
    }
  }
}

function mustHaveModel({ pipelineId, pipelineType }: PipelineType): void {
  if (hasModel(pipelineType)) return;
  throw new OrchestratorError(
    'PIPELINE_HAS_NO_MODEL',
    `Pipeline ${pipelineId} (${pipelineType}) neither trains nor deploys a model, so there is no model card to draft.`,
  );
}

function toCard(
  pipelineId: string,
  name: string,
  saved: ModelCardDescription | undefined,
  draft: CardContent,
  missing: string[],
): PipelineCard {
  if (!saved) return { pipelineId, name, state: 'Draft only', content: draft, missing };
  const was = contentOf(saved);
  const content = mergedContent(was, draft);
  return {
    pipelineId,
    name,
    state: isEqual(was, content) ? 'Saved' : 'Outdated',
    status: saved.ModelCardStatus,
    version: saved.ModelCardVersion,
    content,
    missing,
  };
}

function contentOf(card: ModelCardDescription | undefined): CardContent {
  return JSON.parse(card?.Content || '{}') as CardContent;
}
