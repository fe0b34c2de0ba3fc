import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { bundleText } from '../../blueprints/shared/lambda/lambda-bundle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { FakeSageMaker } from './support.ts';
import { startFakeSageMaker, withEnvironment } from './support.ts';

type Handler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

const SOURCE = new URL('../../blueprints/realtime-inference/handler.ts', import.meta.url);
const SECRET = 'a payload that no one else may see';

const mockRuntime = () => mockClient(SageMakerRuntimeClient);

/** What the gateway hands over of a body. */
const event = (body: string | undefined, isBase64Encoded = false) =>
  ({ body, isBase64Encoded }) as unknown as APIGatewayProxyEventV2;
const asking = (payload: unknown, contentType: unknown = 'text/csv') =>
  event(JSON.stringify({ payload, content_type: contentType }));

/** An error as SageMaker's runtime sends it. */
const refusal = (status: number, type: string, body: Record<string, unknown> = {}) => ({
  status,
  headers: { 'Content-Type': 'application/json', 'x-amzn-ErrorType': type, 'x-amzn-RequestId': 'request-1' },
  body: JSON.stringify({ Message: 'the reason', ...body }),
});

/** How the handler is loaded: as it is written, and as it is uploaded. */
const FORMS: Record<string, (folder: string) => Promise<URL>> = {
  // A copy of its own: a module that another spec has loaded keeps that one's client, and its environment.
  source: () => Promise.resolve(new URL('?now', SOURCE)),
  bundle: async (folder) => {
    const file = join(folder, 'index.mjs');
    await writeFile(file, bundleText(SOURCE));
    return pathToFileURL(file);
  },
};

describe('POST /inference', () => {
  let sagemaker: FakeSageMaker;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let restore: () => void;
  let log: string[];
  const console_ = { error: console.error, log: console.log };

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
      ALLOW_DETAILED_ERROR_MESSAGE: 'No',
    });
  });

  after(async () => {
    restore();
    await sagemaker.stop();
    await folder.remove();
  });

  beforeEach(() => {
    log = [];
    console.error = console.log = (line: string) => void log.push(line);
  });

  afterEach(() => Object.assign(console, console_));

  for (const [form, load] of Object.entries(FORMS)) {
    describe(`as ${form}`, () => {
      let handler: Handler;
      before(async () => {
        ({ handler } = (await import((await load(folder.path)).href)) as { handler: Handler });
      });

      const detailed = async (asked: APIGatewayProxyEventV2) => {
        const back = withEnvironment({ ALLOW_DETAILED_ERROR_MESSAGE: 'Yes' });
        try {
          return await handler(asked);
        } finally {
          back();
        }
      };

      it('hands text on as it is, and answers with what the model said', async () => {
        sagemaker.answerWith({ headers: { 'Content-Type': 'text/csv; charset=utf-8' }, body: '0.1,0.9 ä' });
        assert.deepEqual(await handler(asking('1.0, 2.0, 3.2')), {
          statusCode: 200,
          headers: { 'Content-Type': 'text/csv; charset=utf-8' },
          body: '0.1,0.9 ä',
        });
        assert.deepEqual(sagemaker.invocations, [
          { path: '/endpoints/my-endpoint/invocations', contentType: 'text/csv', body: '1.0, 2.0, 3.2' },
        ]);
      });

      for (const payload of [{ instances: [[1, 2]] }, [1, 2], 7, 0, false]) {
        it(`hands ${JSON.stringify(payload)} on as JSON`, async () => {
          sagemaker.answerWith({ body: '{}', headers: { 'Content-Type': 'application/json' } });
          const answer = await handler(asking(payload, 'application/json'));
          assert.equal(answer.statusCode, 200);
          assert.equal(sagemaker.invocations[0]?.body, JSON.stringify(payload));
          assert.equal(sagemaker.invocations[0]?.contentType, 'application/json');
        });
      }

      it('reads a body that the gateway has encoded', async () => {
        sagemaker.answerWith({ body: 'ok' });
        const text = Buffer.from(JSON.stringify({ payload: 'ü', content_type: 'text/csv' })).toString('base64');
        assert.equal((await handler(event(text, true))).statusCode, 200);
        assert.equal(sagemaker.invocations[0]?.body, 'ü');
      });

      it('answers bytes as bytes', async () => {
        const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0x00]);
        sagemaker.answerWith({ headers: { 'Content-Type': 'image/png' }, body: bytes });
        assert.deepEqual(await handler(asking('x')), {
          statusCode: 200,
          headers: { 'Content-Type': 'image/png' },
          body: bytes.toString('base64'),
          isBase64Encoded: true,
        });
      });

      const bad: Record<string, [APIGatewayProxyEventV2, RegExp]> = {
        'no body': [event(undefined), /not valid JSON/],
        'a body that is not JSON': [event('{'), /not valid JSON/],
        'bytes that are not UTF-8': [event(Buffer.from('"\xff"', 'latin1').toString('base64'), true), /not valid JSON/],
        'a list': [event('[]'), /JSON object/],
        null: [event('null'), /JSON object/],
        'no payload': [event('{"content_type":"text/csv"}'), /parameter: payload/],
        'a payload of null': [asking(null), /parameter: payload/],
        'no content type': [event('{"payload":"1"}'), /parameter: content_type/],
        'an empty content type': [asking('1', ''), /parameter: content_type/],
        'a number for a content type': [asking('1', 7), /media type/],
        'a content type with a line break': [asking('1', 'text/csv\r\nX-Evil: 1'), /media type/],
        'a content type that is too long': [asking('1', 'a'.repeat(1025)), /media type/],
      };
      for (const [what, [asked, reason]] of Object.entries(bad)) {
        it(`refuses ${what} with 400, and does not trouble the model`, async () => {
          sagemaker.answerWith({ body: 'never' });
          const answer = await detailed(asked);
          assert.equal(answer.statusCode, 400);
          const { message, detailedMessage } = JSON.parse(answer.body ?? '') as Record<string, string>;
          assert.equal(message, 'A BadRequest exception occurred');
          assert.match(detailedMessage ?? '', reason);
          assert.deepEqual(sagemaker.invocations, []);
        });
      }

      const failures: [string, ReturnType<typeof refusal>, number][] = [
        ['a payload that the model refuses', refusal(424, 'ModelError', { OriginalStatusCode: 415 }), 415],
        ['a model that is overloaded', refusal(424, 'ModelError', { OriginalStatusCode: 503 }), 503],
        ['a model that fails', refusal(424, 'ModelError', { OriginalStatusCode: 500 }), 502],
        ['a model whose container is not found', refusal(424, 'ModelError', { OriginalStatusCode: 404 }), 502],
        ['a model that says nothing', refusal(424, 'ModelError'), 502],
        ['throttling', refusal(400, 'ThrottlingException'), 429],
        ['a model that is loading', refusal(429, 'ModelNotReadyException'), 503],
        ['SageMaker out of service', refusal(503, 'ServiceUnavailable'), 503],
        ['a failure below SageMaker', refusal(530, 'InternalDependencyException'), 502],
        ['a failure of SageMaker', refusal(500, 'InternalFailure'), 500],
        ['an endpoint that is gone', refusal(400, 'ValidationError'), 500],
        ['missing permissions', refusal(403, 'AccessDeniedException'), 500],
      ];
      for (const [what, sent, status] of failures) {
        it(`answers ${status} for ${what}`, async () => {
          sagemaker.answerWith(sent);
          const answer = await detailed(asking(SECRET));
          assert.equal(answer.statusCode, status);
          assert.deepEqual(answer.headers, { 'Content-Type': 'application/json' });
          const body = JSON.parse(answer.body ?? '') as Record<string, string>;
          assert.equal(body.message, 'A SageMaker exception occurred');
          assert.match(body.detailedMessage ?? '', new RegExp(`^${sent.headers['x-amzn-ErrorType']}: .*the reason`));
        });
      }

      it('keeps the reason to itself where the installation does not allow it', async () => {
        sagemaker.answerWith(refusal(424, 'ModelError', { OriginalStatusCode: 500 }));
        const failed = await handler(asking('1'));
        assert.deepEqual(JSON.parse(failed.body ?? ''), { message: 'A SageMaker exception occurred' });
        assert.deepEqual(JSON.parse((await handler(event('{'))).body ?? ''), {
          message: 'A BadRequest exception occurred',
        });
      });

      it('logs that a call failed and why, and never what was asked or answered', async () => {
        sagemaker.answerWith(
          refusal(424, 'ModelError', { OriginalStatusCode: 500, Message: `cannot parse ${SECRET}` }),
        );
        await detailed(asking(SECRET));
        assert.deepEqual(
          log.map((line) => JSON.parse(line) as unknown),
          [{ error: 'ModelError', status: 502, requestId: 'request-1' }],
        );
        sagemaker.answerWith({ body: SECRET });
        await handler(asking(SECRET));
        await handler(event(`{"payload": "${SECRET}"`));
        assert.equal(log.length, 1);
      });
    });
  }

  describe('in time', () => {
    let client: ReturnType<typeof mockRuntime>;
    let handler: Handler;
    before(async () => {
      client = mockRuntime();
      ({ handler } = (await import(SOURCE.href)) as { handler: Handler });
    });
    beforeEach(() => void client.reset());
    after(() => client.restore());

    for (const name of ['AbortError', 'TimeoutError']) {
      it(`answers 504 itself when the model takes too long (${name})`, async () => {
        client.on(InvokeEndpointCommand).rejects(Object.assign(new Error('aborted'), { name }));
        const answer = await handler(asking('1'));
        assert.equal(answer.statusCode, 504);
        assert.deepEqual(JSON.parse(answer.body ?? ''), { message: 'The model did not respond in time' });
      });
    }

    it('gives the call a deadline that covers its retries', async () => {
      client.on(InvokeEndpointCommand).resolves({});
      await handler(asking('1'));
      const [, options] = client.send.lastCall.args as unknown as [unknown, { abortSignal?: unknown }?];
      assert.ok(options?.abortSignal instanceof AbortSignal);
      assert.equal(options.abortSignal.aborted, false);
    });

    it('answers 500 in the common shape for unexpected errors', async () => {
      client.on(InvokeEndpointCommand).rejects(new TypeError('what?'));
      const answer = await handler(asking('1'));
      assert.equal(answer.statusCode, 500);
      assert.deepEqual(JSON.parse(answer.body ?? ''), { message: 'An Unexpected Server side exception occurred' });
    });

    it('answers an empty body for an empty answer', async () => {
      client.on(InvokeEndpointCommand).resolves({});
      assert.deepEqual(await handler(asking('1')), {
        statusCode: 200,
        headers: { 'Content-Type': 'text/plain' },
        body: '',
      });
    });
  });
});
