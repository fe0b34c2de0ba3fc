/**
 * Elapsed time that no administrator, NTP server or leap second can change. Leases, heartbeats and the dead-man's switch use
 * only this clock: wall clocks of two machines differ, and the wall clock of one machine may jump.
 */
import { readFileSync } from 'node:fs';

/**
 * @returns milliseconds since the machine was booted. On Linux the time that the machine was suspended is included
 *   (CLOCK_BOOTTIME), which `performance.now()` and `process.hrtime` exclude; the value is the same in every process of the
 *   machine, so that one process can pass a deadline to another.
 * @see https://man7.org/linux/man-pages/man5/proc_uptime.5.html
 */
export function monotonicMs(): number {
  if (process.platform === 'linux') {
    try {
      const seconds = Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
      if (Number.isFinite(seconds)) return seconds * 1_000;
    } catch {
      // A sandboxed container without /proc/uptime: use the clock that excludes suspended time.
    }
  }
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
