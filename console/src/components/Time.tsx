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

/** "3 min ago", with the full time on hover. */
export function Ago({ at }: { at: string }) {
  // Draws again only when the text changes.
  const text = useSyncExternalStore(subscribe, () => agoOf(at, now));
  return (
    <time dateTime={at} title={fullTime(at)}>
      {text}
    </time>
  );
}

/** How long something took, or has taken so far. */
export function Duration({ from, to }: { from: string; to?: string | undefined }) {
  const text = useSyncExternalStore(subscribe, () => durationOf(from, to, now));
  return <span title={`${fullTime(from)}${to ? ` – ${fullTime(to)}` : ''}`}>{text}</span>;
}
