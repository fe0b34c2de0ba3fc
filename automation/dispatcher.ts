/**
 * From "accepted" to "running": hands queued executions to the durable queue in the order of their revisions, and sweeps
 * up what dead processes left behind. Everything here may run in several processes at once.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import type { Database } from './database.ts';
import { inTransaction, isDatabaseAway } from './database.ts';
import type { ExecutionEvents } from './execution-events.ts';
import type { ExecutionStage } from './orchestrator.ts';
import type { Pipelines } from './pipelines.ts';
import type { StageSteps } from './steps.ts';
import type { Workers } from './workers.ts';
import type { StageRun } from './workflows/run-stage.ts';
import { STACK_QUEUE, stageWorkflowId } from './workflows/run-stage.ts';

const SWEEP_MS = 2_000;
/** An execution without a sign of life for this long is named in the log at every sweep. */
const STUCK_AFTER_MINUTES = 150;
const SWEEP_LOCK = 7_461_002;

interface UndispatchedRow {
  id: string;
  pipeline_id: string;
  ordinal: string;
  stages: ExecutionStage[];
}

export interface DispatcherDependencies {
  database: Database;
  pipelines: Pipelines;
  events: ExecutionEvents;
  workers: Workers;
  steps: StageSteps;
  runStage: (run: StageRun) => Promise<void>;
  logger: Logger;
}

export class Dispatcher {
  readonly #dependencies: DispatcherDependencies;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #suspects = new Set<string>();

  constructor(dependencies: DispatcherDependencies) {
    this.#dependencies = dependencies;
  }

  /** Sweeps now, and again and again. */
  async start(): Promise<void> {
    await this.#sweep();
    this.#timer = setInterval(() => {
      this.#sweeping ??= this.#sweep()
        .catch((error: unknown) => {
          if (!isDatabaseAway(error)) this.#dependencies.logger.error({ err: error }, 'a sweep failed');
        })
        .finally(() => (this.#sweeping = undefined));
    }, SWEEP_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  /**
   * Queues what is accepted but not yet queued for a pipeline. The lock on the pipeline's row makes "queued in the order
   * of revisions" hold for requests that arrive at once; workflow ids make a repetition harmless.
   */
  async dispatch(pipelineId: string): Promise<void> {
    await inTransaction(this.#dependencies.database, async (transaction) => {
      await transaction.query('SELECT 1 FROM mlops.pipelines WHERE id = $1 FOR UPDATE', [pipelineId]);
      const { rows } = await transaction.query<UndispatchedRow>(
        `SELECT id, pipeline_id, ordinal, stages FROM mlops.executions
          WHERE pipeline_id = $1 AND dispatched IS NULL ORDER BY ordinal`,
        [pipelineId],
      );
      for (const row of rows) {
        const stage = row.stages.find((one) => one.status === 'Pending');
        if (stage) await this.#enqueue({ executionId: row.id, stage: stage.name }, row);
        await transaction.query('UPDATE mlops.executions SET dispatched = now() WHERE id = $1', [row.id]);
      }
    });
  }

  async #enqueue(run: StageRun, row: UndispatchedRow): Promise<void> {
    await DBOS.startWorkflow(this.#dependencies.runStage, {
      workflowID: stageWorkflowId(run),
      queueName: STACK_QUEUE,
      // One partition per pipeline: its operations go one after the other, in the order in which they were accepted. The
      // time of queueing alone does not tell that order: several are queued within a millisecond.
      enqueueOptions: { queuePartitionKey: row.pipeline_id, priority: Number(row.ordinal) },
    })(run);
  }

  async #sweep(): Promise<void> {
    const { database } = this.#dependencies;
    await this.#dispatchForgotten();
    await inTransaction(database, async (transaction) => {
      // One process at a time, so that a workflow is not resumed twice.
      const { rows } = await transaction.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [
        SWEEP_LOCK,
      ]);
      if (rows[0]?.mine) await this.#resumeStranded();
    });
    await this.#warnOfStuck();
  }

  /** Accepted, but the process died before it could queue it. */
  async #dispatchForgotten(): Promise<void> {
    const { rows } = await this.#dependencies.database.query<{ pipeline_id: string }>(
      'SELECT DISTINCT pipeline_id FROM mlops.executions WHERE dispatched IS NULL',
    );
    for (const row of rows) await this.dispatch(row.pipeline_id);
  }

  /**
   * DBOS recovers at launch only what its own executor id had under way; ours is new at every start. So: whatever is
   * pending under an id that is not among the living is resumed, and so is what this process holds but does not run
   * (its step broke off when the database went away), once it was seen so twice.
   */
  async #resumeStranded(): Promise<void> {
    const { workers, steps, logger } = this.#dependencies;
    const pending = await DBOS.listWorkflows({ status: 'PENDING', workflowName: 'runStage' });
    if (pending.length === 0) return;
    const living = await workers.sweep();
    const suspects = new Set<string>();
    for (const { workflowID, executorId = '' } of pending) {
      const ownButIdle = executorId === workers.self.id && !steps.isRunning(workflowID);
      if (ownButIdle && !this.#suspects.has(workflowID)) suspects.add(workflowID);
      else if (ownButIdle || !living.has(executorId)) {
        logger.warn({ workflowId: workflowID, executorId }, 'resuming the work of a process that is gone');
        await DBOS.resumeWorkflow(workflowID);
      }
    }
    this.#suspects = suspects;
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
