import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One mutating call that reached the sandbox AWS. */
export interface JournalEntry {
  operation: string;
  type: string;
  id: string;
  urn: string;
}

/** What the sandbox AWS of a home was asked to create, update and delete, in order. */
export async function journal(home: string): Promise<JournalEntry[]> {
  const text = await readFile(join(home, 'aws', 'journal.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalEntry);
}

/** URNs that were created more than once without a deletion in between. */
export async function createdTwice(home: string): Promise<string[]> {
  const living = new Map<string, number>();
  const twice: string[] = [];
  for (const { operation, urn, type } of await journal(home)) {
    const count = living.get(urn) ?? 0;
    if (operation === 'create') {
      living.set(urn, count + 1);
      if (count > 0) twice.push(`${type} ${urn}`);
    }
    if (operation === 'delete') living.set(urn, count - 1);
  }
  return twice;
}
