/**
 * From "accepted" to "running": adds executions to the durable queue in the order of their revisions, and resumes the work
 * of dead processes. Everything here may run in several processes at once.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { WorkflowStatus } from '@dbos-inc/dbos-sdk';
import { chunk } from 'es-toolkit/array/chunk';
import type { Logger } from 'pino';
import { tryClaim } from '../platform/claims.ts';
import { combined } from '../platform/combined.ts';
import type { Database } from '../platform/database.ts';
import { inTransaction, isDatabaseAway } from '../platform/database.ts';
import type { Approvals } from '../executions/approvals.ts';
import type { Clock } from '../platform/clock.ts';
import type { Drift } from '../drift/drift.ts';
import type { Executions } from '../executions/executions.ts';
import type { ExecutionStage, ExecutionStatus } from '../model.ts';
import type { SoakPeriods } from '../executions/soak.ts';
import { nextStage } from '../pipelines/stages.ts';
import { stageBlocked } from '../executions/transitions/stages.ts';
import { STUCK_AFTER_MINUTES, WORKING_SQL } from '../executions/status.ts';
import type { Workers } from '../platform/workers.ts';
import type { Repetition } from '../platform/polling.ts';
import { repeat } from '../platform/polling.ts';
import type { RunningWorkflows } from './running-workflows.ts';
import { DRIFT_QUEUE, DRIFT_WORKFLOWS } from './check-drift.ts';
import { RUN_EXECUTION, STACK_QUEUE } from './segment.ts';
import type { SegmentQueue } from './segment-queue.ts';
import { announceQueued, queuedAnnouncement } from './queue-wake.ts';

/** Between two sweeps while there is unfinished work. */
const SWEEP_MS = 2_000;
const REST_MS = 10_000;
/** Everything is looked at this often at rest, too: for scheduled runs, and for calls that a dead process had deferred. */
const FULL_SWEEP_MS = 60_000;
const SWEEP_CLAIM = 'resume-stranded-workflows';
/** Much longer than a dispatch takes: a process paused in the middle blocks the others for this long. */
const SWEEP_CLAIM_SECONDS = 30;
/** Pipelines dispatched in one transaction: it takes two statements for each of them and six for all, and locks their rows. */
const BATCH = 20;

interface UndispatchedRow {
  id: string;
  pipeline_id: string;
  ordinal: string;
  stages: ExecutionStage[];
  attempt: number;
}

export interface DispatcherDependencies {
  database: Database;
  executions: Executions;
  approvals: Approvals;
  workers: Workers;
  running: RunningWorkflows;
  soaking: SoakPeriods;
  drift: Pick<Drift, 'dispatchForgotten'>;
  clock: Clock;
  queue: Pick<SegmentQueue, 'add'>;
  /** Milliseconds between two sweeps of a service at rest, unless work is announced; default: ten seconds. */
  restMs?: number;
  /** Called by every sweep that finds unfinished work: an announcement of it may have been lost. */
  onWork: () => void;
  logger: Logger;
}

export class Dispatcher {
  readonly #dependencies: DispatcherDependencies;
  #sweeps: Repetition | undefined;
  #suspects = new Set<string>();
  /** Pipelines to be dispatched in the background. */
  readonly #soon = new Set<string>();
  #dispatching: Promise<void> | undefined;
  #stopping = false;
  #isAtRest = false;
  #lastFullSweep = -Infinity;

  constructor(dependencies: DispatcherDependencies) {
    this.#dependencies = dependencies;
  }

  /** Sweeps now and periodically. */
  async start(): Promise<void> {
    const { restMs = REST_MS, logger } = this.#dependencies;
    await this.#sweep();
    this.#sweeps = repeat(
      () => this.#sweep(),
      () => (this.#isAtRest ? restMs : SWEEP_MS),
      (error) => {
        if (!isDatabaseAway(error)) logger.error({ err: error }, 'a sweep failed');
      },
    );
  }

  /** Work was announced: it is watched over from now on, in whichever process it runs. */
  attend(): void {
    if (!this.#isAtRest) return;
    this.#rest(false);
    this.#sweeps?.wakeIn(SWEEP_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#sweeps?.stop();
    await this.#dispatching;
  }

  /**
   * Dispatches a pipeline whose execution is stored: whoever requested it has his answer without waiting for the queue. What
   * comes meanwhile is dispatched together, so that a hundred requests at once are accepted before they are all queued. What
   * fails here, or ends with this process, is left to the sweep of a worker.
   */
  dispatchSoon(pipelineId: string): void {
    this.#soon.add(pipelineId);
    this.#dispatching ??= this.#dispatchAll().finally(() => (this.#dispatching = undefined));
  }

  async #dispatchAll(): Promise<void> {
    while (this.#soon.size > 0 && !this.#stopping) {
      const pipelineIds = [...this.#soon].slice(0, BATCH);
      for (const pipelineId of pipelineIds) this.#soon.delete(pipelineId);
      await this.#dispatchEach(pipelineIds).catch((error: unknown) => {
        this.#soon.clear();
        this.#dependencies.logger.warn({ err: error }, 'accepted executions could not be queued yet');
      });
    }
  }

  /**
   * Dispatches together, or, if that fails, one by one, so that no pipeline keeps the others from being queued.
   * @throws only if the database is away
   */
  async #dispatchEach(pipelineIds: readonly string[]): Promise<void> {
    try {
      await this.#dispatch(pipelineIds);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      if (pipelineIds.length > 1) for (const pipelineId of pipelineIds) await this.#dispatchEach([pipelineId]);
      else
        this.#dependencies.logger.error(
          { err: error, pipelineId: pipelineIds[0] },
          'an accepted execution was not queued',
        );
    }
  }

  /** Queues the accepted executions of a pipeline. */
  async dispatch(pipelineId: string): Promise<void> {
    await this.#dispatch([pipelineId]);
  }

  /**
   * Queues the accepted executions of pipelines; one that waits for another pipeline blocks those requested after it. The
   * locks on the rows of the pipelines ensure the order of revisions for concurrent requests; workflow ids make a repetition
   * harmless.
   */
  async #dispatch(pipelineIds: readonly string[]): Promise<void> {
    const { database, queue } = this.#dependencies;
    await this.#failBlockedByDependency(pipelineIds);
    await inTransaction(database, async (transaction) => {
      // Prepared, as everything here that runs for every request: planning costs more than running.
      await transaction.query({
        name: 'lock-pipelines',
        // In one order everywhere, so that two processes cannot wait for each other.
        text: 'SELECT 1 FROM mlops.pipelines WHERE id = ANY($1) ORDER BY id FOR UPDATE',
        values: [pipelineIds],
      });
      const { rows } = await transaction.query<UndispatchedRow>({
        name: 'undispatched',
        text: `SELECT id, pipeline_id, ordinal, stages, attempt FROM mlops.executions mine
                WHERE pipeline_id = ANY($1) AND dispatched IS NULL AND status IN ${WORKING_SQL}
                  AND NOT EXISTS (SELECT 1 FROM mlops.executions first JOIN mlops.executions other
                                      ON other.id = ANY(first.waits_for) AND other.status <> 'Succeeded'
                                   WHERE first.pipeline_id = mine.pipeline_id AND first.ordinal <= mine.ordinal
                                     AND first.dispatched IS NULL AND first.status IN ${WORKING_SQL})
                ORDER BY ordinal`,
        values: [pipelineIds],
      });
      if (rows.length === 0) return;
      for (const { id, pipeline_id: pipelineId, ordinal, ...row } of rows) {
        const stage = nextStage(row);
        if (!stage) continue;
        const segment = { executionId: id, stage: stage.name, attempt: row.attempt };
        await queue.add(transaction, segment, { pipelineId, ordinal: Number(ordinal) });
      }
      await transaction.query(
        combined('dispatched', [
          {
            text: 'UPDATE mlops.executions SET dispatched = now() WHERE id = ANY($1)',
            values: [rows.map(({ id }) => id)],
          },
          queuedAnnouncement(STACK_QUEUE),
        ]),
      );
    });
  }

  /** Fails executions that wait for one that can no longer succeed. */
  async #failBlockedByDependency(pipelineIds: readonly string[]): Promise<void> {
    const { database, executions, clock } = this.#dependencies;
    const { rows } = await database.query<{ id: string; other: string; pipeline: string; status: ExecutionStatus }>({
      name: 'blocked-by-dependency',
      text: `SELECT mine.id, other.id AS other, other.pipeline_id AS pipeline, other.status
               FROM mlops.executions mine JOIN mlops.executions other ON other.id = ANY(mine.waits_for)
              WHERE mine.pipeline_id = ANY($1) AND mine.status = 'Queued'
                AND other.status IN ('Failed', 'Cancelled', 'Superseded', 'Rejected')`,
      values: [pipelineIds],
    });
    for (const { id, other, pipeline, status: itsStatus } of rows) {
      await executions.transition(id, (before) => {
        const stage = before.status === 'Queued' ? nextStage(before) : undefined;
        const dependency = { executionId: other, pipelineId: pipeline, status: itsStatus };
        return stage && stageBlocked(before, stage, dependency, clock());
      });
    }
  }

  async #sweep(): Promise<void> {
    const { approvals, soaking, drift } = this.#dependencies;
    const hasWork = await this.#hasWork();
    this.#rest(!hasWork);
    if (!hasWork && performance.now() - this.#lastFullSweep < FULL_SWEEP_MS) return;
    this.#lastFullSweep = performance.now();
    await approvals.expire();
    await soaking.settle();
    await this.#dispatchForgotten();
    await drift.dispatchForgotten();
    await this.#resumeStranded();
    await this.#warnOfStuck();
    if (hasWork) this.#dependencies.onWork();
  }

  #rest(isAtRest: boolean): void {
    this.#isAtRest = isAtRest;
    this.#dependencies.workers.attend(!isAtRest);
  }

  /** One query, so that a service at rest costs little. */
  async #hasWork(): Promise<boolean> {
    const { rows } = await this.#dependencies.database.query<{ work: boolean }>({
      // Prepared: planning it would cost more than running it.
      name: 'unfinished-work',
      text: `SELECT EXISTS (SELECT 1 FROM mlops.executions WHERE status IN ${WORKING_SQL})
           OR EXISTS (SELECT 1 FROM mlops.executions
                       WHERE status = 'AwaitingApproval' AND (approval->>'expiresAt')::timestamptz <= $1)
           OR EXISTS (SELECT 1 FROM mlops.drift_checks WHERE status IN ('Queued', 'InProgress'))
           OR EXISTS (SELECT 1 FROM mlops.config_deliveries
                       WHERE status IN ('Pending', 'Following') AND claimed_by IS NOT NULL) AS work`,
      values: [this.#dependencies.clock()],
    });
    return rows[0]?.work ?? true;
  }

  /** Accepted (or approved), but the process died before queueing it; or the execution it waited for has ended. */
  async #dispatchForgotten(): Promise<void> {
    const { rows } = await this.#dependencies.database.query<{ pipeline_id: string }>(
      `SELECT DISTINCT pipeline_id FROM mlops.executions WHERE dispatched IS NULL AND status IN ${WORKING_SQL}`,
    );
    const pipelineIds = rows.map((row) => row.pipeline_id);
    for (const some of chunk(pipelineIds, BATCH)) await this.#dispatchEach(some);
  }

  /**
   * At launch DBOS recovers only the workflows of its own executor id, and ours is new at every start. Therefore workflows
   * pending under the id of a dead worker are resumed, and so are those that this process holds but does not run (the step
   * was interrupted when the database became unavailable), once this has been observed twice.
   */
  async #resumeStranded(): Promise<void> {
    const seenBefore = this.#suspects;
    const { stranded, suspects } = await this.#findStranded(seenBefore);
    this.#suspects = suspects;
    if (stranded.length === 0) return;
    const claim = await tryClaim(this.#dependencies.database, SWEEP_CLAIM, SWEEP_CLAIM_SECONDS);
    if (!claim) return;
    try {
      // Read again: the process that held the claim until now may have resumed them.
      for (const { workflowID, workflowName, executorId } of (await this.#findStranded(seenBefore)).stranded) {
        if (!claim.isHeld()) return;
        this.#dependencies.logger.warn(
          { workflowId: workflowID, executorId },
          'resuming the work of a process that is gone',
        );
        // In its original queue: in DBOS' internal one, a later execution of the pipeline could run first.
        const queueName = workflowName === RUN_EXECUTION ? STACK_QUEUE : DRIFT_QUEUE;
        await DBOS.resumeWorkflow(workflowID, { queueName });
        await announceQueued(this.#dependencies.database, queueName);
      }
    } finally {
      await claim.release();
    }
  }

  /** @param seenBefore workflows that this process held without running them at the previous sweep */
  async #findStranded(seenBefore: ReadonlySet<string>): Promise<{ stranded: WorkflowStatus[]; suspects: Set<string> }> {
    const { workers, running } = this.#dependencies;
    const suspects = new Set<string>();
    const pending = await DBOS.listWorkflows({ status: 'PENDING', workflowName: [RUN_EXECUTION, ...DRIFT_WORKFLOWS] });
    // After the list, so that a worker that started in between counts as alive; and with an empty list too, because the
    // claims of deliveries end with their worker.
    const living = await workers.sweep();
    const stranded = pending.filter(({ workflowID, executorId = '' }) => {
      const ownButIdle = executorId === workers.self.id && !running.isRunning(workflowID);
      if (!ownButIdle) return !living.has(executorId);
      if (seenBefore.has(workflowID)) return true;
      suspects.add(workflowID);
      return false;
    });
    return { stranded, suspects };
  }

  async #warnOfStuck(): Promise<void> {
    const { rows } = await this.#dependencies.database.query<{ id: string; pipeline_id: string; updated: Date }>(
      `SELECT id, pipeline_id, updated FROM mlops.executions
        WHERE status = 'InProgress' AND updated < now() - make_interval(mins => $1)`,
      [STUCK_AFTER_MINUTES],
    );
    for (const row of rows) {
      this.#dependencies.logger.error(
        { executionId: row.id, pipelineId: row.pipeline_id, since: row.updated },
        'an execution does not move',
      );
    }
  }
}
