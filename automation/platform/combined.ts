/** Several writes in one statement: a message to the server and back costs more than writing most rows does. */
import type { QueryConfig } from 'pg';

/** A statement that can be made alone, too. */
export interface Write {
  text: string;
  values: unknown[];
}

/** A row that is inserted. */
export interface Insertion {
  into: string;
  row: Readonly<Record<string, unknown>>;
}

export function insertion({ into, row }: Insertion): Write {
  return { text: `INSERT INTO ${into} (${columns(row)}) VALUES (${parameters(row)})`, values: Object.values(row) };
}

/** The same, to be combined with a first write that is `RETURNING` something: made only if that has changed a row. */
export function insertionAfterFirst({ into, row }: Insertion): Write {
  return {
    text: `INSERT INTO ${into} (${columns(row)}) SELECT ${parameters(row)} FROM ${FIRST}`,
    values: Object.values(row),
  };
}

/** How the writes that follow in a statement call the rows that its first one returns. */
export const FIRST = 'write_0';

function columns(row: Insertion['row']): string {
  return Object.keys(row).join(', ');
}

function parameters(row: Insertion['row']): string {
  return Object.keys(row)
    .map((_, index) => `$${index + 1}`)
    .join(', ');
}

/**
 * All of the writes are made, or none. None sees the rows of another, but foreign keys are checked after the last one, which
 * alone may be a `SELECT`: PostgreSQL would run no other.
 * @param name for the prepared statement, since planning costs more than running: always of the same texts
 */
export function combined(name: string, writes: readonly [Write, Write, ...Write[]]): QueryConfig {
  const values: unknown[] = [];
  const texts = writes.map((write) => {
    const before = values.length;
    values.push(...write.values);
    return write.text.replace(/\$(\d+)/g, (_parameter, number: string) => `$${before + Number(number)}`);
  });
  const last = texts.pop();
  const others = texts.map((text, index) => `write_${index} AS (${text})`);
  return { name, text: `WITH ${others.join(', ')} ${last}`, values };
}
