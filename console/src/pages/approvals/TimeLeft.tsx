import { fullTime } from '../../components/time-text.ts';
import { useClock } from '../../components/Time.tsx';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** "expires in 6 days", with the full time on hover. */
export function TimeLeft({ until }: { until: string }) {
  const text = useClock((now) => leftOf(Date.parse(until) - now));
  return <span title={fullTime(until)}>{text}</span>;
}

function leftOf(ms: number): string {
  if (ms <= 0) return 'expired';
  if (ms < HOUR) return `expires in ${Math.ceil(ms / 60_000)} min`;
  if (ms < 2 * DAY) return `expires in ${Math.floor(ms / HOUR)} h`;
  return `expires in ${Math.floor(ms / DAY)} days`;
}
