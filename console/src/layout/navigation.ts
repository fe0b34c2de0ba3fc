/** The pages that the navigation lists. */
import {
  Activity,
  Bell,
  Boxes,
  ChartColumn,
  CheckCheck,
  GitPullRequestArrow,
  IdCard,
  Plus,
  ScrollText,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

export type ListPath =
  '/' | '/new' | '/executions' | '/approvals' | '/insights' | '/cards' | '/deliveries' | '/notifications' | '/audit';

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
  { to: '/insights', label: 'Insights', icon: ChartColumn, exact: false },
  { to: '/cards', label: 'Model cards', icon: IdCard, exact: false },
  { to: '/deliveries', label: 'Deliveries', icon: GitPullRequestArrow, exact: false },
  { to: '/notifications', label: 'Notifications', icon: Bell, exact: false },
  { to: '/audit', label: 'Audit log', icon: ScrollText, exact: false },
];
