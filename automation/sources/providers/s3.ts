/** S3: events about new objects, and the objects themselves, each read in exactly the version named by the event. */
import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Logger } from 'pino';
import type { Deliveries } from '../deliveries.ts';
import type { QueueEvent } from '../inbound/queue-event.ts';
import type { EventHandler } from '../inbound/queue.ts';
import type { ConfigSource, Place } from '../source.ts';
import { CONFIG_ARCHIVE, CONFIG_ARCHIVE_BYTES, CONFIG_FILE, CONFIG_FILE_BYTES, SourceUnavailable } from '../source.ts';
import { objectAt } from '../inbound/webhook-format.ts';

const DEADLINE_MS = 20_000;

export interface S3EventsDependencies {
  deliveries: Deliveries;
  /** Those whose objects are provisioned. */
  buckets: readonly string[];
  wake: () => void;
  logger: Logger;
}

/** Keeps what is a new configuration file in a bucket that is allowed; all other objects are no concern of ours. */
export function onObjectCreated({ deliveries, buckets, wake, logger }: S3EventsDependencies): EventHandler {
  return async (event) => {
    const place = placeOf(event);
    if (!place) return;
    if (!buckets.includes(place.repository)) {
      logger.warn({ bucket: place.repository }, `${CONFIG_FILE} in a bucket that is not in CONFIG_BUCKETS is ignored`);
      return;
    }
    const object = objectAt(event.detail, 'object');
    const version = object['version-id'];
    const revision = typeof version === 'string' && version !== '' ? version : etagOf(object.etag);
    if (!revision) throw new Error(`the event of s3://${place.repository}/${place.path} has neither version nor ETag`);
    const target = `s3:${place.repository}/${place.path}`;
    const sequencer = typeof object.sequencer === 'string' ? object.sequencer : event.id;
    // The same for EventBridge and for S3's own notification, where both are set up.
    const deliveryId = `${target} ${revision} ${sequencer}`;
    if (await deliveries.accept({ source: 's3', deliveryId, target, revision, place })) wake();
  };
}

/** @returns where the object is; undefined where it is not a configuration file */
function placeOf(event: QueueEvent): Place | undefined {
  const { name: bucket } = objectAt(event.detail, 'bucket');
  const { key } = objectAt(event.detail, 'object');
  if (typeof bucket !== 'string' || typeof key !== 'string') throw new Error('the event has no bucket or no key');
  if (![CONFIG_FILE, CONFIG_ARCHIVE].some((name) => key === name || key.endsWith(`/${name}`))) return undefined;
  const decoded = event.source === 'aws.s3' ? decodedKey(key) : undefined;
  return { repository: bucket, branch: '', path: key, ...(decoded === undefined ? {} : { decodedPath: decoded }) };
}

/**
 * S3's own notifications encode keys, and EventBridge's description does not say whether its events do. Where decoding
 * makes a difference both keys are kept, and the one whose object has the event's version is read.
 */
function decodedKey(key: string): string | undefined {
  try {
    const decoded = decodeURIComponent(key.replaceAll('+', ' '));
    return decoded === key ? undefined : decoded;
  } catch {
    return undefined;
  }
}

export function s3Source(client: S3Client, stopped: AbortSignal): ConfigSource {
  const options = () => ({ abortSignal: AbortSignal.any([stopped, AbortSignal.timeout(DEADLINE_MS)]) });

  async function isNewestAt(Bucket: string, Key: string, revision: string): Promise<boolean> {
    const head = await orAbsent(
      `s3://${Bucket}/${Key}`,
      client.send(new HeadObjectCommand({ Bucket, Key }), options()),
    );
    return head !== undefined && [head.VersionId, etagOf(head.ETag)].includes(revision);
  }

  return {
    async isNewest({ repository, path, decodedPath }, revision) {
      if (await isNewestAt(repository, path, revision)) return true;
      return decodedPath !== undefined && (await isNewestAt(repository, decodedPath, revision));
    },
    async read({ repository: Bucket, path, decodedPath }, revision) {
      const encoded = decodedPath !== undefined && (await isNewestAt(Bucket, decodedPath, revision));
      const Key = encoded ? decodedPath : path;
      const exactly = revision.startsWith('"') ? { IfMatch: revision } : { VersionId: revision };
      // A range of an empty object is an error, so the first bytes are taken from the stream instead.
      const object = await orAbsent(
        `s3://${Bucket}/${Key}`,
        client.send(new GetObjectCommand({ Bucket, Key, ...exactly }), options()),
      );
      const limit = Key.endsWith(CONFIG_ARCHIVE) ? CONFIG_ARCHIVE_BYTES : CONFIG_FILE_BYTES;
      return object?.Body ? await firstBytes(object.Body as AsyncIterable<Uint8Array>, limit) : undefined;
    },
    caller: ({ repository, path }) => `s3:${repository}/${encodeURI(path)}`.slice(0, 512),
  };
}

/** Events have the ETag without the quotes that S3 itself gives it. */
function etagOf(etag: unknown): string {
  return typeof etag === 'string' && etag !== '' ? `"${etag.replaceAll('"', '')}"` : '';
}

/** One byte more than the limit, so that what is larger is recognized. */
async function firstBytes(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit + 1);
}

async function orAbsent<T>(what: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    if (status === 404 || status === 412) return undefined;
    throw new SourceUnavailable(`${what} cannot be read: ${name}: ${message}`, {
      cause: error,
      ...(status ? { status } : {}),
    });
  }
}
