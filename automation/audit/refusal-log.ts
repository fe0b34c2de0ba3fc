/**
 * Records refused attempts in the audit log. Callers who may only read can cause them, as fast as they like: the same attempt
 * of a caller within a minute is counted in one entry, and so are all others of a caller who makes too many different ones.
 * Called by the service for what a policy or a state refuses, and by api/middleware/access.ts for missing roles.
 */
import type { Logger } from 'pino';
import type { Database } from '../platform/database.ts';
import type { Role } from '../config/caller-roles.ts';
import { storableJson } from '../platform/storable.ts';
import type { NewAuditEntry } from './record.ts';
import { addAuditEntry } from './record.ts';

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

/** An attempt that the caller is not allowed to make, or not now. */
export interface RefusedAttempt {
  principal: string;
  /** The attempted action, such as `approve`. */
  attempt: string;
  pipelineId?: string;
  executionId?: string;
  environment?: string;
}

/** From the first attempt of an entry; the next one begins another. */
const WINDOW_MS = 60_000;
/** Different attempts of one caller that get an entry of their own in a window. */
const OF_CALLER = 100;
/** Stands for the paths of the others. */
const OTHERS = '(other paths)';
/** Decisions of approvers: each refused one is an entry. */
const DECISIONS: ReadonlySet<string> = new Set(['approve', 'reject']);
const APPROVAL_PATH = /^\/executions\/[^/]+\/approvals\//;

interface Counted {
  readonly principal: string;
  readonly id: Promise<string>;
  readonly ends: NodeJS.Timeout;
  count: number;
  last: Date;
  /** Counts that are stored. */
  stored: number;
}

export class RefusalLog {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #windowMs: number;
  readonly #counted = new Map<string, Counted>();
  readonly #writes = new Set<Promise<void>>();

  /** @param windowMs default: a minute */
  constructor(database: Database, logger: Logger, windowMs = WINDOW_MS) {
    this.#database = database;
    this.#logger = logger;
    this.#windowMs = windowMs;
  }

  /** Records a call that the role of the caller does not allow. */
  async addDenied({ principal, role, method, path, pipelineId, executionId }: DeniedAttempt): Promise<void> {
    const entry = { principal, action: 'denied', pipelineId, executionId, detail: { role, method, path } } as const;
    if (APPROVAL_PATH.test(path) && executionId !== undefined) return await this.#addDeniedApproval(entry, executionId);
    await this.#count(this.#isTooMany(entry) ? othersOf(entry) : entry);
  }

  /** Records an attempt that the role allows, but that was refused for another reason. */
  async addRefused(
    { principal, attempt, pipelineId, executionId, environment }: RefusedAttempt,
    { code, message }: { code: string; message: string },
  ): Promise<void> {
    const detail = { attempt, code, message };
    const entry = { principal, action: 'refused', pipelineId, executionId, environment, detail } as const;
    if (DECISIONS.has(attempt)) await addAuditEntry(this.#database, entry);
    else await this.#count(this.#isTooMany(entry) ? othersOf(entry) : entry);
  }

  /** Stores the counts of the windows that have not ended. */
  async close(): Promise<void> {
    for (const [key, counted] of this.#counted) this.#end(key, counted);
    await Promise.all(this.#writes);
  }

  /** An attempt to approve an execution that exists always has an entry of its own, with its count stored at once. */
  async #addDeniedApproval(entry: NewAuditEntry & { detail: object }, executionId: string): Promise<void> {
    if (this.#isTooMany(entry)) {
      const { rowCount } = await this.#database.query('SELECT 1 FROM mlops.executions WHERE id = $1', [executionId]);
      if (rowCount === 0) return void (await this.#count(othersOf(entry)));
    }
    await this.#store(await this.#count(entry));
  }

  #isTooMany(entry: NewAuditEntry): boolean {
    if (this.#counted.has(keyOf(entry))) return false;
    let different = 0;
    for (const { principal } of this.#counted.values()) if (principal === entry.principal) different++;
    return different >= OF_CALLER;
  }

  /** The first attempt is stored at once; how often it is repeated, at the end of its window. */
  async #count(entry: NewAuditEntry): Promise<Counted> {
    const key = keyOf(entry);
    let counted = this.#counted.get(key);
    if (counted) {
      counted.count++;
      counted.last = new Date();
    } else {
      const made: Counted = {
        principal: entry.principal,
        id: addAuditEntry(this.#database, entry),
        ends: setTimeout(() => this.#end(key, made), this.#windowMs).unref(),
        count: 1,
        last: new Date(),
        stored: 1,
      };
      made.id.catch(() => this.#forget(key, made));
      this.#counted.set(key, (counted = made));
    }
    await counted.id;
    return counted;
  }

  #end(key: string, counted: Counted): void {
    this.#forget(key, counted);
    const write = this.#store(counted)
      .catch((error: unknown) => {
        const { principal, count } = counted;
        this.#logger.error({ err: error, principal, count }, 'repeated refusals could not be counted in the audit log');
      })
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  #forget(key: string, counted: Counted): void {
    clearTimeout(counted.ends);
    this.#counted.delete(key);
  }

  async #store(counted: Counted): Promise<void> {
    const { id, count, last, stored } = counted;
    if (count === stored) return;
    counted.stored = count;
    await this.#database.query(
      `UPDATE mlops.audit SET detail = detail || $2
        WHERE id = $1 AND coalesce((detail->>'count')::int, 1) < $3`,
      [await id, storableJson({ count, last: last.toISOString() }), count],
    );
  }
}

/** The entry that counts all others of a caller who makes too many different attempts. */
function othersOf({ principal, action, detail }: NewAuditEntry & { detail: object }): NewAuditEntry {
  return { principal, action, detail: { ...detail, ...('path' in detail ? { path: OTHERS } : { message: OTHERS }) } };
}

function keyOf({ principal, action, pipelineId, executionId, environment, detail }: NewAuditEntry): string {
  return JSON.stringify([principal, action, pipelineId, executionId, environment, detail]);
}
