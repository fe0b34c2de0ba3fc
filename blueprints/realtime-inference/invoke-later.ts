/** A call of an asynchronous endpoint → SageMaker InvokeEndpointAsync: the payload's location in, the response's location out. */
import type { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { InvokeEndpointAsyncCommand } from '@aws-sdk/client-sagemaker-runtime';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { BadRequest, DEADLINE_MS, readBody, readContentType } from './inference-call.ts';

/**
 * @param inputLocation `bucket/prefix` below which payloads lie: the endpoint reads there, and nowhere else
 * @throws {BadRequest} for what the caller got wrong; SageMaker's errors
 */
export async function invokeLater(
  sagemaker: SageMakerRuntimeClient,
  endpointName: string | undefined,
  inputLocation: string,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const body = readBody(event, '"input_location" and "content_type"');
  const accepted = await sagemaker.send(
    new InvokeEndpointAsyncCommand({
      EndpointName: endpointName,
      InputLocation: readInputLocation(body, `s3://${inputLocation}/`),
      ContentType: readContentType(body),
    }),
    { abortSignal: AbortSignal.timeout(DEADLINE_MS) },
  );
  return {
    statusCode: 202,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      inference_id: accepted.InferenceId,
      output_location: accepted.OutputLocation,
      failure_location: accepted.FailureLocation,
    }),
  };
}

/** @param place where it must lie: callers must not read other locations with the endpoint's permissions */
function readInputLocation({ input_location: location, payload }: Record<string, unknown>, place: string): string {
  if (location === undefined || location === null || location === '') {
    throw new BadRequest(
      payload === undefined
        ? 'Bad request. API body does not have the necessary parameter: input_location'
        : `This endpoint is asynchronous: store the payload below ${place} and send its location as "input_location".`,
    );
  }
  // It becomes a header. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
  if (typeof location !== 'string' || !/^[\x21-\x7e]{1,1024}$/.test(location)) {
    throw new BadRequest(
      '"input_location" must be a URI such as s3://my-bucket/payloads/1.csv, in printable ASCII characters.',
    );
  }
  if (!location.startsWith(place) || location.length === place.length) {
    throw new BadRequest(`"input_location" must be below ${place}: the endpoint cannot read from other locations.`);
  }
  return location;
}
