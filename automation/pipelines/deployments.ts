/** What was deployed where, according to the executions: used for outputs, drift, removals and the numbers of job runs. */
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { EnvironmentName } from '../config/environments.ts';
import type { ExecutionKind, ExecutionStage, ExecutionStatus } from '../model.ts';
import type { Database } from '../platform/database.ts';
import type { DeployedStage } from './stages.ts';

/**
 * The number of the deployment, counted from 1 in each pipeline, in which what is asked for became what it is now;
 * looked for back to the last removal of the pipeline.
 * @param executionId the deployment to look back from; undefined = a new one, which would be the next
 * @param view what of a request counts, as text: what one environment gets of it
 */
export async function changedIn(
  database: Database,
  pipelineId: string,
  executionId: string | undefined,
  view: (request: PipelineRequest) => string,
  wanted: string,
): Promise<number> {
  const { rows } = await database.query<{ number: number; kind: ExecutionKind; request: PipelineRequest }>(
    `SELECT d.number, d.kind, r.request
       FROM (SELECT id, kind, revision, ordinal, row_number() OVER (ORDER BY ordinal)::int AS number
               FROM mlops.executions WHERE pipeline_id = $1 AND kind <> 'destroy') d
       JOIN mlops.revisions r ON r.pipeline_id = $1 AND r.number = d.revision
      WHERE ($2::uuid IS NULL OR d.ordinal <= (SELECT ordinal FROM mlops.executions WHERE id = $2))
        AND d.ordinal > coalesce((SELECT max(ordinal) FROM mlops.executions
                                   WHERE pipeline_id = $1 AND kind = 'destroy' AND status = 'Succeeded'), 0)
      ORDER BY d.ordinal DESC`,
    [pipelineId, executionId ?? null],
  );
  // A new run of the job counts as a change, although the request is the same.
  const last = rows.findIndex(({ kind, request }) => kind === 'run' || view(request) !== wanted);
  const run = rows[last];
  if (run && view(run.request) === wanted) return run.number;
  const next = (rows[0]?.number ?? 0) + 1;
  if (last === 0) return next;
  return (last === -1 ? rows.at(-1) : rows[last - 1])?.number ?? next;
}

/** The last successful deployment of each environment; empty after a removal. */
export async function deployedStages(database: Database, pipelineId: string): Promise<DeployedStage[]> {
  const { rows } = await database.query<{
    kind: ExecutionKind;
    revision: number;
    status: ExecutionStatus;
    stages: ExecutionStage[];
  }>(`SELECT kind, revision, status, stages FROM mlops.executions WHERE pipeline_id = $1 ORDER BY ordinal DESC`, [
    pipelineId,
  ]);
  const seen = new Map<string, DeployedStage | undefined>();
  for (const { kind, revision, status, stages } of rows) {
    if (kind === 'destroy' && status === 'Succeeded') break;
    for (const stage of stages) {
      const { environment } = stage;
      if (!environment || stage.status !== 'Succeeded' || seen.has(environment)) continue;
      // An incomplete removal has emptied the stacks it reached.
      if (stage.kind === 'destroy') seen.set(environment, undefined);
      else if (stage.kind === 'deploy') seen.set(environment, { revision, ...stage, environment });
    }
  }
  return [...seen.values()].filter((stage) => stage !== undefined);
}

/** Environments that may have a stack: all in which a deployment was ever started, whether it completed or not. */
export async function touchedEnvironments(database: Database, pipelineId: string): Promise<EnvironmentName[]> {
  const { rows } = await database.query<{ environment: EnvironmentName }>(
    `SELECT DISTINCT stage->>'environment' AS environment
       FROM mlops.executions, jsonb_array_elements(stages) stage
      WHERE pipeline_id = $1 AND stage ? 'environment' AND stage ? 'stack'`,
    [pipelineId],
  );
  return rows.map(({ environment }) => environment);
}
