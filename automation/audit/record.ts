/** Who did what: one entry per act of a person (or of what acts for one), never changed or removed. */
import type { Database } from '../platform/database.ts';

export const AUDIT_ACTIONS = [
  'provision',
  'run',
  'rollback',
  'reconcile',
  'destroy',
  'approve',
  'reject',
  'cancel',
  'retry',
  'drift-check',
  'model-card',
  'protect',
  'unprotect',
  'redeliver',
  // An administrator's recovery from a lost state.
  'adopt-state',
  'recreate-stack',
  // Somebody tried what their role does not allow.
  'denied',
  // Somebody may do such things, but not this one, or not now.
  'refused',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface NewAuditEntry {
  /** ARN or name of who acted. */
  principal: string;
  action: AuditAction;
  pipelineId?: string;
  executionId?: string;
  environment?: string;
  detail?: Record<string, unknown>;
}

/** @param database the transaction in which the act takes effect, so that neither is there without the other */
export async function addAuditEntry(
  database: Pick<Database, 'query'>,
  { principal, action, pipelineId, executionId, environment, detail = {} }: NewAuditEntry,
): Promise<void> {
  await database.query(
    `INSERT INTO mlops.audit (principal, action, pipeline_id, execution_id, environment, detail)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [principal, action, pipelineId, executionId, environment, JSON.stringify(detail)],
  );
}
