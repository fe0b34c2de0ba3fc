/** The topics of the sandbox account: messages are written to a file instead of being emailed. */
import { join } from 'node:path';
import type { Publisher } from '../../automation/notifications/publisher.ts';
import { refuse } from './aws-errors.ts';
import { appendLine, readLines } from './files.ts';

/** A message published to a topic. */
export interface Notification {
  /** The same for the same change: what a killed sandbox may have written twice is shown once. */
  id: string;
  /** ISO time. */
  time: string;
  topicArn: string;
  /** Name of the EventBridge rule; absent if the service published it itself. */
  rule?: string;
  subject?: string;
  message: string;
  /** For subscription filters. */
  attributes?: Readonly<Record<string, string>>;
}

const FILE = 'notifications.jsonl';

/** @param directory of the accounts */
export async function tellTopic(directory: string, notification: Notification): Promise<void> {
  await appendLine(join(directory, FILE), notification);
}

/** All messages published so far, oldest first. @param directory of the accounts */
export async function readNotifications(directory: string): Promise<Notification[]> {
  const all = await readLines<Notification>(join(directory, FILE));
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** SNS as the service sees it. @param directory of the accounts */
export function topicPublisher(directory: string): Publisher {
  return {
    async publish({ topicArn, subject, message, attributes }) {
      refuseLikeSns(subject, message, attributes);
      const id = `service/${attributes.notificationId ?? ''}`;
      await tellTopic(directory, { id, time: new Date().toISOString(), topicArn, subject, message, attributes });
    },
    close: () => undefined,
  };
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function refuseLikeSns(subject: string, message: string, attributes: Readonly<Record<string, string>>): void {
  if (!/^[!-~][ -~]{0,98}$/.test(subject)) refuse('InvalidParameter', 'Invalid parameter: Subject');
  if (message === '') refuse('InvalidParameter', 'Invalid parameter: Empty message');
  const size = Object.entries(attributes).reduce((sum, [name, value]) => sum + name.length + value.length + 6, 0);
  if (Buffer.byteLength(message) + size > 262_144) refuse('InvalidParameter', 'Invalid parameter: Message too long');
  for (const [name, value] of Object.entries(attributes)) {
    if (value === '') {
      refuse(
        'ParameterValueInvalid',
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type 'String'.`,
      );
    }
  }
}
