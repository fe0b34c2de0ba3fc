/** Tells whether a process of this host is still the one that was meant: a pid alone may have been given to another. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** @returns when a process started, as the system says it, or undefined where there is none (a zombie has ended). */
export async function processStart(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? await startFromProc(pid) : await startFromPs(pid);
}

/** Fields 3 (state) and 22 (start time in ticks since boot) of proc(5); the name in field 2 may hold blanks and brackets. */
async function startFromProc(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && fields[0] !== 'Z' ? fields[19] : undefined;
}

async function startFromPs(pid: number): Promise<string | undefined> {
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const [state, ...started] = stdout.trim().split(/\s+/);
  return state && !state.startsWith('Z') ? started.join(' ') : undefined;
}

/** @returns whether that very process still runs. */
export async function isAlive(pid: number, started: string): Promise<boolean> {
  return (await processStart(pid)) === started;
}

/**
 * Kills the process group that `pid` leads, if it is still the one that was meant, and waits until it is gone.
 * @returns whether there was something to kill.
 */
export async function killGroup(pid: number, started: string): Promise<boolean> {
  if (!(await isAlive(pid, started))) return false;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  while (await isAlive(pid, started)) await delay(20);
  return true;
}
