/** S3 and SQS on loopback, as far as the service reads configuration from them: objects are files, and there is one queue. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';
import { bodyOf, refuseWebPages } from '../aws/local-endpoint/requests.ts';
import type { LoopbackServer } from '../loopback.ts';
import { listenOnLoopback } from '../loopback.ts';
import type { EventQueue } from './event-queue.ts';

/** @param directory contains a folder for each bucket */
export async function serveBuckets(directory: string, queue: EventQueue): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    answer(request, response, directory, queue).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500).end(String(error));
    });
  });
  server.unref();
  return await listenOnLoopback(server);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  directory: string,
  queue: EventQueue,
): Promise<void> {
  refuseWebPages(request);
  const target = request.headers['x-amz-target'];
  if (typeof target !== 'string') {
    await answerObject(request, response, directory);
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const body = JSON.parse((await bodyOf(request)).toString()) as Record<string, unknown>;
  const answered = await answerQueue(target, body, queue, gone.signal);
  response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answered));
}

async function answerQueue(
  target: string,
  body: Record<string, unknown>,
  queue: EventQueue,
  signal: AbortSignal,
): Promise<object> {
  if (target === 'AmazonSQS.ReceiveMessage') {
    const waitMs = 1_000 * Number(body.WaitTimeSeconds ?? 0);
    return { Messages: await queue.receive(Number(body.MaxNumberOfMessages ?? 1), waitMs, signal) };
  }
  if (target === 'AmazonSQS.DeleteMessage') {
    queue.delete(String(body.ReceiptHandle));
    return {};
  }
  throw new Error(`The sandbox AWS does not simulate ${target}.`);
}

/** GetObject and HeadObject, of the version that `If-Match` names. */
async function answerObject(request: IncomingMessage, response: ServerResponse, directory: string): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://s3');
  // Normalized below a root: a key never leads out of the folder.
  const content = await readFile(join(directory, normalize(`/${decodeURIComponent(pathname)}`))).catch(() => undefined);
  if (!content) {
    response.writeHead(404, { 'Content-Type': 'application/xml' }).end(refusal('NoSuchKey'));
    return;
  }
  const etag = `"${createHash('md5').update(content).digest('hex')}"`;
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && wanted !== etag) {
    response.writeHead(412, { 'Content-Type': 'application/xml' }).end(refusal('PreconditionFailed'));
    return;
  }
  response
    .writeHead(200, { ETag: etag, 'Content-Length': content.length })
    .end(request.method === 'HEAD' ? undefined : content);
}

function refusal(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
}
