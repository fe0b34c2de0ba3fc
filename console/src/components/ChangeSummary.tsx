import { Equal, Eye, Import, Minus, Pencil, Plus, RefreshCw, Replace } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Operation } from './changes.ts';
import { countsOf, OPERATION_LABELS } from './changes.ts';
import type { Tone } from './Status.tsx';

export const OPERATION_LOOKS: Record<Operation, { icon: LucideIcon; tone: Tone }> = {
  delete: { icon: Minus, tone: 'fail' },
  replace: { icon: Replace, tone: 'wait' },
  update: { icon: Pencil, tone: 'run' },
  create: { icon: Plus, tone: 'ok' },
  import: { icon: Import, tone: 'ok' },
  read: { icon: Eye, tone: 'idle' },
  refresh: { icon: RefreshCw, tone: 'idle' },
  same: { icon: Equal, tone: 'idle' },
};

/** How many resources are to be destroyed, replaced, updated, created. */
export function ChangeSummary({ of: summary }: { of: Record<string, number> }) {
  const counts = countsOf(summary);
  if (counts.length === 0) return <span className="muted small">no changes</span>;
  return (
    <span className="row-wrap change-summary">
      {counts.map(([operation, count]) => {
        const { icon: Icon, tone } = OPERATION_LOOKS[operation];
        return (
          <span key={operation} className={`badge tone-${tone}`}>
            <Icon aria-hidden />
            {count} {operation === 'same' ? '' : 'to '}
            {OPERATION_LABELS[operation]}
          </span>
        );
      })}
    </span>
  );
}
