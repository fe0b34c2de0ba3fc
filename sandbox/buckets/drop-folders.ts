/**
 * Folders that stand for buckets: a file that is put there is an object in S3, and its `Object Created` event arrives in the
 * queue that the service reads. From there on, everything is as in AWS.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from 'pino';
import { EventQueue } from './event-queue.ts';
import { serveBuckets } from './bucket-server.ts';

/** Network file systems and containers do not report changes, so they are looked for: rarely, until something changes. */
const QUIET_LOOK_MS = 1_000;
const LOOK_AGAIN_MS = 300;

export interface DropFolders {
  /** The folder of each bucket. */
  readonly folders: readonly string[];
  /** For `CONFIG_QUEUE_URL`. */
  readonly queueUrl: string;
  /** Clients of these buckets and this queue. */
  readonly clients: { s3: S3Client; sqs: SQSClient };
  stop(): Promise<void>;
}

export interface DropFolderSettings {
  /** Contains the folders. */
  readonly directory: string;
  readonly buckets: readonly string[];
  readonly accountId: string;
  readonly region: string;
  readonly logger: Logger;
}

export async function startDropFolders(settings: DropFolderSettings): Promise<DropFolders> {
  const { directory, buckets, accountId, region, logger } = settings;
  const folders = buckets.map((bucket) => join(directory, bucket));
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  const queue = new EventQueue();
  const server = await serveBuckets(directory, queue);
  const ending = new AbortController();
  const looking = look(settings, queue, ending.signal).catch((error: unknown) => {
    logger.error({ err: error }, 'the folders of the buckets are not looked at any longer');
  });
  const credentials = { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' };
  return {
    folders,
    queueUrl: `${server.url}/${accountId}/configuration`,
    clients: {
      s3: new S3Client({ region, endpoint: server.url, forcePathStyle: true, credentials }),
      sqs: new SQSClient({ region, endpoint: server.url, credentials }),
    },
    stop: async () => {
      ending.abort();
      await looking;
      await server.close();
    },
  };
}

/**
 * Sends an event for each new or changed file, once it has stayed the same for a moment: files are written in pieces. Files
 * that are there at the start are sent too; the service knows those that it has seen.
 */
async function look(
  { directory, buckets, accountId, region, logger }: DropFolderSettings,
  queue: EventQueue,
  signal: AbortSignal,
): Promise<void> {
  const sent = new Map<string, string>();
  for (let before = new Map<string, string>(); !signal.aborted;) {
    const now = new Map<string, string>();
    for (const bucket of buckets) {
      const folder = join(directory, bucket);
      for (const file of await filesIn(folder)) {
        const state = await stateOf(file);
        if (state === undefined) continue;
        now.set(file, state);
        if (before.get(file) !== state || sent.get(file) === state) continue;
        sent.set(file, state);
        const key = relative(folder, file).split(sep).join('/');
        const etag = createHash('md5')
          .update(await readFile(file))
          .digest('hex');
        queue.send(JSON.stringify(objectCreated({ bucket, key, etag, sequencer: state, accountId, region })));
        logger.info({ bucket, key }, 'a file was put into the folder of a bucket');
      }
    }
    const isQuiet = [...now].every(([file, state]) => sent.get(file) === state);
    before = now;
    const pause = isQuiet ? QUIET_LOOK_MS : LOOK_AGAIN_MS;
    await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** Undefined where it has gone meanwhile. */
async function stateOf(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && `${found.mtimeMs.toString(36)}-${found.size.toString(36)}`;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function objectCreated({
  bucket,
  key,
  etag,
  sequencer,
  accountId,
  region,
}: Record<'bucket' | 'key' | 'etag' | 'sequencer' | 'accountId' | 'region', string>): Record<string, unknown> {
  return {
    version: '0',
    id: createHash('sha256').update(`${bucket}/${key} ${etag} ${sequencer}`).digest('hex').slice(0, 32),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: accountId,
    time: new Date().toISOString(),
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: { version: '0', bucket: { name: bucket }, object: { key, etag, sequencer }, reason: 'PutObject' },
  };
}
