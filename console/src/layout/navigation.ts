/** The pages that the navigation lists. */
import { Activity, Boxes } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

interface Destination {
  to: '/' | '/executions';
  label: string;
  icon: LucideIcon;
  /** Current only on this page itself; default: on pages below it too. */
  exact: boolean;
}

export const NAVIGATION: readonly Destination[] = [
  { to: '/', label: 'Pipelines', icon: Boxes, exact: true },
  { to: '/executions', label: 'Executions', icon: Activity, exact: false },
];
