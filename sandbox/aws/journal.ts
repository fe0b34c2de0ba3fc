/** One line for every call that changed something, so that a test or a person can count what was done. */
import { join } from 'node:path';
import { appendLine, readLines } from './files.ts';
import type { StoredResource } from './store.ts';

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

/** @param by whose session it was, and for which resource of a program */
export async function record(
  directory: string,
  operation: JournalEntry['operation'],
  { accountId, region, type, id, urn }: StoredResource,
  by: { urn?: string; caller?: string } = {},
): Promise<void> {
  const time = new Date().toISOString();
  const entry: JournalEntry = { time, account: accountId, region, operation, type, id, urn, ...by };
  await appendLine(join(directory, FILE), entry);
}

/** Everything recorded so far, oldest first; empty where nothing was. */
export async function readJournal(directory: string): Promise<JournalEntry[]> {
  return await readLines(join(directory, FILE));
}
