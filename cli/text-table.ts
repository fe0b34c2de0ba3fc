/** Tables in plain text. */

/** A column of a table: its heading, and what of an entry it shows. */
export type Column<Entry> = readonly [heading: string, value: (entry: Entry) => unknown];

/** Columns as wide as their widest value: ids are for copying, and are never cut. */
export function table<Entry>(entries: readonly Entry[], columns: readonly Column<Entry>[]): string[] {
  const rows = [
    columns.map(([heading]) => heading),
    ...entries.map((entry) => columns.map(([, value]) => cell(value(entry)))),
  ];
  const widths = columns.map((_column, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/**
 * A table, or, where it would not fit into a terminal, each entry with a line per column: a wrapped table is hard to read, and
 * ids are never cut.
 * @param width of the terminal; undefined: the lines go elsewhere
 */
export function fitting<Entry>(
  entries: readonly Entry[],
  columns: readonly Column<Entry>[],
  width: number | undefined,
): string[] {
  const lines = table(entries, columns);
  if (width === undefined || lines.every((line) => line.length <= width)) return lines;
  const longest = Math.max(...columns.map(([heading]) => heading.length));
  return entries.flatMap((entry, index) => [
    ...(index === 0 ? [] : ['']),
    ...columns.map(([heading, value]) => `${heading.padEnd(longest)}  ${cell(value(entry))}`),
  ]);
}

/** A value in one line. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'string') return value.replace(/\s+/g, ' ');
  return JSON.stringify(value);
}
