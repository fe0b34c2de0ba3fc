/** Protected pipelines: until an admin removes the protection, they cannot be destroyed, nor their endpoints replaced or removed. */
import { RequestInvalid } from '../../blueprints/faults.ts';
import { addAuditEntry } from '../audit/record.ts';
import { OrchestratorError } from '../errors.ts';
import type { Database, Transaction } from '../platform/database.ts';

/**
 * Removes the key `protected` from a request: it applies to the pipeline, not to a revision.
 * @returns `protection` undefined if the request does not have the key: then it stays as it is
 * @throws RequestInvalid for anything but a boolean, or the text of one
 */
export function takeProtection(body: unknown): { request: unknown; protection: boolean | undefined } {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, 'protected')) {
    return { request: body, protection: undefined };
  }
  const { protected: value, ...request } = body as Record<string, unknown>;
  // As with other flags: text will do, and an empty one is as good as none.
  if (value === undefined || value === null || value === '') return { request, protection: undefined };
  const protection = { true: true, false: false }[typeof value === 'object' ? '' : String(value).toLowerCase()];
  if (protection !== undefined) return { request, protection };
  const message = 'must be true or false';
  throw new RequestInvalid(`Bad request. protected ${message}`, [{ pointer: '/protected', message, rule: 'type' }]);
}

/** The error of a request that the protection forbids. */
export function protectionStands(pipelineId: string, by: string): OrchestratorError {
  return new OrchestratorError(
    'PIPELINE_PROTECTED',
    `Pipeline ${pipelineId} is protected (by ${by}). An admin can remove the protection with DELETE /pipelines/${pipelineId}/protection.`,
  );
}

/** Who protected a pipeline; undefined if it is not protected. */
export async function readProtection(database: Database, pipelineId: string): Promise<string | undefined> {
  const { rows } = await database.query<{ protected_by: string | null }>(
    'SELECT protected_by FROM mlops.pipelines WHERE id = $1',
    [pipelineId],
  );
  return rows[0]?.protected_by ?? undefined;
}

/** Records that a pipeline is protected, or no longer, and who did so. */
export async function setProtection(
  transaction: Transaction,
  pipelineId: string,
  caller: string,
  isProtected: boolean,
): Promise<void> {
  await transaction.query('UPDATE mlops.pipelines SET protected_by = $2, updated = now() WHERE id = $1', [
    pipelineId,
    isProtected ? caller : null,
  ]);
  await addAuditEntry(transaction, { principal: caller, action: isProtected ? 'protect' : 'unprotect', pipelineId });
}
