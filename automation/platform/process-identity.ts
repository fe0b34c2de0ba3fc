/**
 * Determines whether a process on this machine is still the same one (its pid may have been reused), and ends the processes of
 * an operation: the child and everything it started.
 */
import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processIds, processStat, processStatSync } from './process-stat.ts';

const run = promisify(execFile);

/** Interval between two checks of a killed process. */
const GONE_POLL_MS = 20;

/**
 * The scope of process ids: one boot of one machine, and one PID namespace in it. Containers that share a host name see
 * different processes under the same ids.
 * @returns `<boot id>/<PID namespace>`; empty if the system does not provide it, which equals nothing.
 * @see https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
 */
export async function processSpace(): Promise<string> {
  if (process.platform === 'darwin') {
    const { stdout } = await run('sysctl', ['-n', 'kern.bootsessionuuid']).catch(() => ({ stdout: '' }));
    return stdout.trim();
  }
  const [bootId, namespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return bootId && namespace ? `${bootId.trim()}/${namespace}` : '';
}

/** @returns the start time of a process as reported by the system, or undefined if it does not exist (a zombie has ended). */
export async function processStart(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? await startFromProc(pid) : await startFromPs(pid);
}

async function startFromProc(pid: number): Promise<string | undefined> {
  const stat = await processStat(pid);
  return stat && !stat.hasEnded ? stat.started : undefined;
}

async function startFromPs(pid: number): Promise<string | undefined> {
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const [state, ...started] = stdout.trim().split(/\s+/);
  return state && !state.startsWith('Z') ? started.join(' ') : undefined;
}

/** @returns whether that same process is still running. */
export async function isAlive(pid: number, started: string): Promise<boolean> {
  return (await processStart(pid)) === started;
}

/**
 * SIGKILL for a session leader and everything in its session and group. The Pulumi CLI makes each plugin the leader of a
 * separate process group (`cmdutil.RegisterProcessGroup`), so killing only the child's group would let the provider
 * continue to call AWS; the session is what they share.
 *
 * The CLI is killed before its providers: it would count a creation whose provider is gone as failed, and remove it from the
 * pending operations of the state.
 * @param leader pid of a process that was started detached
 */
export function killSession(leader: number): void {
  requireLeader(leader);
  const others = sessionMembers(leader).filter(({ pid }) => pid !== leader && pid !== process.pid);
  for (const pid of parentsFirst(others)) signal(pid);
  // The leader's own group goes last: the caller may be a member of it.
  signal(-leader);
}

/** To kill(2), 0 is the caller's own group and -1 every process; session 0 is that of processes that entered a container. */
function requireLeader(pid: number): void {
  if (!(pid > 1)) throw new RangeError(`${pid} is not the process id of a session leader`);
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface SessionMember {
  pid: number;
  parent: number;
}

/** @returns their pids, each after that of its parent */
export function parentsFirst(members: readonly SessionMember[]): number[] {
  const parents = new Map(members.map(({ pid, parent }) => [pid, parent]));
  const depth = (pid: number): number => {
    const parent = parents.get(pid);
    return parent === undefined ? 0 : 1 + depth(parent);
  };
  return [...parents.keys()].toSorted((a, b) => depth(a) - depth(b));
}

/** None where there is no /proc. */
function sessionMembers(leader: number): SessionMember[] {
  if (process.platform !== 'linux') return [];
  return processIds().flatMap((pid) => {
    const stat = processStatSync(pid);
    return stat && !stat.hasEnded && stat.session === leader ? [{ pid, parent: stat.parent }] : [];
  });
}

/**
 * Ends the operation of the session leader `pid`, if it is still the same process, and waits until all its processes have
 * ended.
 * @returns whether all have ended; false if they belong to another user.
 */
export async function endSession(pid: number, started: string): Promise<boolean> {
  requireLeader(pid);
  const start = await processStart(pid);
  // The pid has been reused, which the system does only once the session has no members left.
  if (start !== undefined && start !== started) return true;
  try {
    for (; (await isAlive(pid, started)) || sessionMembers(pid).length > 0; await delay(GONE_POLL_MS)) killSession(pid);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}
