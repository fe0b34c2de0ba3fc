/** Append-only lists, read page by page from the newest entry: entries added in the meantime do not shift pages. */
import type { Database } from './database.ts';

export interface PageQuery {
  /** Entries of one page at most. */
  limit: number;
  /** `next` of the page before; undefined: from the newest on. */
  after?: number;
}

export interface Page<Entry> {
  entries: Entry[];
  /** Present where there are older ones: give it as `after`. */
  next?: number;
}

/** A condition with `?` in the place of its value, and the value; without one there is no condition. */
export type Condition = readonly [expression: string, value: unknown];

/**
 * @param table with a column `id` that grows
 * @param conditions written by us, never by a caller; their values are parameters
 */
export async function newestFirst<Row extends { id: string }>(
  database: Pick<Database, 'query'>,
  table: string,
  conditions: readonly Condition[],
  { limit, after }: PageQuery,
): Promise<Page<Row>> {
  const given = [...conditions, ['id < ?', after] as const].filter(([, value]) => value !== undefined);
  const where = given.map(([expression], index) => expression.replace('?', `$${index + 2}`));
  const { rows } = await database.query<Row>(
    `SELECT * FROM ${table} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY id DESC LIMIT $1`,
    // One more than asked for tells whether there is another page.
    [limit + 1, ...given.map(([, value]) => value)],
  );
  const entries = rows.slice(0, limit);
  const last = entries.at(-1);
  return { entries, ...(rows.length > limit && last ? { next: Number(last.id) } : {}) };
}

/** For lists whose page token is the id of an entry. */
export interface CursorQuery {
  /** Entries of one page at most. */
  limit: number;
  /** `next` of the page before; undefined: from the beginning. */
  after?: string;
}

export interface CursorPage<Entry> {
  entries: Entry[];
  /** Present where there are more: give it as `after`. */
  next?: string;
}

/** @param found one more than `limit`, where there are so many */
export function cursorPage<Entry>(
  found: readonly Entry[],
  limit: number,
  idOf: (entry: Entry) => string,
): CursorPage<Entry> {
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  return { entries, ...(found.length > limit && last ? { next: idOf(last) } : {}) };
}
