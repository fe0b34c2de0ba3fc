/** Append-only lists, read page by page from the newest entry: entries added in the meantime do not shift pages. */
import type { Database } from './database.ts';

export interface PageQuery {
  /** Maximum number of entries. */
  limit: number;
  /** `next` of the previous page; undefined: from the newest entry. */
  after?: number;
}

export interface Page<Entry> {
  entries: Entry[];
  /** Present if there are older ones: pass it as `after`. */
  next?: number;
}

/** What the entries of the audit log and the notifications have in common. */
export interface ListEntry {
  /** Increases over time. */
  id: number;
  /** ISO time. */
  at: string;
  pipelineId?: string;
  executionId?: string;
  environment?: string;
}

/** The columns of a {@link ListEntry}. */
export interface ListRow {
  id: string;
  at: Date;
  pipeline_id: string | null;
  execution_id: string | null;
  environment: string | null;
}

/** A condition with `?` as placeholder, and its value; conditions without a value are ignored. */
export type Condition = readonly [expression: string, value: unknown];

/**
 * @param conditions written by us, never by a caller; their values are parameters
 * @param first number of the first parameter
 * @returns the clause, empty without conditions, and the values of its parameters
 */
export function whereOf(conditions: readonly Condition[], first: number): { where: string; values: unknown[] } {
  const given = conditions.filter(([, value]) => value !== undefined);
  const expressions = given.map(([expression], index) => expression.replace('?', `$${index + first}`));
  return {
    where: expressions.length > 0 ? `WHERE ${expressions.join(' AND ')}` : '',
    values: given.map(([, value]) => value),
  };
}

/**
 * @param table with an increasing column `id`
 * @param conditions as for {@link whereOf}
 */
export async function newestFirst<Row extends { id: string }, Entry extends { id: number }>(
  database: Pick<Database, 'query'>,
  table: string,
  conditions: readonly Condition[],
  { limit, after }: PageQuery,
  toEntry: (row: Row) => Entry,
): Promise<Page<Entry>> {
  const { where, values } = whereOf([...conditions, ['id < ?', after]], 2);
  const { rows } = await database.query<Row>(
    `SELECT * FROM ${table} ${where} ORDER BY id DESC LIMIT $1`,
    // One more than requested shows whether there is another page.
    [limit + 1, ...values],
  );
  const entries = rows.slice(0, limit).map(toEntry);
  const last = entries.at(-1);
  return { entries, ...(rows.length > limit && last ? { next: last.id } : {}) };
}

export function listEntryOf(row: ListRow): ListEntry {
  return {
    id: Number(row.id),
    at: row.at.toISOString(),
    ...(row.pipeline_id === null ? {} : { pipelineId: row.pipeline_id }),
    ...(row.execution_id === null ? {} : { executionId: row.execution_id }),
    ...(row.environment === null ? {} : { environment: row.environment }),
  };
}

/** For lists whose page token is the id of an entry. */
export interface CursorQuery {
  /** Maximum number of entries. */
  limit: number;
  /** `next` of the previous page; undefined: from the beginning. */
  after?: string;
}

export interface CursorPage<Entry> {
  entries: Entry[];
  /** Present if there are more entries: pass it as `after`. */
  next?: string;
}

/** @param found one more than `limit`, if there are that many */
export function cursorPage<Entry>(
  found: readonly Entry[],
  limit: number,
  idOf: (entry: Entry) => string,
): CursorPage<Entry> {
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return { entries, ...(found.length > limit && last ? { next: idOf(last) } : {}) };
}
