/** Reads the audit log, and records refused attempts. */
import { addAuditEntry } from './record.ts';
import type { AuditAction } from './record.ts';
import type { Database } from '../platform/database.ts';
import type { ListEntry, ListRow, Page, PageQuery } from '../platform/paging.ts';
import { listEntryOf, newestFirst } from '../platform/paging.ts';
import type { Role } from '../config/caller-roles.ts';

export interface AuditEntry extends ListEntry {
  /** ARN or name of the caller. */
  principal: string;
  action: AuditAction;
  /** Further details of the action, such as `revision`, `changeHash` or `comment`. */
  detail: Record<string, unknown>;
}

/** Entries must match all given values. */
export interface AuditFilter extends PageQuery {
  principal?: string;
  action?: AuditAction;
  pipelineId?: string;
  /** A UUID. */
  executionId?: string;
  environment?: string;
  /** Not before. */
  since?: Date;
  /** Before. */
  until?: Date;
}

/** A call that was refused because the caller lacks a role. */
export interface DeniedAttempt {
  principal: string;
  /** The missing role. */
  role: Role;
  method: string;
  path: string;
  pipelineId?: string;
  /** A UUID. */
  executionId?: string;
}

type AuditRow = ListRow & Pick<AuditEntry, 'principal' | 'action' | 'detail'>;

/** An attempt that the caller is not allowed to make, or not now. */
export interface RefusedAttempt {
  principal: string;
  /** The attempted action, such as `approve`. */
  attempt: string;
  pipelineId?: string;
  executionId?: string;
  environment?: string;
}

export class AuditLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  async page(filter: AuditFilter): Promise<Page<AuditEntry>> {
    return await newestFirst(
      this.#database,
      'mlops.audit',
      [
        ['principal = ?', filter.principal],
        ['action = ?', filter.action],
        ['pipeline_id = ?', filter.pipelineId],
        ['execution_id = ?', filter.executionId],
        ['environment = ?', filter.environment],
        ['at >= ?', filter.since],
        ['at < ?', filter.until],
      ],
      filter,
      toEntry,
    );
  }

  /** Records an attempt that the role allows, but that was refused for another reason. */
  async addRefused(
    { principal, attempt, pipelineId, executionId, environment }: RefusedAttempt,
    { code, message }: { code: string; message: string },
  ): Promise<void> {
    await addAuditEntry(this.#database, {
      principal,
      action: 'refused',
      pipelineId,
      executionId,
      environment,
      detail: { attempt, code, message },
    });
  }

  async addDenied({ principal, role, method, path, pipelineId, executionId }: DeniedAttempt): Promise<void> {
    await addAuditEntry(this.#database, {
      principal,
      action: 'denied',
      pipelineId,
      executionId,
      detail: { role, method, path },
    });
  }
}

function toEntry(row: AuditRow): AuditEntry {
  const { principal, action, detail } = row;
  return { ...listEntryOf(row), principal, action, detail };
}
