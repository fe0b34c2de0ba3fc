/**
 * The thread of the dead-man's switch. Reads deadlines from the service, one a line: milliseconds of the machine's monotonic
 * clock, or `-` for "no limit". It kills the session at the end of the pipe (the service is gone) and once a deadline has
 * passed (the service is stopped, or does not hold its leases any more).
 */
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { workerData } from 'node:worker_threads';
import { monotonicMs } from '../../platform/monotonic-clock.ts';
import { killSession } from '../../platform/process-identity.ts';

const { fd, leader } = workerData as { fd: number; leader: number };

/** How often the deadline is checked. Part of the table in docs/leases.md. */
const CHECK_MS = 100;

let deadline = Number.POSITIVE_INFINITY;
let checks: NodeJS.Timeout | undefined;

function end(): void {
  killSession(leader);
}

function check(): void {
  if (monotonicMs() > deadline) end();
}

/** No timer without a deadline, so that a child waiting for work costs nothing. */
function setDeadline(line: string): void {
  clearInterval(checks);
  deadline = line === '-' ? Number.POSITIVE_INFINITY : Number(line);
  if (line !== '-') checks = setInterval(check, CHECK_MS);
  check();
}

const pipe = new Socket({ fd, readable: true, writable: false });
pipe.on('close', end).on('error', end);
createInterface(pipe).on('line', setDeadline);
