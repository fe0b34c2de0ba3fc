/** Helpers for the texts of notifications. Pure. */
import type { ResourceChange } from '../model.ts';

/**
 * SNS accepts fewer than 100 ASCII characters without control characters, starting with a letter, number or punctuation
 * mark.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const SUBJECT_LENGTH = 99;
const SHOWN = 25;
const LONGEST = 4_000;

/** A text as one line that SNS accepts as subject: invalid characters become a space or a question mark. */
export function asSubject(text: string): string {
  const line = text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
  if (line === '') return 'Notification';
  return line.length <= SUBJECT_LENGTH ? line : `${line.slice(0, SUBJECT_LENGTH - 3).trimEnd()}...`;
}

/** Paragraphs separated by empty lines; undefined and empty ones are omitted. */
export function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join('\n\n');
}

/** A heading and a list of at most {@link SHOWN} entries; undefined if the list is empty. */
export function list(heading: string, items: readonly string[]): string | undefined {
  if (items.length === 0) return undefined;
  const more = items.length - SHOWN;
  const shown = items.slice(0, SHOWN).map((item) => `- ${item}`);
  return [heading, ...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

/** An API call, as the reader of the notification must make it. @param publicUrl empty: only the path */
export function call(method: 'GET' | 'POST', publicUrl: string, path: string, body?: Record<string, unknown>): string {
  return `${method} ${publicUrl}${path}${body ? `\n${JSON.stringify(body)}` : ''}`;
}

/** Truncates a text for a message: the output of an engine may have any length. */
export function clipped(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)} …`;
}

/** @returns such as `2 pipelines` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Such as `2 created, 1 replaced`; unchanged resources are omitted. */
export function changesText(summary: Readonly<Record<string, number>>): string {
  const counts = Object.entries(PAST).flatMap(([operation, past]) =>
    summary[operation] ? [`${summary[operation]} ${past}`] : [],
  );
  return counts.join(', ') || 'nothing';
}

const PAST: Readonly<Record<string, string>> = {
  create: 'created',
  import: 'imported',
  update: 'updated',
  replace: 'replaced',
  delete: 'deleted',
};

/** One resource and its planned operation. */
export function described({ operation, type, name, properties, replaceProperties }: ResourceChange): string {
  const because = replaceProperties?.length ? replaceProperties : properties;
  return `${operation} ${type} ${name}${because?.length ? ` (${because.join(', ')})` : ''}`;
}
