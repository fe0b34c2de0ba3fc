/** What the addresses of the pages of records say after the `?`. */
import { ENVIRONMENTS } from '../api/model.ts';
import type {
  AuditAction,
  AuditFilter,
  Delivery,
  DeliveryFilter,
  NotificationFilter,
  NotificationKind,
} from '../api/record-queries.ts';
import type { Raw } from './search.ts';
import { oneOf, text } from './search.ts';

export const DELIVERY_STATUSES = [
  'Pending',
  'Following',
  'Provisioned',
  'Partial',
  'Invalid',
  'Absent',
  'Superseded',
  'Failed',
] as const satisfies readonly Delivery['status'][];

export const SOURCES = [
  'github',
  'gitlab',
  'bitbucket',
  'codecommit',
  's3',
  'git',
] as const satisfies readonly Delivery['source'][];

export const KINDS_OF_NOTIFICATIONS = [
  'started',
  'approval-needed',
  'approval-expired',
  'succeeded',
  'failed',
  'superseded',
  'cancelled',
  'rejected',
  'drift',
  'configuration',
] as const satisfies readonly NotificationKind[];

export const ACTIONS = [
  'provision',
  'run',
  'rollback',
  'reconcile',
  'destroy',
  'approve',
  'reject',
  'cancel',
  'retry',
  'drift-check',
  'model-card',
  'protect',
  'unprotect',
  'redeliver',
  'adopt-state',
  'recreate-stack',
  'denied',
  'refused',
] as const satisfies readonly AuditAction[];

export function deliveriesSearch(raw: Raw): DeliveryFilter {
  return { status: oneOf(DELIVERY_STATUSES, raw.status), source: oneOf(SOURCES, raw.source) };
}

export function notificationsSearch(raw: Raw): NotificationFilter {
  return { kind: oneOf(KINDS_OF_NOTIFICATIONS, raw.kind) };
}

const day = (value: unknown) => (/^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? String(value) : undefined);

export function auditSearch(raw: Raw): AuditFilter {
  return {
    principal: text(raw.principal),
    action: oneOf(ACTIONS, raw.action),
    environment: oneOf(ENVIRONMENTS, raw.environment),
    pipelineId: text(raw.pipelineId),
    since: day(raw.since),
    until: day(raw.until),
  };
}

/** Days. */
export const PERIODS = [1, 7, 30] as const;

export function insightsSearch(raw: Raw): { days?: (typeof PERIODS)[number] | undefined } {
  return { days: PERIODS.find((each) => each === Number(raw.days)) };
}
