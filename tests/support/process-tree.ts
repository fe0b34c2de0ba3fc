/** A process and everything below it, as /proc tells: for tests that stop a whole container. */
import { readFile, readdir } from 'node:fs/promises';

/** @returns the pids of all descendants and of the process itself, parents before children */
export async function processTree(pid: number): Promise<number[]> {
  const parents = new Map<number, number[]>();
  for (const name of (await readdir('/proc')).filter((one) => /^\d+$/.test(one))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const one of tree) tree.push(...(parents.get(one) ?? []));
  return tree;
}

/** Sends a signal to all of them; what has ended in between is passed over. */
export async function signalTree(pid: number, signal: NodeJS.Signals): Promise<void> {
  for (const one of await processTree(pid)) {
    try {
      process.kill(one, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
