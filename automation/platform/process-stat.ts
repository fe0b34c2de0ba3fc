/** What Linux reports of a process. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
import { readFileSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Clock ticks per second: 100 on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100;

interface ProcessStat {
  readonly parent: number;
  readonly session: number;
  /** It only waits to be noticed by its parent (a zombie). */
  readonly hasEnded: boolean;
  /** Processor time in ticks. */
  readonly ownTicks: number;
  /** Processor time of ended children whose end it has noticed, in ticks. */
  readonly childrenTicks: number;
  /** Ticks since boot, as text: with the process id it identifies a process. */
  readonly started: string;
}

/** @returns undefined if there is no such process, or no /proc */
export async function processStat(pid: number): Promise<ProcessStat | undefined> {
  return parse(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
}

/** @see processStat */
export function processStatSync(pid: number): ProcessStat | undefined {
  try {
    return parse(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended in between.
    return undefined;
  }
}

/** All that there are. */
export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parse(stat: string): ProcessStat | undefined {
  if (stat === '') return undefined;
  // The name in field 2 may contain blanks and brackets.
  const [state, parent, , session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime, cutime, cstime] = rest.slice(7, 11).map(Number) as [number, number, number, number];
  return {
    parent: Number(parent),
    session: Number(session),
    hasEnded: state === 'Z',
    ownTicks: utime + stime,
    childrenTicks: cutime + cstime,
    started: rest[15] ?? '',
  };
}
