/** `POST /inference` of an asynchronous endpoint: what goes over the wire, and what the caller gets. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { bundleText } from '../../blueprints/shared/lambda/lambda-bundle.ts';
import type { FakeSageMaker } from '../handlers/support.ts';
import { startFakeSageMaker, withEnvironment } from '../handlers/support.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Handler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

const SOURCE = new URL('../../blueprints/realtime-inference/handler.ts', import.meta.url);
const PAYLOAD = 's3://in-bucket/payloads/1.csv';

/** How the handler is loaded: as it is written, and as it is uploaded. */
const FORMS: Record<string, (folder: string) => Promise<URL>> = {
  // A copy of its own: a module that another spec has loaded keeps that one's client, and its environment.
  source: () => Promise.resolve(new URL('?later', SOURCE)),
  bundle: async (folder) => {
    const file = join(folder, 'index.mjs');
    await writeFile(file, bundleText(SOURCE));
    return pathToFileURL(file);
  },
};

describe('POST /inference of an asynchronous endpoint', () => {
  let sagemaker: FakeSageMaker;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let restore: () => void;
  let log: string[];
  const error = console.error;

  before(async () => {
    sagemaker = await startFakeSageMaker();
    folder = await temporaryFolder();
    restore = withEnvironment({
      AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: sagemaker.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_MAX_ATTEMPTS: '1',
      SAGEMAKER_ENDPOINT_NAME: 'my-endpoint',
      ALLOW_DETAILED_ERROR_MESSAGE: 'Yes',
      INPUT_LOCATION: 'in-bucket/payloads',
    });
  });

  after(async () => {
    restore();
    await sagemaker.stop();
    await folder.remove();
  });

  beforeEach(() => {
    log = [];
    console.error = (line: string) => log.push(line);
    sagemaker.answerWith({
      status: 202,
      headers: {
        'Content-Type': 'application/json',
        'X-Amzn-SageMaker-OutputLocation': 's3://out-bucket/answers/1.out',
        'X-Amzn-SageMaker-FailureLocation': 's3://out-bucket/failures/1.out',
      },
      body: JSON.stringify({ InferenceId: 'id-1' }),
    });
  });

  afterEach(() => {
    console.error = error;
  });

  for (const [form, locate] of Object.entries(FORMS)) {
    describe(`as ${form}`, () => {
      let handler: Handler;

      before(async () => {
        ({ handler } = (await import((await locate(folder.path)).href)) as { handler: Handler });
      });

      const send = async (body: unknown) => {
        const answer = await handler({ body: JSON.stringify(body) } as unknown as APIGatewayProxyEventV2);
        return { status: answer.statusCode, body: JSON.parse(answer.body ?? '') as Record<string, string> };
      };

      it('hands the place of the payload over, and answers with the place of the answer', async () => {
        assert.deepEqual(await send({ input_location: PAYLOAD, content_type: 'text/csv' }), {
          status: 202,
          body: {
            inference_id: 'id-1',
            output_location: 's3://out-bucket/answers/1.out',
            failure_location: 's3://out-bucket/failures/1.out',
          },
        });
        assert.deepEqual(
          sagemaker.invocations.map(({ path, body }) => [path, body]),
          [['/endpoints/my-endpoint/async-invocations', '']],
        );
      });

      for (const [what, body, reason] of [
        [
          'a payload in place of its place',
          { payload: '1,2', content_type: 'text/csv' },
          /below s3:\/\/in-bucket\/payloads\/ and send/,
        ],
        ['no place', { content_type: 'text/csv' }, /necessary parameter: input_location/],
        ['an empty place', { input_location: '', content_type: 'text/csv' }, /necessary parameter: input_location/],
        ['no content type', { input_location: PAYLOAD }, /necessary parameter: content_type/],
        ['a place that is no text', { input_location: 3, content_type: 'text/csv' }, /must be a URI such as/],
        [
          'a place that no header holds',
          { input_location: `${PAYLOAD}\r\nx: y`, content_type: 'text/csv' },
          /must be a URI/,
        ],
        [
          'another bucket',
          { input_location: 's3://another/payloads/1.csv', content_type: 'text/csv' },
          /cannot read from other locations/,
        ],
        [
          'a prefix that begins alike',
          { input_location: 's3://in-bucket/payloads-2/1.csv', content_type: 'text/csv' },
          /cannot read from other locations/,
        ],
        [
          'the place of all payloads',
          { input_location: 's3://in-bucket/payloads/', content_type: 'text/csv' },
          /must be below/,
        ],
        ['a list', [], /"input_location" and "content_type"/],
      ] as const) {
        it(`refuses ${what}, and asks SageMaker nothing`, async () => {
          const { status, body: answer } = await send(body);
          assert.equal(status, 400);
          assert.equal(answer.message, 'A BadRequest exception occurred');
          assert.match(answer.detailedMessage ?? '', reason);
          assert.deepEqual(sagemaker.invocations, []);
        });
      }

      it('passes on that SageMaker is too busy, and logs no more than the kind of it', async () => {
        sagemaker.answerWith({
          status: 429,
          headers: { 'x-amzn-ErrorType': 'ThrottlingException', 'x-amzn-RequestId': 'request-1' },
          body: JSON.stringify({ Message: 'too many' }),
        });
        const { status } = await send({ input_location: PAYLOAD, content_type: 'text/csv' });
        assert.equal(status, 429);
        assert.deepEqual(JSON.parse(log.join('')), {
          error: 'ThrottlingException',
          status: 429,
          requestId: 'request-1',
        });
      });
    });
  }
});
