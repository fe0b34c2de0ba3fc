/** Reads many pipelines at once: pages of them, and how many have each status. Asked by the orchestrator. */
import type { Database } from '../platform/database.ts';
import type { CursorPage, CursorQuery } from '../platform/paging.ts';
import { cursorPage } from '../platform/paging.ts';
import type { PipelineEnvironment, PipelineSummary } from '../model.ts';
import { environmentsOf } from './pipeline-environments.ts';

/** Everything that is given has to hold. */
export interface PipelineFilter extends CursorQuery {
  /** Of the latest execution, or `Deleted`. */
  status?: string;
  pipelineType?: string;
  /** Part of the id or of the model name, in any case. */
  search?: string;
  /** `deleted`: those as well. Asked for by `status` they are given without it. */
  include?: 'deleted';
}

interface SummaryRow {
  id: string;
  pipeline_type: string;
  model_name: string;
  revision: number;
  protected_by: string | null;
  created: Date;
  updated: Date;
  status: PipelineSummary['status'];
  execution_id: string;
}

const LATEST = `
  FROM mlops.pipelines p
  JOIN LATERAL (SELECT id, status FROM mlops.executions WHERE pipeline_id = p.id ORDER BY ordinal DESC LIMIT 1) e ON true`;
const STATUS = `CASE WHEN p.deleted THEN 'Deleted' ELSE e.status END`;

/** Oldest first. */
export async function listPipelines(
  database: Database,
  { limit, after, status, pipelineType, search, include }: PipelineFilter,
): Promise<CursorPage<PipelineSummary>> {
  const { rows } = await database.query<SummaryRow>(
    `SELECT p.id, p.pipeline_type, p.model_name, p.revision, p.protected_by, p.created, p.updated, ${STATUS} AS status,
            e.id AS execution_id
       ${LATEST}
      WHERE ($2::text IS NULL OR (p.created, p.id) > (SELECT created, id FROM mlops.pipelines WHERE id = $2))
        AND ($3::text IS NULL OR ${STATUS} = $3)
        -- Not the latest of each, which the line before checks, but found through an index.
        AND ($3::text IS NULL OR $3 = 'Deleted' OR p.id IN (SELECT pipeline_id FROM mlops.executions WHERE status = $3))
        AND ($4::text IS NULL OR p.pipeline_type = $4)
        AND ($5::text IS NULL OR strpos(lower(p.id || ' ' || p.model_name), lower($5)) > 0)
        AND (NOT p.deleted OR $6)
      ORDER BY p.created, p.id LIMIT $1`,
    [
      limit + 1,
      after ?? null,
      status ?? null,
      pipelineType ?? null,
      search ?? null,
      include === 'deleted' || status === 'Deleted',
    ],
  );
  const environments = await environmentsOf(
    database,
    rows.map(({ id }) => id),
  );
  const summaries = rows.map((row) => toSummary(row, environments.get(row.id) ?? []));
  return cursorPage(summaries, limit, ({ pipelineId }) => pipelineId);
}

export async function countPipelines(database: Database): Promise<Record<string, number>> {
  const { rows } = await database.query<{ status: string; count: number }>(
    `SELECT ${STATUS} AS status, count(*)::int AS count ${LATEST} GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

function toSummary(row: SummaryRow, environments: PipelineEnvironment[]): PipelineSummary {
  return {
    pipelineId: row.id,
    pipelineType: row.pipeline_type,
    modelName: row.model_name,
    status: row.status,
    revision: row.revision,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    ...(row.protected_by ? { protectedBy: row.protected_by } : {}),
    latestExecutionId: row.execution_id,
    environments,
  };
}
