/**
 * How long each side waits before it acts on silence: one table, derived from one setting, so that the order in which things
 * happen holds for every value. docs/leases.md explains it; tests/unit/automation/lease-times.spec.ts holds the inequalities.
 */

export interface LeaseTimes {
  /** Between two heartbeats of a worker. */
  readonly heartbeatMs: number;
  /** Between two heartbeats of a worker at rest: it runs no operation, and knows of no unfinished work. */
  readonly restingHeartbeatMs: number;
  /** A heartbeat that the database has not confirmed for this long has failed; the next one uses a new connection. */
  readonly heartbeatTimeoutMs: number;
  /**
   * How long a confirmed heartbeat lets a worker and its children go on, counted from the moment at which it was *sent*:
   * the database may have confirmed it at any time since.
   */
  readonly validMs: number;
  /** How often a worker with operations checks whether its time is up; the dead-man's switch of each child does so more often. */
  readonly checkMs: number;
  /** What ending a process group takes at most, on a busy machine. */
  readonly killMs: number;
  /** Another worker takes over once it has seen no new heartbeat for this long. */
  readonly takeOverMs: number;
}

/** Smallest setting: below it the processor time of a heartbeat on a busy machine would pass for an outage. */
export const MINIMUM_TAKE_OVER_SECONDS = 3;
export const DEFAULT_TAKE_OVER_SECONDS = 30;

/** @param takeOverSeconds the setting `WORKER_TAKE_OVER_SECONDS` */
export function leaseTimes(takeOverSeconds: number): LeaseTimes {
  const takeOverMs = takeOverSeconds * 1_000;
  return {
    heartbeatMs: takeOverMs / 10,
    restingHeartbeatMs: (takeOverMs * 3) / 10,
    heartbeatTimeoutMs: takeOverMs / 6,
    validMs: takeOverMs / 2,
    checkMs: takeOverMs / 60,
    killMs: takeOverMs / 6,
    takeOverMs,
  };
}
