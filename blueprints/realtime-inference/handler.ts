/** Lambda: `POST /inference` → SageMaker InvokeEndpoint. Payloads are never logged. */
import {
  InvokeEndpointCommand,
  SageMakerRuntimeClient,
  SageMakerRuntimeServiceException,
} from '@aws-sdk/client-sagemaker-runtime';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

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
    );
    return {
      statusCode: 200,
      headers: { 'Content-Type': answer.ContentType ?? 'text/plain' },
      body: answer.Body?.transformToString() ?? '',
    };
  } catch (error) {
    return failure(error);
  }
}

function readRequest(event: APIGatewayProxyEventV2): InferenceRequest {
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
  const body = parse(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest('The body must be a JSON object with "payload" and "content_type".');
  }
  const { payload, content_type: contentType } = body as Partial<InferenceRequest>;
  if (payload === undefined || payload === null) {
    throw new BadRequest('Bad request. API body does not have the necessary parameter: payload');
  }
  if (typeof contentType !== 'string' || contentType === '') {
    throw new BadRequest('Bad request. API body does not have the necessary parameter: content_type');
  }
  return { payload, content_type: contentType };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not JSON.');
  }
}

/** The model's fault and SageMaker's are told apart from the caller's by the status. */
const STATUS_OF_SAGEMAKER: Record<string, number> = {
  ValidationError: 400,
  ModelError: 502,
  ModelNotReadyException: 503,
  ServiceUnavailable: 503,
  ThrottlingException: 429,
};

function failure(error: unknown): APIGatewayProxyStructuredResultV2 {
  if (error instanceof BadRequest) return answerError(400, 'A BadRequest exception occurred', error.message);
  if (error instanceof SageMakerRuntimeServiceException) {
    const status = STATUS_OF_SAGEMAKER[error.name] ?? 500;
    console.error(JSON.stringify({ error: error.name, status, requestId: error.$metadata.requestId }));
    return answerError(status, 'A SageMaker exception occurred', `${error.name}: ${error.message}`);
  }
  console.error(JSON.stringify({ error: error instanceof Error ? error.name : 'unknown' }));
  return answerError(
    500,
    'An Unexpected Server side exception occurred',
    error instanceof Error ? error.message : String(error),
  );
}

function answerError(statusCode: number, message: string, detailedMessage: string): APIGatewayProxyStructuredResultV2 {
  const detailed = process.env.ALLOW_DETAILED_ERROR_MESSAGE === 'Yes' ? { detailedMessage } : {};
  return {
    statusCode,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ message, ...detailed }),
  };
}
