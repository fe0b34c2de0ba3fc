/** The audit log: one entry per action of a caller, never changed (but for the count of a refused attempt) or removed. */
import type { Database } from '../platform/database.ts';
import type { Insertion } from '../platform/combined.ts';
import { insertion } from '../platform/combined.ts';
import { storableJson } from '../platform/storable.ts';

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
  'resend',
  // An administrator's recovery from a lost state.
  'adopt-state',
  'recreate-stack',
  // An attempt that the role of the caller does not allow.
  'denied',
  // An attempt that the role allows, but not in this case, or not now.
  'refused',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface NewAuditEntry {
  /** ARN or name of the caller. */
  principal: string;
  action: AuditAction;
  pipelineId?: string;
  executionId?: string;
  environment?: string;
  detail?: Record<string, unknown>;
}

/**
 * @param database the transaction of the action, so that neither is stored without the other
 * @returns the id of the entry
 */
export async function addAuditEntry(database: Pick<Database, 'query'>, entry: NewAuditEntry): Promise<string> {
  const { text, values } = insertion(auditEntryInsertion(entry));
  const { rows } = await database.query<{ id: string }>(`${text} RETURNING id`, values);
  return rows[0]?.id ?? '';
}

/** The same, to be combined with the writes of the action. */
export function auditEntryInsertion(entry: NewAuditEntry): Insertion {
  const { principal, action, pipelineId, executionId, environment, detail = {} } = entry;
  return {
    into: 'mlops.audit',
    row: {
      ...{ principal, action, pipeline_id: pipelineId, execution_id: executionId, environment },
      detail: storableJson(detail),
    },
  };
}
