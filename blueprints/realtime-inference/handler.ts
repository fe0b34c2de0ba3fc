/** Lambda: `POST /inference` → SageMaker InvokeEndpoint, or InvokeEndpointAsync. Payloads are never logged. */
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { InvokeEndpointCommandOutput } from '@aws-sdk/client-sagemaker-runtime';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { BadRequest, DEADLINE_MS, failure, readBody, readContentType } from './inference-call.ts';
import { invokeLater } from './invoke-later.ts';

const sagemaker = new SageMakerRuntimeClient({});

/** The guide's inference body. */
interface InferenceRequest {
  payload: unknown;
  content_type: string;
}

/** Answers with the model's own body and content type, or where the answer will be; errors in the guide's shape. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const { SAGEMAKER_ENDPOINT_NAME: endpointName, INPUT_LOCATION: inputLocation } = process.env;
  try {
    return inputLocation
      ? await invokeLater(sagemaker, endpointName, inputLocation, event)
      : await invokeNow(endpointName, event);
  } catch (error) {
    return failure(error, process.env.ALLOW_DETAILED_ERROR_MESSAGE === 'Yes');
  }
}

async function invokeNow(
  endpointName: string | undefined,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { payload, content_type: contentType } = readRequest(event);
  const answer = await sagemaker.send(
    new InvokeEndpointCommand({
      EndpointName: endpointName,
      Body: typeof payload === 'string' ? payload : JSON.stringify(payload),
      ContentType: contentType,
    }),
    { abortSignal: AbortSignal.timeout(DEADLINE_MS) },
  );
  return answerOf(answer);
}

function readRequest(event: APIGatewayProxyEventV2): InferenceRequest {
  const body = readBody(event, '"payload" and "content_type"');
  const { payload } = body;
  if (payload === undefined || payload === null) {
    throw new BadRequest('Bad request. API body does not have the necessary parameter: payload');
  }
  return { payload, content_type: readContentType(body) };
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
