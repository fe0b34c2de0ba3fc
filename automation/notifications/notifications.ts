/** Transactional outbox of notifications: stored in the transaction of the change they report, delivered afterwards. */
import type { Database } from '../platform/database.ts';
import { announceDue } from '../platform/due-work.ts';
import { asSubject } from './wording.ts';
import { storableJson, storableText } from '../platform/storable.ts';

export const NOTIFICATION_KINDS = [
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
] as const;

export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export interface NewNotification {
  kind: NotificationKind;
  pipelineId?: string;
  executionId?: string;
  environment?: string;
  /** One line; characters that SNS does not accept in a subject are removed. */
  subject: string;
  /** What happened and what to do next, as plain text. */
  message: string;
  data?: Record<string, unknown>;
}

/** @param database a transaction if the notification reports what that transaction does */
export async function addNotification(
  database: Pick<Database, 'query'>,
  { kind, pipelineId, executionId, environment, subject, message, data = {} }: NewNotification,
): Promise<void> {
  await database.query(
    `INSERT INTO mlops.notifications (kind, pipeline_id, execution_id, environment, subject, message, data)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [kind, pipelineId, executionId, environment, asSubject(subject), storableText(message), storableJson(data)],
  );
  await announceDue(database, 'notifications');
}
