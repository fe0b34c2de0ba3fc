/**
 * SageMaker's runtime as the handlers see it: an answer at once, or its place in S3.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Runtime.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from '../aws-errors.ts';
import { infer } from '../inference.ts';
import { arn } from '../partitions.ts';
import { requireAccess } from '../permissions.ts';
import { object, text } from '../properties.ts';
import { ENDPOINT } from '../services/sagemaker.ts';
import { placeOf } from '../store.ts';
import type { Account } from './jobs.ts';
import { readObject, writeObject } from './objects.ts';

const CALL = /^\/endpoints\/([^/]+)\/(async-)?invocations$/;
const ENDPOINT_CONFIG = { token: 'aws:sagemaker/endpointConfiguration:EndpointConfiguration' };

/** The signature names the service; the path alone might be that of a bucket. */
export function isInference({ headers, method, url }: IncomingMessage): boolean {
  return method === 'POST' && CALL.test(url ?? '') && (headers.authorization ?? '').includes('/sagemaker/aws4_request');
}

/** @throws AwsRefusal */
export async function answerInference(
  request: IncomingMessage,
  response: ServerResponse,
  payload: Buffer,
  account: Account,
): Promise<void> {
  const { store, scope, callerRoleArn } = account;
  const [, encoded = '', later] = CALL.exec(request.url ?? '') ?? [];
  const name = decodeURIComponent(encoded);
  const action = later ? 'sagemaker:InvokeEndpointAsync' : 'sagemaker:InvokeEndpoint';
  if (callerRoleArn !== undefined) {
    // An asynchronous call needs the same permission.
    const access = { action: 'sagemaker:InvokeEndpoint', resource: arn(scope, 'sagemaker', `endpoint/${name}`) };
    const both = later ? [access, { ...access, action }] : [access];
    await requireAccess(callerRoleArn, both, account);
  }
  if (!later) {
    const answer = await infer(store, scope, name, payload.toString('utf8'));
    response.writeHead(200, { 'Content-Type': 'text/csv' }).end(answer);
    return;
  }
  const inputLocation = String(request.headers['x-amzn-sagemaker-inputlocation'] ?? '');
  const input = await readObject(store.directory, ...placeIn(inputLocation));
  if (!input) refuse('ValidationError', `There is no object ${inputLocation}.`, 400);
  const id = randomUUID();
  const output = `${await outputLocation(name, account)}/${id}.out`;
  await writeObject(
    store.directory,
    ...placeIn(output),
    Buffer.from(await infer(store, scope, name, input.toString())),
  );
  response
    .writeHead(202, { 'Content-Type': 'application/json', 'X-Amzn-SageMaker-OutputLocation': output })
    .end(JSON.stringify({ InferenceId: id }));
}

async function outputLocation(endpointName: string, { store, scope }: Account): Promise<string> {
  const endpoint = await store.read(placeOf({ token: ENDPOINT }, scope), endpointName);
  const config = await store.read(placeOf(ENDPOINT_CONFIG, scope), text(endpoint?.inputs ?? {}, 'endpointConfigName'));
  const asynchronous = object(object(config?.inputs ?? {}, 'asyncInferenceConfig'), 'outputConfig');
  const location = text(asynchronous, 's3OutputPath').replace(/\/+$/, '');
  if (location === '') refuse('ValidationError', `Endpoint ${endpointName} is not asynchronous.`, 400);
  return location;
}

function placeIn(location: string): [bucket: string, key: string] {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
  return [bucket, key];
}
