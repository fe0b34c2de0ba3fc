/** Reads the audit log. */
import type { AuditAction } from './record.ts';
import type { Database } from '../platform/database.ts';
import type { ListEntry, ListRow, Page, PageQuery } from '../platform/paging.ts';
import { listEntryOf, newestFirst } from '../platform/paging.ts';

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

type AuditRow = ListRow & Pick<AuditEntry, 'principal' | 'action' | 'detail'>;

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
}

function toEntry(row: AuditRow): AuditEntry {
  const { principal, action, detail } = row;
  return { ...listEntryOf(row), principal, action, detail };
}
