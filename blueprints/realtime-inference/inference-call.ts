/** Shared by both kinds of invocation: parsing a call of `POST /inference`, and responding to one that failed. */
import { ModelError, SageMakerRuntimeServiceException } from '@aws-sdk/client-sagemaker-runtime';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * Shorter than the 30 s of the gateway and of the function, so that the caller gets an answer in our shape. Retries included.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export const DEADLINE_MS = 28_000;

/** What the caller got wrong. */
export class BadRequest extends Error {}

/**
 * The body as an object.
 * @param needed its keys, for people
 * @throws {BadRequest} for anything else
 */
export function readBody(event: APIGatewayProxyEventV2, needed: string): Record<string, unknown> {
  const body = parse(Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest(`The body must be a JSON object with ${needed}.`);
  }
  return body as Record<string, unknown>;
}

/** @throws {BadRequest} for one that is missing, or that no header can hold */
export function readContentType({ content_type: contentType }: Record<string, unknown>): string {
  if (contentType === undefined || contentType === null || contentType === '') {
    throw new BadRequest('Bad request. API body does not have the necessary parameter: content_type');
  }
  // It becomes a header. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
  if (typeof contentType !== 'string' || !/^[\x20-\x7e]{1,1024}$/.test(contentType)) {
    throw new BadRequest('"content_type" must be a media type such as text/csv.');
  }
  return contentType;
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new BadRequest('The body is not valid JSON.');
  }
}

/**
 * SageMaker's errors, and a deadline that passed. What is not here is 500, a ValidationError too: the caller's part of the
 * call has been checked before, so the endpoint is missing or not ours to invoke.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_Errors
 */
const STATUS_OF_ERROR: Record<string, number> = {
  AbortError: 504,
  InternalDependencyException: 502,
  ModelNotReadyException: 503,
  ServiceUnavailable: 503,
  ThrottlingException: 429,
  TimeoutError: 504,
};

/** What a model's container says about the payload or its load goes to the caller; anything else is the model's failure. */
const PASSED_ON = new Set([400, 406, 413, 415, 422, 429, 503]);

function statusOf(error: Error): number {
  if (error instanceof ModelError)
    return PASSED_ON.has(error.OriginalStatusCode ?? 0) ? (error.OriginalStatusCode ?? 502) : 502;
  return STATUS_OF_ERROR[error.name] ?? 500;
}

/**
 * Any error as an answer in the guide's shape.
 * @param detailed whether the caller gets the reason
 */
export function failure(thrown: unknown, detailed: boolean): APIGatewayProxyStructuredResultV2 {
  const answer = (statusCode: number, message: string, detailedMessage: string) => ({
    statusCode,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ message, ...(detailed ? { detailedMessage } : {}) }),
  });
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof BadRequest) return answer(400, 'A BadRequest exception occurred', error.message);
  const status = statusOf(error);
  const fromSageMaker = error instanceof SageMakerRuntimeServiceException;
  // The message is left out: a model may repeat the payload in it.
  console.error(
    JSON.stringify({
      error: error.name,
      status,
      ...(fromSageMaker ? { requestId: error.$metadata.requestId } : {}),
    }),
  );
  if (status === 504) {
    return answer(status, 'The model did not respond in time', `The model took longer than ${DEADLINE_MS / 1000} s.`);
  }
  return fromSageMaker
    ? answer(status, 'A SageMaker exception occurred', `${error.name}: ${error.message}`)
    : answer(status, 'An Unexpected Server side exception occurred', error.message);
}
