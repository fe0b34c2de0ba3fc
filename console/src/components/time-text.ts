/** Times in words. Pure. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DATE = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const FULL = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'long' });

export function fullTime(at: string): string {
  return FULL.format(new Date(at));
}

export function agoOf(at: string, now: number): string {
  const passed = now - Date.parse(at);
  // Clocks of two machines differ a little.
  if (passed < 5 * SECOND) return 'just now';
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s ago`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`;
  if (passed < 30 * DAY) return `${Math.floor(passed / DAY)} d ago`;
  return DATE.format(new Date(at));
}

/** @param to end; undefined: it has not ended */
export function durationOf(from: string, to: string | undefined, now: number): string {
  const passed = Math.max(0, (to === undefined ? now : Date.parse(to)) - Date.parse(from));
  if (passed < SECOND) return to === undefined ? '0 s' : '< 1 s';
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ${Math.floor((passed % MINUTE) / SECOND)} s`;
  return `${Math.floor(passed / HOUR)} h ${Math.floor((passed % HOUR) / MINUTE)} min`;
}

const DAY_MS = 86_400_000;
const DAY_TICK = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const MINUTE_TICK = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });
const SECOND_TICK = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hour12: false });

/** How an axis shows times that are this far apart in all: two of its marks never look the same. */
export function tickFormat(spanMs: number): Intl.DateTimeFormat {
  if (spanMs > 2 * DAY_MS) return DAY_TICK;
  return spanMs > 600_000 ? MINUTE_TICK : SECOND_TICK;
}
