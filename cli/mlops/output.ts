/** Standard output: the response of the API as JSON or YAML, or a table for people. Progress goes to standard error. */
import { stringify } from 'yaml';
import type { Column } from '../text-table.ts';
import { cell, fitting } from '../text-table.ts';

export const FORMATS = ['table', 'json', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

export class Output {
  readonly #format: Format;
  readonly #stream: NodeJS.WritableStream & { columns?: number };

  constructor(format: Format, stream: NodeJS.WritableStream) {
    this.#format = format;
    this.#stream = stream;
  }

  /** One answer. @param people its lines for people */
  show<T>(answer: T, people: (answer: T) => readonly string[]): void {
    this.#write(answer, () => people(answer));
  }

  /** A table, or in a narrow terminal a block for each entry. */
  list<Entry>(entries: readonly Entry[], columns: readonly Column<Entry>[], empty: string): void {
    this.#write(entries, () => (entries.length === 0 ? [empty] : fitting(entries, columns, this.#stream.columns)));
  }

  #write(answer: unknown, people: () => readonly string[]): void {
    const text = {
      json: () => `${JSON.stringify(answer, null, 2)}\n`,
      yaml: () => stringify(answer),
      table: () =>
        people()
          .map((line) => `${line}\n`)
          .join(''),
    }[this.#format]();
    this.#stream.write(text);
  }
}

/** Names and values, aligned; those without a value are left out. */
export function pairs(values: Readonly<Record<string, unknown>>, indent = ''): string[] {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${indent}${name.padEnd(width)}  ${cell(value)}`);
}
