/** Ctrl-C and SIGTERM stop a process gracefully; a second Ctrl-C, or a stop that takes too long, ends it immediately. */
import { constants } from 'node:os';

/** The service guarantees to stop within 10 s. */
const STOP_WITHIN_MS = 9_000;

/**
 * One Ctrl-C arrives twice in a program that npm started: from the terminal, and passed on by npm. So does a signal to a
 * whole process group.
 * @see https://github.com/npm/run-script/blob/main/lib/signal-manager.js
 */
const SAME_KEYPRESS_MS = 1_000;

export interface StopOptions {
  signals?: readonly NodeJS.Signals[];
  /** Of a stop in order; default: 0. */
  exitCode?: (signal: NodeJS.Signals) => number;
  withinMs?: number;
}

/** @param stop called once, with the signal */
export function stopOnSignals(stop: (signal: NodeJS.Signals) => Promise<void>, options: StopOptions = {}): void {
  const { signals = ['SIGINT', 'SIGTERM'], exitCode = () => 0, withinMs = STOP_WITHIN_MS } = options;
  let stopping: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping !== undefined) {
      if (performance.now() - stopping < SAME_KEYPRESS_MS) return;
      process.exit(exitCode(signal) || 1);
    }
    stopping = performance.now();
    setTimeout(() => {
      process.stderr.write(`not stopped ${withinMs / 1_000} s after ${signal}: ending at once\n`);
      process.exit(1);
    }, withinMs).unref();
    stop(signal).then(
      () => process.exit(exitCode(signal)),
      (error: unknown) => {
        process.stderr.write(`could not stop in order: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, onSignal);
}

/** The exit code that a shell reports for a program that a signal ended. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
