/** Parses a message of the queue: an EventBridge event, or the records of an S3 notification. */

export interface QueueEvent {
  /** Id from EventBridge; built from the record for direct S3 notifications. */
  readonly id: string;
  /** Such as `Object Created`, `CodeCommit Repository State Change`. */
  readonly detailType: string;
  /** Such as `aws.s3`. */
  readonly source: string;
  readonly account: string;
  readonly region: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The detail type of EventBridge for a new object; S3's own records are given the same. */
export const OBJECT_CREATED = 'Object Created';

/**
 * @returns the events of a message: one of EventBridge; every record of an S3 notification about a new object.
 * None for S3's own test message.
 * @throws where the message is neither
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function eventsOf(body: string): QueueEvent[] {
  const message: unknown = JSON.parse(body);
  if (!isObject(message)) throw new Error('the message is not a JSON object');
  if (message.Event === 's3:TestEvent') return [];
  if (Array.isArray(message.Records)) return message.Records.flatMap((record: unknown) => s3Record(record));
  const { id, source, account, region, detail } = message;
  const detailType = message['detail-type'];
  if (typeof detailType !== 'string' || typeof id !== 'string' || !isObject(detail)) {
    throw new Error('the message is neither an EventBridge event nor an S3 notification');
  }
  return [{ id, detailType, source: text(source), account: text(account), region: text(region), detail }];
}

function s3Record(record: unknown): QueueEvent[] {
  if (!isObject(record) || !isObject(record.s3)) throw new Error('a record of the message is not an S3 record');
  const { bucket, object } = record.s3 as { bucket?: unknown; object?: unknown };
  if (!isObject(bucket) || !isObject(object)) throw new Error('a record of the message has no bucket or object');
  if (!/^(s3:)?ObjectCreated:/.test(text(record.eventName))) return [];
  // As in a form: `+` is a blank. EventBridge's events are dealt with in s3.ts.
  const key = decodeURIComponent(text(object.key).replaceAll('+', ' '));
  return [
    {
      id: `${text(bucket.name)}/${key} ${text(object.versionId)} ${text(object.sequencer)}`,
      detailType: OBJECT_CREATED,
      source: 'aws:s3',
      account: '',
      region: text(record.awsRegion),
      detail: {
        bucket: { name: bucket.name },
        object: { key, 'version-id': object.versionId, etag: object.eTag, sequencer: object.sequencer },
      },
    },
  ];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
