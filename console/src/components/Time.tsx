import { useSyncExternalStore } from 'react';
import { agoOf, durationOf, fullTime } from './time-text.ts';

const TICK_MS = 1_000;
let now = Date.now();
const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** One clock for all times on the page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** A text that depends on the time: drawn again only when it changes. */
export function useClock(textAt: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => textAt(now));
}

/** "3 min ago", with the full time on hover. */
export function Ago({ at }: { at: string }) {
  const text = useClock((time) => agoOf(at, time));
  return (
    <time dateTime={at} title={fullTime(at)}>
      {text}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Duration({ from, to }: { from: string; to?: string | undefined }) {
  const text = useClock((time) => durationOf(from, to, time));
  return <span title={`${fullTime(from)}${to ? ` – ${fullTime(to)}` : ''}`}>{text}</span>;
}
