/** Drift detection: checks on demand and by schedule, their findings, and reconciliation. */
import { createHash } from 'node:crypto';
import type { CursorPage, CursorQuery } from '../platform/paging.ts';
import { untilDatabaseBack } from '../platform/database.ts';
import type { EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { DriftCheck, DriftCheckAnswer, ExecutionAnswer } from '../model.ts';
import type { DriftChecks, NewDriftCheck } from './drift-checks.ts';

export interface DriftDependencies {
  checks: DriftChecks;
  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  mustExist: (pipelineId: string) => Promise<unknown>;
  /** Deployed environments with their stacks. */
  deployed: (pipelineId: string) => Promise<{ environment?: EnvironmentName; stack?: string }[]>;
  /** Adds a check to the durable queue; safe to repeat. */
  enqueue: (checkId: string) => Promise<void>;
  /**
   * Starts the execution that deploys the current revisions of these environments again, after approval.
   * @throws OrchestratorError `PIPELINE_BUSY`
   */
  startReconcile: (
    pipelineId: string,
    environments: readonly EnvironmentName[],
    caller: string,
  ) => Promise<ExecutionAnswer>;
}

export class Drift {
  readonly #dependencies: DriftDependencies;

  constructor(dependencies: DriftDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND`, `PIPELINE_BUSY`, `NOTHING_DEPLOYED` */
  async check(pipelineId: string, caller: string): Promise<DriftCheckAnswer> {
    const { checks, mustExist } = this.#dependencies;
    await mustExist(pipelineId);
    const wanted = await this.#deployed(pipelineId);
    if (wanted.length === 0) {
      throw new OrchestratorError(
        'NOTHING_DEPLOYED',
        `Pipeline ${pipelineId} is not deployed, so there is nothing to check. GET /pipelines/${pipelineId} shows its stages.`,
      );
    }
    if ((await checks.idlePipelines(pipelineId)).length === 0) {
      throw new OrchestratorError(
        'PIPELINE_BUSY',
        `An execution of pipeline ${pipelineId} is in progress. Check for drift when it has ended.`,
        { retryAfterSeconds: 30 },
      );
    }
    const added = await checks.add(wanted, caller);
    for (const { checkId } of added) await this.#dispatch(checkId);
    return {
      message: `Drift check of ${added.length === 1 ? '1 environment' : `${added.length} environments`} started. It does not change anything.`,
      pipelineId,
      checks: added.map(({ checkId, environment }) => ({ checkId, environment })),
    };
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  async newest(pipelineId: string): Promise<DriftCheck[]> {
    await this.#dependencies.mustExist(pipelineId);
    return await this.#dependencies.checks.newest(pipelineId);
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  async history(pipelineId: string, page: CursorQuery): Promise<CursorPage<DriftCheck>> {
    await this.#dependencies.mustExist(pipelineId);
    return await this.#dependencies.checks.history(pipelineId, page);
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND`, `NOTHING_DRIFTED`, `PIPELINE_BUSY` */
  async reconcile(pipelineId: string, caller: string): Promise<ExecutionAnswer> {
    const newest = await this.newest(pipelineId);
    const drifted = newest.filter(({ status, outdated }) => status === 'Drifted' && !outdated);
    if (drifted.length === 0) {
      const known = newest.map(
        ({ environment, status, outdated }) => `${environment}: ${outdated ? 'outdated' : status}`,
      );
      throw new OrchestratorError(
        'NOTHING_DRIFTED',
        `No environment of pipeline ${pipelineId} is known to have drifted (${known.join(', ') || 'never checked'}). POST /pipelines/${pipelineId}/drift has them checked.`,
      );
    }
    const environments = drifted.map(({ environment }) => environment);
    return await this.#dependencies.startReconcile(pipelineId, environments, caller);
  }

  /**
   * Adds a check of every deployed environment of every idle pipeline; `dispatchForgotten` queues them. Another call for the
   * same time adds nothing.
   * @param scheduled the scheduled time, as ISO text
   */
  async checkAll(scheduled: string): Promise<void> {
    const { checks } = this.#dependencies;
    for (const pipelineId of await untilDatabaseBack(() => checks.idlePipelines())) {
      await untilDatabaseBack(async () => {
        const wanted = await this.#deployed(pipelineId);
        await checks.add(wanted.map((check) => ({ ...check, checkId: scheduledId(scheduled, check.stack) })));
      });
    }
  }

  /** Queues checks whose process died before queueing them. */
  async dispatchForgotten(): Promise<void> {
    for (const checkId of await this.#dependencies.checks.undispatched()) await this.#dispatch(checkId);
  }

  async #dispatch(checkId: string): Promise<void> {
    await this.#dependencies.enqueue(checkId);
    await this.#dependencies.checks.markDispatched(checkId);
  }

  async #deployed(pipelineId: string): Promise<NewDriftCheck[]> {
    const stages = await this.#dependencies.deployed(pipelineId);
    return stages.flatMap(({ environment, stack }) =>
      environment && stack ? [{ pipelineId, environment, stack }] : [],
    );
  }
}

/** One id per stack and scheduled time, regardless of which process asks and how often. */
function scheduledId(scheduled: string, stack: string): string {
  const digest = createHash('sha256').update(`${scheduled} ${stack}`).digest('hex');
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
