import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Store } from '../../sandbox/aws/store.ts';

/** One mutating call that reached the sandbox AWS. */
export interface JournalEntry {
  operation: string;
  type: string;
  id: string;
  urn: string;
  /** ISO time. */
  time: string;
  /** ARN of the session. */
  caller?: string;
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

/**
 * How long two sessions wrote to one stack at once: from the first call of a later session to the last one of an earlier
 * session after it. The order is that of the journal, so that skewed clocks hide nothing.
 * @returns milliseconds, the longest of all stacks; 0 where they never did
 */
export async function longestOverlap(home: string): Promise<number> {
  const stacks = Map.groupBy(await journal(home), ({ urn }) => urn.split('::')[0]);
  return Math.max(0, ...[...stacks.values()].map(overlapOf));
}

function overlapOf(entries: readonly JournalEntry[]): number {
  let longest = 0;
  const ended = new Map<string, number>();
  entries.forEach(({ caller = '', time }, index) => {
    const successor = ended.get(caller);
    // At least one: calls may bear the same time.
    if (successor !== undefined) longest = Math.max(longest, Date.parse(time) - successor, 1);
    const former = entries[index - 1]?.caller;
    if (former !== undefined && former !== caller && !ended.has(former)) ended.set(former, Date.parse(time));
  });
  return longest;
}

/** URNs of which the accounts of a home hold more than one resource: one of them is left over. */
export async function twiceInAccounts(home: string): Promise<string[]> {
  const resources = await new Store(join(home, 'aws')).everything();
  const byUrn = Map.groupBy(resources, ({ urn }) => urn);
  return [...byUrn].filter(([urn, all]) => urn !== '' && all.length > 1).map(([urn]) => urn);
}

/**
 * What the accounts of a home hold. Not read from the journal: a process that is killed between a call and its line has
 * deleted what the journal still counts, or created what it does not.
 * @param pipelineId only what was made for this pipeline
 * @returns type and id of each
 */
export async function leftInAccounts(home: string, pipelineId = ''): Promise<string[]> {
  const resources = await new Store(join(home, 'aws')).everything();
  return resources
    .filter(({ urn }) => urn.startsWith(`urn:pulumi:${pipelineId}`))
    .map(({ type, id }) => `${type} ${id}`);
}

/** How often the faults of a home (`SANDBOX_FAULTS`) have struck: each strike is a file in a folder of the fault. */
export async function strikes(home: string): Promise<number> {
  const folder = join(home, 'aws', 'faults');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).length;
}
