/** Pipelines, revisions and executions: what was accepted, in PostgreSQL. Nothing here runs anything. */
import { randomUUID } from 'node:crypto';
import { requestDigest } from '../blueprints/shared/request-digest.ts';
import type { ValidRequest } from '../blueprints/request.ts';
import type { PipelineRequest } from '../blueprints/blueprint.ts';
import type { Database, Transaction } from './database.ts';
import { inTransaction } from './database.ts';
import { OrchestratorError } from './errors.ts';
import { EVENTS_CHANNEL } from './execution-events.ts';
import type {
  Execution,
  ExecutionKind,
  ExecutionStage,
  ExecutionStatus,
  Pipeline,
  PipelineSummary,
} from './orchestrator.ts';

/** What became of a request for a pipeline. */
export type Accepted =
  | { outcome: 'created' | 'updated'; pipelineId: string; executionId: string }
  | { outcome: 'unchanged'; pipelineId: string };

interface PipelineRow {
  id: string;
  pipeline_type: string;
  model_name: string;
  revision: number;
  deleted: boolean;
  created: Date;
  updated: Date;
}

interface ExecutionRow {
  id: string;
  pipeline_id: string;
  kind: ExecutionKind;
  revision: number;
  status: ExecutionStatus;
  requested_by: string;
  stages: ExecutionStage[];
  created: Date;
  updated: Date;
}

const UNDER_WAY: readonly ExecutionStatus[] = ['Queued', 'InProgress', 'AwaitingApproval'];

export class Pipelines {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Stores a request as a revision with a queued execution, unless the pipeline already has exactly this request
   * deployed or under way. Requests for one pipeline are serialised by its row, so the same request twice at once makes
   * one execution.
   */
  async accept(valid: ValidRequest, stages: ExecutionStage[], caller: string): Promise<Accepted> {
    const digest = requestDigest(valid.request);
    return await inTransaction(this.#database, async (transaction) => {
      const { pipelineId } = valid;
      await transaction.query(
        `INSERT INTO mlops.pipelines (id, pipeline_type, model_name) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
        [pipelineId, valid.blueprint.pipelineType, valid.modelName],
      );
      const pipeline = await lockPipeline(transaction, pipelineId);
      const latest = await latestExecution(transaction, pipelineId);
      if (!pipeline.deleted && latest?.kind === 'provision' && latest.status !== 'Failed') {
        const { rows } = await transaction.query(
          'SELECT 1 FROM mlops.revisions WHERE pipeline_id = $1 AND number = $2 AND digest = $3',
          [pipelineId, latest.revision, digest],
        );
        if (rows.length > 0 && (latest.status === 'Succeeded' || UNDER_WAY.includes(latest.status))) {
          return { outcome: 'unchanged', pipelineId };
        }
      }
      const revision = pipeline.revision + 1;
      await transaction.query(
        `INSERT INTO mlops.revisions (pipeline_id, number, digest, request, requested_by) VALUES ($1, $2, $3, $4, $5)`,
        [pipelineId, revision, digest, JSON.stringify(valid.request), caller],
      );
      await transaction.query(
        'UPDATE mlops.pipelines SET revision = $2, deleted = false, updated = now() WHERE id = $1',
        [pipelineId, revision],
      );
      const executionId = await insertExecution(transaction, pipelineId, 'provision', revision, stages, caller);
      const isNew = latest === undefined || pipeline.deleted;
      return { outcome: isNew ? 'created' : 'updated', pipelineId, executionId };
    });
  }

  /**
   * Queues the removal of a pipeline; asked again while it is under way, gives the same execution.
   * @throws OrchestratorError `PIPELINE_NOT_FOUND` for an unknown or already removed pipeline
   */
  async acceptDestroy(
    pipelineId: string,
    stages: ExecutionStage[],
    caller: string,
  ): Promise<{ executionId: string; isNew: boolean }> {
    return await inTransaction(this.#database, async (transaction) => {
      const pipeline = await lockPipeline(transaction, pipelineId);
      if (pipeline.deleted) throw notFound(pipelineId, 'It was deleted.');
      const latest = await latestExecution(transaction, pipelineId);
      if (latest?.kind === 'destroy' && UNDER_WAY.includes(latest.status)) {
        return { executionId: latest.id, isNew: false };
      }
      const executionId = await insertExecution(transaction, pipelineId, 'destroy', pipeline.revision, stages, caller);
      return { executionId, isNew: true };
    });
  }

  async list(): Promise<PipelineSummary[]> {
    const { rows } = await this.#database.query<PipelineRow & { status: ExecutionStatus; execution_id: string }>(
      `SELECT p.*, e.status, e.id AS execution_id
         FROM mlops.pipelines p
         JOIN LATERAL (SELECT id, status FROM mlops.executions WHERE pipeline_id = p.id ORDER BY ordinal DESC LIMIT 1) e ON true
        ORDER BY p.created, p.id`,
    );
    return rows.map((row) => ({ ...toSummary(row, row.status), latestExecutionId: row.execution_id }));
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  async get(pipelineId: string): Promise<Pipeline> {
    const { rows } = await this.#database.query<PipelineRow & { request: PipelineRequest }>(
      `SELECT p.*, r.request FROM mlops.pipelines p
         JOIN mlops.revisions r ON r.pipeline_id = p.id AND r.number = p.revision
        WHERE p.id = $1`,
      [pipelineId],
    );
    const [row] = rows;
    const [latest] = row ? await this.executions(pipelineId, 1) : [];
    if (!row || !latest) throw notFound(pipelineId);
    return {
      ...toSummary(row, latest.status),
      latestExecutionId: latest.executionId,
      request: row.request,
      stages: latest.stages,
    };
  }

  /** The validated request of one revision. */
  async request(pipelineId: string, revision: number): Promise<PipelineRequest> {
    const { rows } = await this.#database.query<{ request: PipelineRequest }>(
      'SELECT request FROM mlops.revisions WHERE pipeline_id = $1 AND number = $2',
      [pipelineId, revision],
    );
    if (!rows[0]) throw notFound(pipelineId, `It has no revision ${revision}.`);
    return rows[0].request;
  }

  /**
   * The revision in which what is asked for became what it is now, counted from the last removal of the pipeline.
   * @param latest the revision to look back from; 0 = the newest, to which the request is a new one if it differs
   * @param view what of a request counts, as text: what one environment gets of it
   */
  async changedIn(
    pipelineId: string,
    latest: number,
    view: (request: PipelineRequest) => string,
    wanted: string,
  ): Promise<number> {
    const { rows } = await this.#database.query<{ number: number; request: PipelineRequest }>(
      `SELECT number, request FROM mlops.revisions
        WHERE pipeline_id = $1 AND ($2 = 0 OR number <= $2)
          AND number > coalesce((SELECT max(revision) FROM mlops.executions
                                  WHERE pipeline_id = $1 AND kind = 'destroy' AND status = 'Succeeded'), 0)
        ORDER BY number DESC`,
      [pipelineId, latest],
    );
    const different = rows.findIndex(({ request }) => view(request) !== wanted);
    const newest = rows[0]?.number ?? latest;
    if (different === 0) return newest + 1;
    return (different === -1 ? rows.at(-1) : rows[different - 1])?.number ?? newest + 1;
  }

  /** Newest first. */
  async executions(pipelineId: string, limit = 100): Promise<Execution[]> {
    const { rows } = await this.#database.query<ExecutionRow>(
      'SELECT * FROM mlops.executions WHERE pipeline_id = $1 ORDER BY ordinal DESC LIMIT $2',
      [pipelineId, limit],
    );
    return rows.map(toExecution);
  }

  /** @throws OrchestratorError `EXECUTION_NOT_FOUND` */
  async execution(executionId: string): Promise<Execution> {
    const { rows } = isUuid(executionId)
      ? await this.#database.query<ExecutionRow>('SELECT * FROM mlops.executions WHERE id = $1', [executionId])
      : { rows: [] };
    if (!rows[0]) {
      throw new OrchestratorError(
        'EXECUTION_NOT_FOUND',
        `There is no execution ${executionId}. GET /pipelines/{id}/executions lists those of a pipeline.`,
      );
    }
    return toExecution(rows[0]);
  }

  /**
   * Changes one stage and the status of an execution. An execution that has ended is never changed again.
   * @returns the execution as it now is.
   */
  async advance(
    executionId: string,
    change: { status?: ExecutionStatus; stage?: string; patch?: Partial<ExecutionStage> },
  ): Promise<Execution> {
    return await inTransaction(this.#database, async (transaction) => {
      const { rows } = await transaction.query<ExecutionRow>(
        'SELECT * FROM mlops.executions WHERE id = $1 FOR UPDATE',
        [executionId],
      );
      const row = rows[0];
      if (!row) throw new OrchestratorError('EXECUTION_NOT_FOUND', `There is no execution ${executionId}.`);
      if (!UNDER_WAY.includes(row.status)) return toExecution(row);
      const stages = row.stages.map((stage) => (stage.name === change.stage ? { ...stage, ...change.patch } : stage));
      const updated = await transaction.query<ExecutionRow>(
        'UPDATE mlops.executions SET status = $2, stages = $3, updated = now() WHERE id = $1 RETURNING *',
        [executionId, change.status ?? row.status, JSON.stringify(stages)],
      );
      // Followers of the events wait for this too: it may be the end of what there is to follow.
      await transaction.query('SELECT pg_notify($1, $2)', [EVENTS_CHANNEL, executionId]);
      if (row.kind === 'destroy' && change.status === 'Succeeded') {
        await transaction.query('UPDATE mlops.pipelines SET deleted = true, updated = now() WHERE id = $1', [
          row.pipeline_id,
        ]);
      }
      return toExecution(updated.rows[0] ?? row);
    });
  }

  /** Outputs of the last successful deployment, per stage; empty after a removal. */
  async deployedStages(pipelineId: string): Promise<ExecutionStage[]> {
    const { rows } = await this.#database.query<ExecutionRow & { deleted: boolean }>(
      `SELECT e.*, p.deleted FROM mlops.executions e JOIN mlops.pipelines p ON p.id = e.pipeline_id
        WHERE e.pipeline_id = $1 AND e.kind = 'provision' ORDER BY e.ordinal DESC`,
      [pipelineId],
    );
    const deployed = new Map<string, ExecutionStage>();
    for (const row of rows) {
      if (row.deleted) break;
      for (const stage of row.stages) {
        if (stage.environment && stage.status === 'Succeeded' && !deployed.has(stage.environment)) {
          deployed.set(stage.environment, stage);
        }
      }
    }
    return [...deployed.values()];
  }

  /** Whether a later execution of the same pipeline has ended already: what it brought about must not be undone. */
  async isOvertaken(executionId: string): Promise<boolean> {
    const { rows } = await this.#database.query(
      `SELECT 1 FROM mlops.executions mine JOIN mlops.executions later
           ON later.pipeline_id = mine.pipeline_id AND later.ordinal > mine.ordinal
        WHERE mine.id = $1 AND later.status IN ('Succeeded', 'Failed') LIMIT 1`,
      [executionId],
    );
    return rows.length > 0;
  }

  /** Executions by status, for the metrics. */
  async countByStatus(): Promise<Record<string, number>> {
    const { rows } = await this.#database.query<{ status: string; count: number }>(
      'SELECT status, count(*)::int AS count FROM mlops.executions GROUP BY status',
    );
    return Object.fromEntries(rows.map((row) => [row.status, row.count]));
  }
}

async function lockPipeline(transaction: Transaction, pipelineId: string): Promise<PipelineRow> {
  const { rows } = await transaction.query<PipelineRow>('SELECT * FROM mlops.pipelines WHERE id = $1 FOR UPDATE', [
    pipelineId,
  ]);
  if (!rows[0]) throw notFound(pipelineId);
  return rows[0];
}

async function latestExecution(transaction: Transaction, pipelineId: string): Promise<ExecutionRow | undefined> {
  const { rows } = await transaction.query<ExecutionRow>(
    'SELECT * FROM mlops.executions WHERE pipeline_id = $1 ORDER BY ordinal DESC LIMIT 1',
    [pipelineId],
  );
  return rows[0];
}

async function insertExecution(
  transaction: Transaction,
  pipelineId: string,
  kind: ExecutionKind,
  revision: number,
  stages: ExecutionStage[],
  caller: string,
): Promise<string> {
  const id = randomUUID();
  await transaction.query(
    `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages)
     VALUES ($1, $2, $3, $4, 'Queued', $5, $6)`,
    [id, pipelineId, kind, revision, caller, JSON.stringify(stages)],
  );
  return id;
}

function toSummary(row: PipelineRow, status: ExecutionStatus): PipelineSummary {
  return {
    pipelineId: row.id,
    pipelineType: row.pipeline_type,
    modelName: row.model_name,
    status: row.deleted ? 'Deleted' : status,
    revision: row.revision,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

function toExecution(row: ExecutionRow): Execution {
  return {
    executionId: row.id,
    pipelineId: row.pipeline_id,
    kind: row.kind,
    revision: row.revision,
    status: row.status,
    requestedBy: row.requested_by,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    stages: row.stages,
  };
}

function notFound(pipelineId: string, detail = 'GET /pipelines lists those that there are.'): OrchestratorError {
  return new OrchestratorError('PIPELINE_NOT_FOUND', `There is no pipeline ${pipelineId}. ${detail}`);
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
