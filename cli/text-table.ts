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

/** A value in one line. */
export function cell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'string') return value.replace(/\s+/g, ' ');
  return JSON.stringify(value);
}
