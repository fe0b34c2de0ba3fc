import {
  Ban,
  CheckCircle2,
  CircleDashed,
  CircleHelp,
  Clock3,
  Layers2,
  LoaderCircle,
  Trash2,
  TriangleAlert,
  XCircle,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

export type Tone = 'ok' | 'run' | 'wait' | 'fail' | 'drift' | 'idle';

interface Look {
  tone: Tone;
  icon: LucideIcon;
  /** Default: the word itself. */
  label?: string;
}

/** Statuses of executions, stages, drift checks, deliveries, notifications and model cards. Never by color alone: each has an icon and a word. */
const LOOKS: Record<string, Look> = {
  Queued: { tone: 'idle', icon: Clock3 },
  Pending: { tone: 'idle', icon: CircleDashed },
  InProgress: { tone: 'run', icon: LoaderCircle, label: 'In progress' },
  AwaitingApproval: { tone: 'wait', icon: Clock3, label: 'Awaiting approval' },
  Succeeded: { tone: 'ok', icon: CheckCircle2 },
  Failed: { tone: 'fail', icon: XCircle },
  Superseded: { tone: 'idle', icon: Layers2 },
  Cancelled: { tone: 'idle', icon: Ban },
  Rejected: { tone: 'fail', icon: Ban },
  Skipped: { tone: 'idle', icon: Ban },
  Deleted: { tone: 'idle', icon: Trash2 },
  Completed: { tone: 'ok', icon: CheckCircle2 },
  CompletedWithViolations: { tone: 'drift', icon: TriangleAlert, label: 'Violations' },
  Stopping: { tone: 'idle', icon: LoaderCircle },
  Stopped: { tone: 'idle', icon: Ban },
  InSync: { tone: 'ok', icon: CheckCircle2, label: 'In sync' },
  Following: { tone: 'run', icon: LoaderCircle },
  Provisioned: { tone: 'ok', icon: CheckCircle2 },
  Partial: { tone: 'wait', icon: TriangleAlert },
  Invalid: { tone: 'fail', icon: XCircle },
  Absent: { tone: 'idle', icon: Ban },
  pending: { tone: 'idle', icon: Clock3, label: 'Pending' },
  delivered: { tone: 'ok', icon: CheckCircle2, label: 'Delivered' },
  stored: { tone: 'idle', icon: Layers2, label: 'Stored' },
  undeliverable: { tone: 'fail', icon: XCircle, label: 'Undeliverable' },
  Draft: { tone: 'idle', icon: CircleDashed },
  PendingReview: { tone: 'wait', icon: Clock3, label: 'Pending review' },
  Approved: { tone: 'ok', icon: CheckCircle2 },
  Archived: { tone: 'idle', icon: Layers2 },
  Drifted: { tone: 'drift', icon: TriangleAlert },
};

const UNKNOWN: Look = { tone: 'idle', icon: CircleHelp };

export function lookOf(status: string): Look {
  return LOOKS[status] ?? UNKNOWN;
}

export function labelOf(status: string): string {
  return lookOf(status).label ?? status;
}

export function Status({ of: status, label }: { of: string; label?: string }) {
  const { tone, icon: Icon } = lookOf(status);
  return (
    <span className={`badge tone-${tone}`}>
      <Icon aria-hidden className={status === 'InProgress' ? 'spin' : undefined} />
      {label ?? labelOf(status)}
    </span>
  );
}
