/** Waiting that ends early when the call is cancelled. */
import { ProviderError } from '../provider.ts';

/** The engine asked the provider to stop: what was under way is left as it is. */
export function cancelled(): ProviderError {
  return new ProviderError('operation was cancelled: the resource may still be changing in AWS', { code: 1 });
}

/** Waits `milliseconds`; Infinity waits until the signal. @throws ProviderError when cancelled. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw cancelled();
  if (milliseconds <= 0) return;
  await new Promise<void>((resolve, reject) => {
    // A timer that repeats keeps the process alive for a wait without end, as a real call that hangs does.
    const endless = milliseconds === Infinity;
    const timer = endless ? setInterval(() => undefined, 60_000) : setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      if (signal.aborted) reject(cancelled());
      else resolve();
    }
  });
}
