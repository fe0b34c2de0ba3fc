/** Which pipelines follow a model package group, by their current revisions. */
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { Database } from '../platform/database.ts';
import { WORKING_SQL } from '../executions/status.ts';
import type { Follower } from './model-package-events.ts';

/**
 * Pipelines that are removed, or about to be, do not follow any more.
 * @param group `arn:…:model-package/<group>/`
 */
export async function findFollowers(database: Database, group: string): Promise<Follower[]> {
  const { rows } = await database.query<{ id: string; request: PipelineRequest }>(
    `SELECT p.id, r.request
       FROM mlops.pipelines p
       JOIN mlops.revisions r ON r.pipeline_id = p.id AND r.number = p.revision
       LEFT JOIN LATERAL (SELECT kind, status FROM mlops.executions
                           WHERE pipeline_id = p.id ORDER BY ordinal DESC LIMIT 1) e ON true
      WHERE NOT p.deleted
        AND NOT coalesce(e.kind = 'destroy' AND e.status IN ${WORKING_SQL}, false)
        AND r.request @> '{"follow_model_package_group": true}'
        AND starts_with(lower(r.request ->> 'model_package_name'), lower($1))
      ORDER BY p.id`,
    [group],
  );
  return rows.map(({ id, request }) => ({ pipelineId: id, request }));
}
