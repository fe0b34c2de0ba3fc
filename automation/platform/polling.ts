/** Polling: a loop with back-off, and one for work that is repeated while a process runs. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Pace {
  /** Milliseconds before the second attempt. */
  firstMs: number;
  /** The wait doubles up to this; default: it stays the same. */
  longestMs?: number;
  /** Ends the wait with an `AbortError`. */
  signal?: AbortSignal;
}

/**
 * Calls `ask` immediately and after every wait, until it returns a value.
 * @param ask returns undefined to be called again; an error ends the loop
 */
export async function poll<T>(
  ask: () => Promise<{ value: T } | undefined>,
  { firstMs, longestMs = firstMs, signal }: Pace,
): Promise<T> {
  for (let wait = firstMs; ; wait = Math.min(wait * 2, longestMs)) {
    const answer = await ask();
    if (answer) return answer.value;
    await delay(wait, undefined, { signal });
  }
}

export interface Repetition {
  /** The next run starts now, or right after the current one. */
  wake(): void;
  /** {@link wake} after a time in milliseconds, unless it is stopped before. */
  wakeIn(ms: number): void;
  /** Resolves when the current run has ended; no further run starts. */
  stop(): Promise<void>;
}

/**
 * Runs `work` immediately and then repeatedly, `everyMs` after the end of the last run, so that runs never overlap. Does not
 * keep the process alive.
 * @param everyMs a function is called after every run
 * @param onError called with the error of a run; the next run happens anyway
 */
export function repeat(
  work: (signal: AbortSignal) => Promise<unknown>,
  everyMs: number | (() => number),
  onError: (error: unknown) => void,
): Repetition {
  const ending = new AbortController();
  const { signal } = ending;
  let woken = new AbortController();
  const run = async () => {
    while (!signal.aborted) {
      woken = new AbortController();
      const either = AbortSignal.any([signal, woken.signal]);
      await work(signal).catch(onError);
      const pause = typeof everyMs === 'number' ? everyMs : everyMs();
      await delay(pause, undefined, { signal: either, ref: false }).catch(() => undefined);
    }
  };
  const running = run();
  const wake = () => woken.abort();
  return {
    wake,
    wakeIn: (ms) => void delay(ms, undefined, { signal, ref: false }).then(wake, () => undefined),
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}
