/** What each of many pipelines has in each environment: for lists, where one query for each pipeline would be too many. */
import type { EnvironmentName } from '../config/environments.ts';
import { outdated } from '../drift/drift-checks.ts';
import type { DriftCheckStatus, PipelineEnvironment, StageKind } from '../model.ts';
import type { Database } from '../platform/database.ts';
import { PROMOTION } from './stages.ts';

interface StageRow {
  pipeline_id: string;
  environment: EnvironmentName;
  status: PipelineEnvironment['lastStage'];
  kind: StageKind;
  revision: number;
  ended: string | null;
  ordinal: string;
}

interface DriftRow {
  pipeline_id: string;
  environment: EnvironmentName;
  status: DriftCheckStatus;
  created: Date;
  outdated: boolean;
}

/** @returns for each id the environments that anything was ever done to since the pipeline was last destroyed */
export async function environmentsOf(
  database: Pick<Database, 'query'>,
  pipelineIds: readonly string[],
): Promise<Map<string, PipelineEnvironment[]>> {
  const stages = Map.groupBy(await newestStages(database, pipelineIds), (row) => row.pipeline_id);
  const checks = Map.groupBy(await newestChecks(database, pipelineIds), (row) => row.pipeline_id);
  const of = (id: string) =>
    PROMOTION.flatMap((name) => {
      const inPlace = ({ environment }: { environment: EnvironmentName }) => environment === name;
      return toEnvironment(name, (stages.get(id) ?? []).filter(inPlace), checks.get(id)?.find(inPlace));
    });
  return new Map(pipelineIds.map((id) => [id, of(id)]));
}

function toEnvironment(
  environment: EnvironmentName,
  stages: readonly StageRow[],
  check: DriftRow | undefined,
): PipelineEnvironment[] {
  const [newest] = stages.toSorted((a, b) => Number(b.ordinal) - Number(a.ordinal));
  const deployed = stages.find(({ status, kind }) => status === 'Succeeded' && kind === 'deploy');
  if (!newest) return [];
  const drift = check && { status: check.status, created: check.created.toISOString(), outdated: check.outdated };
  return [
    {
      environment,
      ...(deployed ? { revision: deployed.revision } : {}),
      ...(deployed?.ended ? { deployed: deployed.ended } : {}),
      lastStage: newest.status,
      ...(drift ? { drift } : {}),
    },
  ];
}

/** For each environment, the newest stage with each status. */
async function newestStages(database: Pick<Database, 'query'>, ids: readonly string[]): Promise<StageRow[]> {
  const { rows } = await database.query<StageRow>(
    `SELECT DISTINCT ON (e.pipeline_id, stage->>'environment', stage->>'status')
            e.pipeline_id, stage->>'environment' AS environment, stage->>'status' AS status, stage->>'kind' AS kind,
            coalesce((stage->>'revision')::int, e.revision) AS revision, stage->>'ended' AS ended, e.ordinal
       FROM mlops.executions e CROSS JOIN jsonb_array_elements(e.stages) AS stage
      WHERE e.pipeline_id = ANY($1) AND stage->>'kind' IN ('deploy', 'destroy')
        AND stage->>'status' IN ('InProgress', 'Succeeded', 'Failed')
        AND e.ordinal > coalesce((SELECT max(d.ordinal) FROM mlops.executions d
                                   WHERE d.pipeline_id = e.pipeline_id AND d.kind = 'destroy' AND d.status = 'Succeeded'), 0)
      ORDER BY e.pipeline_id, stage->>'environment', stage->>'status', e.ordinal DESC`,
    [ids],
  );
  return rows;
}

async function newestChecks(database: Pick<Database, 'query'>, ids: readonly string[]): Promise<DriftRow[]> {
  const { rows } = await database.query<DriftRow>(
    `SELECT DISTINCT ON (c.pipeline_id, c.environment)
            c.pipeline_id, c.environment, c.status, c.created, ${outdated('c')} AS outdated
       FROM mlops.drift_checks c WHERE c.pipeline_id = ANY($1)
      ORDER BY c.pipeline_id, c.environment, c.ordinal DESC`,
    [ids],
  );
  return rows;
}
