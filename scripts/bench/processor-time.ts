/** What processes have cost so far. Linux only. */
import { TICKS_PER_SECOND, processIds, processStatSync } from '../../automation/platform/process-stat.ts';

/** Processor time of some processes and all below them, ended ones included. */
export function cpuSeconds(roots: readonly number[]): number {
  const processes = new Map(processIds().map((pid) => [pid, processStatSync(pid)]));
  const isBelow = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent;
    return roots.includes(pid) || (parent !== undefined && parent > 0 && isBelow(parent));
  };
  const ticksOf = (pid: number) => {
    const { ownTicks = 0, childrenTicks = 0 } = processes.get(pid) ?? {};
    return isBelow(pid) ? ownTicks + childrenTicks : 0;
  };
  return [...processes.keys()].reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND;
}
