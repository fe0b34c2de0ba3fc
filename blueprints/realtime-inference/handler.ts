/** Lambda: `POST /inference` → SageMaker InvokeEndpoint. Payloads are never logged. */
import {
  InvokeEndpointCommand,
  ModelError,
  SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
} from '@aws-sdk/client-sagemaker-runtime';
import type { InvokeEndpointCommandOutput } from '@aws-sdk/client-sagemaker-runtime';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * Shorter than the 30 s of the gateway and of this function, so that the caller gets an answer in our shape. Retries included.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const DEADLINE_MS = 28_000;

const sagemaker = new SageMakerRuntimeClient({});

/** What the caller got wrong. */
class BadRequest extends Error {}

/** The guide's inference body. */
interface InferenceRequest {
  payload: unknown;
  content_type: string;
}

/** Answers with the model's own body and content type; errors in the guide's shape. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    const { payload, content_type: contentType } = readRequest(event);
    const answer = await sagemaker.send(
      new InvokeEndpointCommand({
        EndpointName: process.env.SAGEMAKER_ENDPOINT_NAME,
        Body: typeof payload === 'string' ? payload : JSON.stringify(payload),
        ContentType: contentType,
      }),
      { abortSignal: AbortSignal.timeout(DEADLINE_MS) },
    );
    return answerOf(answer);
  } catch (error) {
    return failure(error);
  }
}

function readRequest(event: APIGatewayProxyEventV2): InferenceRequest {
  const body = parse(Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest('The body must be a JSON object with "payload" and "content_type".');
  }
  const { payload, content_type: contentType } = body as Partial<InferenceRequest>;
  if (payload === undefined || payload === null) {
    throw new BadRequest('Bad request. API body does not have the necessary parameter: payload');
  }
  if (contentType === undefined || contentType === null || contentType === '') {
    throw new BadRequest('Bad request. API body does not have the necessary parameter: content_type');
  }
  // It becomes a header. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
  if (typeof contentType !== 'string' || !/^[\x20-\x7e]{1,1024}$/.test(contentType)) {
    throw new BadRequest('"content_type" must be a media type such as text/csv.');
  }
  return { payload, content_type: contentType };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new BadRequest('The body is not JSON.');
  }
}

/** Text as text; what is not, such as an image, as the gateway takes bytes. */
function answerOf({
  Body: body,
  ContentType: contentType,
}: InvokeEndpointCommandOutput): APIGatewayProxyStructuredResultV2 {
  const bytes = Buffer.from(body ?? []);
  const answer = { statusCode: 200, headers: { 'Content-Type': contentType ?? 'text/plain' } };
  try {
    return { ...answer, body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { ...answer, body: bytes.toString('base64'), isBase64Encoded: true };
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

function failure(thrown: unknown): APIGatewayProxyStructuredResultV2 {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof BadRequest) return answerError(400, 'A BadRequest exception occurred', error.message);
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
    return answerError(
      status,
      'The model did not answer in time',
      `The model took longer than ${DEADLINE_MS / 1000} s.`,
    );
  }
  return fromSageMaker
    ? answerError(status, 'A SageMaker exception occurred', `${error.name}: ${error.message}`)
    : answerError(status, 'An Unexpected Server side exception occurred', error.message);
}

function answerError(statusCode: number, message: string, detailedMessage: string): APIGatewayProxyStructuredResultV2 {
  const detailed = process.env.ALLOW_DETAILED_ERROR_MESSAGE === 'Yes' ? { detailedMessage } : {};
  return {
    statusCode,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ message, ...detailed }),
  };
}
