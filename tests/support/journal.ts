import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One mutating call that reached the sandbox AWS. */
export interface JournalEntry {
  operation: string;
  type: string;
  id: string;
  urn: string;
}

/**
 * What the sandbox AWS of a home was asked to create, update and delete, in order.
 * @param pipelineId only what was done for this pipeline
 */
export async function journal(home: string, pipelineId = ''): Promise<JournalEntry[]> {
  const text = await readFile(join(home, 'aws', 'journal.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalEntry)
    .filter(({ urn }) => urn.startsWith(`urn:pulumi:${pipelineId}`));
}

/** Resources that a home has more than one of: created again although the first one was never deleted. */
export async function createdTwice(home: string): Promise<string[]> {
  const living = new Map<string, number>();
  for (const { operation, urn } of await journal(home)) {
    if (operation === 'create') living.set(urn, (living.get(urn) ?? 0) + 1);
    if (operation === 'delete') living.set(urn, (living.get(urn) ?? 0) - 1);
  }
  return [...living].filter(([, count]) => count > 1).map(([urn]) => urn);
}
