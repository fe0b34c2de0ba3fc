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
import { allOf, oneOf, text } from './search.ts';

export const DELIVERY_STATUSES = allOf<Delivery['status']>({
  Pending: true,
  Following: true,
  Provisioned: true,
  Partial: true,
  Invalid: true,
  Absent: true,
  Superseded: true,
  Failed: true,
});

export const SOURCES = allOf<Delivery['source']>({
  github: true,
  gitlab: true,
  bitbucket: true,
  codecommit: true,
  s3: true,
  git: true,
});

export const KINDS_OF_NOTIFICATIONS = allOf<NotificationKind>({
  started: true,
  'approval-needed': true,
  'approval-expired': true,
  succeeded: true,
  failed: true,
  superseded: true,
  cancelled: true,
  rejected: true,
  drift: true,
  configuration: true,
});

export const ACTIONS = allOf<AuditAction>({
  provision: true,
  run: true,
  rollback: true,
  reconcile: true,
  destroy: true,
  approve: true,
  reject: true,
  cancel: true,
  retry: true,
  'drift-check': true,
  'model-card': true,
  protect: true,
  unprotect: true,
  redeliver: true,
  resend: true,
  'adopt-state': true,
  'recreate-stack': true,
  denied: true,
  refused: true,
});

/** @returns the version of a card; undefined: the latest */
export function cardSearch({ version }: Raw): { version?: number | undefined } {
  return { version: Number.isInteger(version) && Number(version) > 0 ? Number(version) : undefined };
}

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
