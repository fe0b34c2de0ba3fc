/** Keeps the cards of pipelines up to date: saves them after each deployment (`MODEL_CARDS=Yes`). A failure fails no deployment. */
import { withTimeout } from 'es-toolkit/promise/withTimeout';
import type { Logger } from 'pino';
import { EventWriter } from '../executions/event-writer.ts';
import type { ExecutionEvents } from '../executions/events.ts';
import type { Execution } from '../model.ts';
import type { PipelineCardCalls } from './pipeline-cards.ts';
import { hasModel } from './has-model.ts';

/** Who changes cards after a deployment, in the audit log. */
const PRINCIPAL = 'MODEL_CARDS';
/** The next stage waits for it: an approver finds the card as the last deployment left it. */
const PATIENCE_MS = 30_000;

export interface CardKeeperDependencies {
  /** Available once the service is composed. */
  cards: () => Pick<PipelineCardCalls, 'saveCard'>;
  events: ExecutionEvents;
  logger: Logger;
}

export class CardKeeper {
  readonly #parts: CardKeeperDependencies;

  constructor(parts: CardKeeperDependencies) {
    this.#parts = parts;
  }

  /** Saves the card if the stage is a completed deployment of a model. Safe to repeat: an unchanged card is not written. */
  async after(execution: Execution, stageName: string): Promise<void> {
    const { cards, events, logger } = this.#parts;
    const { executionId, pipelineId, pipelineType } = execution;
    const stage = execution.stages.find(({ name }) => name === stageName);
    if (stage?.kind !== 'deploy' || stage.status !== 'Succeeded' || !hasModel(pipelineType)) return;
    const log = logger.child({ executionId, pipelineId });
    const place = { stage: stageName, ...(stage.environment ? { environment: stage.environment } : {}) };
    const writer = new EventWriter(events, executionId, place, log);
    try {
      const { name, version } = await withTimeout(() => cards().saveCard(pipelineId, PRINCIPAL), PATIENCE_MS);
      writer.add({ type: 'model-card.saved', data: { name, version } });
    } catch (error) {
      log.warn({ err: error }, 'the model card could not be saved');
      writer.add({ type: 'model-card.failed', data: { reason: (error as Error).message } });
    }
    await writer.close();
  }
}
