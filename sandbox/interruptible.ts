/**
 * For programs that run on a sandbox of their own, such as the demo: whenever Ctrl-C, SIGTERM or the end of the terminal
 * interrupts them, they undo what they have done so far and end with the code that a shell expects.
 */
import { exitCodeOf, stopOnSignals } from '../api/stop-on-signals.ts';

/** A terminal that is closed ends with SIGHUP what runs in it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** PostgreSQL and the service may just be starting, on a busy machine. */
const STOP_WITHIN_MS = 30_000;

/**
 * @param program undoes everything when the signal is aborted, or when it fails, and throws the signal's reason then
 * @throws what the program throws, unless it was interrupted
 */
export async function interruptible(program: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const leaving = new AbortController();
  const { signal } = leaving;
  // A terminal that was closed cannot be written to.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const running = program(signal).catch((error: unknown) => {
    if (error !== signal.reason) throw error;
  });
  stopOnSignals(
    async () => {
      leaving.abort(new Error('interrupted'));
      await running;
    },
    { signals: SIGNALS, exitCode: exitCodeOf, withinMs: STOP_WITHIN_MS },
  );
  await running;
}

/** @returns what the promise does, or rejects as soon as the signal is aborted */
export async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
