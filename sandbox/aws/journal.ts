/** One line for every call that changed something, so that a test or a person can count what was done. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode } from './store.ts';

export interface JournalEntry {
  /** ISO time. */
  time: string;
  account: string;
  region: string;
  operation: 'create' | 'update' | 'delete' | 'stop';
  type: string;
  id: string;
  urn: string;
  /** ARN of the session; absent for what is done from outside Pulumi. */
  caller?: string;
}

const FILE = 'journal.jsonl';

/** One short write with O_APPEND: lines of several processes do not mix. */
export async function record(directory: string, entry: JournalEntry): Promise<void> {
  await mkdir(directory, { recursive: true });
  await appendFile(join(directory, FILE), `${JSON.stringify(entry)}\n`);
}

/** Everything recorded so far, oldest first; empty where nothing was. */
export async function readJournal(directory: string): Promise<JournalEntry[]> {
  try {
    const text = await readFile(join(directory, FILE), 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JournalEntry);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
