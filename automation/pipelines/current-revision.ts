/** The revision that a pipeline has: a new one, or an older one again. Called with the row of the pipeline locked. */
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { Transaction } from '../platform/database.ts';

/** Of a request, to tell whether another one is the same; undefined if there is no such revision. */
export async function digestOf(
  transaction: Transaction,
  pipelineId: string,
  revision: number,
): Promise<string | undefined> {
  const { rows } = await transaction.query<{ digest: string }>(
    'SELECT digest FROM mlops.revisions WHERE pipeline_id = $1 AND number = $2',
    [pipelineId, revision],
  );
  return rows[0]?.digest;
}

/** The pipeline has it from now on. @returns its number */
export async function addRevision(
  transaction: Transaction,
  pipelineId: string,
  digest: string,
  request: PipelineRequest,
  caller: string,
): Promise<number> {
  // The row of the pipeline is locked, so the number cannot be used twice.
  const { rows } = await transaction.query<{ number: number }>(
    `WITH added AS (
       INSERT INTO mlops.revisions (pipeline_id, number, digest, request, requested_by)
       SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4 FROM mlops.revisions WHERE pipeline_id = $1
       RETURNING number
     )
     UPDATE mlops.pipelines SET revision = added.number, deleted = false, updated = now() FROM added WHERE id = $1
     RETURNING added.number`,
    [pipelineId, digest, JSON.stringify(request), caller],
  );
  return rows[0]?.number ?? 0;
}

/** Has the pipeline go back to a revision, or come back with it. @returns its number */
export async function useRevision(transaction: Transaction, pipelineId: string, revision: number): Promise<number> {
  await transaction.query('UPDATE mlops.pipelines SET revision = $2, deleted = false, updated = now() WHERE id = $1', [
    pipelineId,
    revision,
  ]);
  return revision;
}
