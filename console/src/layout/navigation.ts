/** The pages that the navigation lists. */
import { Activity, Boxes, CheckCheck, Plus } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

export type ListPath = '/' | '/new' | '/executions' | '/approvals';

interface Destination {
  to: ListPath;
  label: string;
  icon: LucideIcon;
  /** Current only on this page itself; default: on pages below it too. */
  exact: boolean;
}

export const NAVIGATION: readonly Destination[] = [
  { to: '/', label: 'Pipelines', icon: Boxes, exact: true },
  { to: '/new', label: 'New pipeline', icon: Plus, exact: false },
  { to: '/executions', label: 'Executions', icon: Activity, exact: false },
  { to: '/approvals', label: 'Approvals', icon: CheckCheck, exact: false },
];
