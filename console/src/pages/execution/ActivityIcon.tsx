import { CircleCheck, CircleDot, CircleMinus, CircleX, LoaderCircle, RefreshCw } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Tone } from '../../components/Status.tsx';
import type { Activity } from './resource-tree.ts';
import { isRunning } from './resource-tree.ts';

const ENDED: Partial<Record<Activity, { icon: LucideIcon; tone: Tone }>> = {
  created: { icon: CircleCheck, tone: 'ok' },
  updated: { icon: CircleCheck, tone: 'ok' },
  imported: { icon: CircleCheck, tone: 'ok' },
  read: { icon: CircleCheck, tone: 'ok' },
  replaced: { icon: RefreshCw, tone: 'ok' },
  deleted: { icon: CircleMinus, tone: 'idle' },
  failed: { icon: CircleX, tone: 'fail' },
};

export function toneOf(activity: Activity): Tone {
  return isRunning(activity) ? 'run' : (ENDED[activity]?.tone ?? 'idle');
}

/** The word for it stands beside it. */
export function ActivityIcon({ activity }: { activity: Activity }) {
  if (isRunning(activity)) return <LoaderCircle aria-hidden className="ink-run spin" />;
  const { icon: Icon, tone } = ENDED[activity] ?? { icon: CircleDot, tone: 'idle' };
  return <Icon aria-hidden className={`ink-${tone}`} />;
}
