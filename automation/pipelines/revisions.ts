/** Reads the revisions of a pipeline: requests, requesters, commits, environments, and the differences of two revisions. */
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { PropertyDifference, RequestOrigin } from '../model.ts';
import type { Database } from '../platform/database.ts';
import type { CursorPage } from '../platform/paging.ts';
import { cursorPage } from '../platform/paging.ts';
import { deployedStages } from './deployments.ts';
import { requestDifferences } from './request-differences.ts';

export interface RevisionSummary {
  pipelineId: string;
  revision: number;
  /** Hash of the request: two revisions with the same digest are identical requests. */
  digest: string;
  requestedBy: string;
  created: string;
  /** Of a pushed request. */
  origin?: RequestOrigin;
  /** Whether the latest deployment is of this revision. */
  current: boolean;
  /** Environments in which it is deployed. */
  environments: EnvironmentName[];
}

export interface Revision extends RevisionSummary {
  request: PipelineRequest;
}

/** How the request of one revision differs from that of another, by key. */
export interface RevisionDifference {
  pipelineId: string;
  from: number;
  to: number;
  differences: PropertyDifference[];
}

export interface RevisionQuery {
  limit: number;
  /** Number of a revision: goes on with older ones. */
  after?: number;
}

/** What the API calls. */
export interface RevisionCalls {
  /** Newest first. */
  listRevisions(pipelineId: string, query: RevisionQuery): Promise<CursorPage<RevisionSummary>>;
  getRevision(pipelineId: string, revision: number): Promise<Revision>;
  /** @param to default: the current revision */
  diffRevisions(pipelineId: string, from: number, to?: number): Promise<RevisionDifference>;
}

interface RevisionRow {
  number: number;
  digest: string;
  request: PipelineRequest;
  requested_by: string;
  created: Date;
  origin: RequestOrigin | null;
  current: number;
}

/** A revision is created with its execution, which has the commit. */
const SELECT = `
  SELECT r.*, p.revision AS current,
         (SELECT e.origin FROM mlops.executions e WHERE e.pipeline_id = r.pipeline_id AND e.revision = r.number
           ORDER BY e.ordinal LIMIT 1) AS origin
    FROM mlops.pipelines p JOIN mlops.revisions r ON r.pipeline_id = p.id`;

export class Revisions implements RevisionCalls {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  async listRevisions(pipelineId: string, { limit, after }: RevisionQuery): Promise<CursorPage<RevisionSummary>> {
    const { rows } = await this.#database.query<RevisionRow>(
      `${SELECT} WHERE p.id = $1 AND ($3::int IS NULL OR r.number < $3) ORDER BY r.number DESC LIMIT $2`,
      [pipelineId, limit + 1, after ?? null],
    );
    // Every pipeline has a revision: no row on the first page means that there is no pipeline. A later page may be empty.
    if (rows.length === 0 && (after === undefined || !(await this.#exists(pipelineId)))) throw noPipeline(pipelineId);
    const where = await this.#whereDeployed(pipelineId);
    const summaries = rows.map((row) => toSummary(pipelineId, row, where));
    return cursorPage(summaries, limit, ({ revision }) => String(revision));
  }

  /** @throws OrchestratorError `REVISION_NOT_FOUND` */
  async getRevision(pipelineId: string, revision: number): Promise<Revision> {
    const row = await this.#row(pipelineId, revision);
    const summary = toSummary(pipelineId, row, await this.#whereDeployed(pipelineId));
    return { ...summary, request: row.request };
  }

  /** @throws OrchestratorError `REVISION_NOT_FOUND` */
  async diffRevisions(pipelineId: string, from: number, to?: number): Promise<RevisionDifference> {
    const before = await this.#row(pipelineId, from);
    const after = await this.#row(pipelineId, to ?? before.current);
    return {
      pipelineId,
      from: before.number,
      to: after.number,
      differences: requestDifferences(before.request, after.request),
    };
  }

  async #exists(pipelineId: string): Promise<boolean> {
    const { rowCount } = await this.#database.query('SELECT 1 FROM mlops.pipelines WHERE id = $1', [pipelineId]);
    return rowCount === 1;
  }

  async #row(pipelineId: string, revision: number): Promise<RevisionRow> {
    const { rows } = await this.#database.query<RevisionRow>(`${SELECT} WHERE p.id = $1 AND r.number = $2`, [
      pipelineId,
      revision,
    ]);
    if (!rows[0]) throw noRevision(pipelineId, revision);
    return rows[0];
  }

  async #whereDeployed(pipelineId: string): Promise<Map<number, EnvironmentName[]>> {
    const byRevision = Map.groupBy(await deployedStages(this.#database, pipelineId), ({ revision }) => revision);
    return new Map([...byRevision].map(([revision, stages]) => [revision, stages.map((stage) => stage.environment)]));
  }
}

function toSummary(
  pipelineId: string,
  { number, digest, requested_by: requestedBy, created, origin, current }: RevisionRow,
  where: ReadonlyMap<number, EnvironmentName[]>,
): RevisionSummary {
  return {
    pipelineId,
    revision: number,
    digest,
    requestedBy,
    created: created.toISOString(),
    ...(origin ? { origin } : {}),
    current: number === current,
    environments: where.get(number) ?? [],
  };
}

function noPipeline(pipelineId: string): OrchestratorError {
  return new OrchestratorError(
    'PIPELINE_NOT_FOUND',
    `There is no pipeline ${pipelineId}. GET /pipelines lists the existing ones.`,
  );
}

export function noRevision(pipelineId: string, revision: number): OrchestratorError {
  return new OrchestratorError(
    'REVISION_NOT_FOUND',
    `Pipeline ${pipelineId} has no revision ${revision}. GET /pipelines/${pipelineId}/revisions lists the existing ones.`,
  );
}
