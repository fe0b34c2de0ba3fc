/** The HTTP endpoint on loopback that replaces AWS while a function runs: SageMaker's jobs and endpoints, and S3 objects. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { LoopbackServer } from '../../loopback.ts';
import { listenOnLoopback } from '../../loopback.ts';
import type { Properties } from '../../provider.ts';
import { AwsRefusal } from '../aws-errors.ts';
import { requireAccess } from '../permissions.ts';
import { answerInference, isInference } from './inference.ts';
import type { Account } from './jobs.ts';
import { readObject, writeObject } from './objects.ts';
import { bodyOf, refuseWebPages } from './requests.ts';
import { callSageMaker } from './sagemaker-calls.ts';

/** Listens on a free port until it is closed. It keeps no process alive. */
export async function startLocalEndpoint(account: Account): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    answer(request, response, account).catch((error: unknown) => refusal(request, response, error));
  });
  server.unref();
  return await listenOnLoopback(server);
}

async function answer(request: IncomingMessage, response: ServerResponse, account: Account): Promise<void> {
  refuseWebPages(request);
  const body = await bodyOf(request);
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') {
    const [, operation = ''] = target.split('.');
    const answered = await callSageMaker(operation, JSON.parse(body.toString('utf8') || '{}') as Properties, account);
    response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answered));
    return;
  }
  if (isInference(request)) {
    await answerInference(request, response, body, account);
    return;
  }
  const [bucket = '', ...key] = decodeURIComponent(new URL(request.url ?? '/', 'http://s3').pathname.slice(1)).split(
    '/',
  );
  const { scope, callerRoleArn } = account;
  if (callerRoleArn !== undefined) {
    const action = request.method === 'PUT' ? 's3:PutObject' : 's3:GetObject';
    const resource = `arn:${scope.partition}:s3:::${bucket}/${key.join('/')}`;
    await requireAccess(callerRoleArn, [{ action, resource }], account);
  }
  await objectCall(request, response, account.store.directory, bucket, key.join('/'), body);
}

async function objectCall(
  request: IncomingMessage,
  response: ServerResponse,
  directory: string,
  bucket: string,
  key: string,
  body: Buffer,
): Promise<void> {
  if (request.method === 'PUT') {
    await writeObject(directory, bucket, key, body);
    response.writeHead(200, { ETag: '"sandbox"' }).end();
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new AwsRefusal('MethodNotAllowed', 'The sandbox AWS knows GetObject, HeadObject and PutObject only.', 405);
  }
  const content = await readObject(directory, bucket, key);
  if (!content) throw new AwsRefusal('NoSuchKey', `The specified key does not exist: s3://${bucket}/${key}`, 404);
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const end = Math.min(last === '' ? content.length : Number(last) + 1, content.length);
  const part = content.subarray(Number(first), end);
  response
    .writeHead(request.headers.range ? 206 : 200, {
      'Content-Length': part.length,
      ...(request.headers.range ? { 'Content-Range': `bytes ${first}-${end - 1}/${content.length}` } : {}),
    })
    .end(request.method === 'HEAD' ? undefined : part);
}

/** Each service has its own form for errors: JSON for SageMaker and its runtime, XML for S3. */
function refusal(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const { code, message, status } =
    error instanceof AwsRefusal ? error : { code: 'InternalFailure', message: String(error), status: 500 };
  if (request.headers['x-amz-target']) {
    response
      .writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify({ __type: code, message }));
    return;
  }
  if (isInference(request)) {
    response
      .writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-errortype': code })
      .end(JSON.stringify({ message }));
    return;
  }
  const text = message.replace(/[<>&]/g, (one) => `&#${one.charCodeAt(0)};`);
  response
    .writeHead(status, { 'Content-Type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`);
}
