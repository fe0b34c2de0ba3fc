import assert from 'node:assert/strict';
import request from 'supertest';
import { ANSWERS } from '../../api/answers.ts';
import { HTTP_ERROR_CODES, type HttpErrorCode } from '../../api/http-error.ts';
import { ERROR_CODES, OrchestratorError, type ErrorCode } from '../../automation/errors.ts';
import { RequestInvalid } from '../../blueprints/faults.ts';
import { PIPELINE_ID, REQUEST, testApi } from '../support/api.ts';

/** The answer to a listing that fails with `error`. */
async function answerTo(error: unknown, settings = {}): Promise<{ response: request.Response; log: string }> {
  const { app, orchestrator, log } = testApi(settings);
  orchestrator.failures.set('listPipelines', error);
  const response = await request(app).get('/pipelines').set('X-Request-Id', 'the-request');
  return { response, log: log.join('') };
}

describe('errors', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    it(`${code} answers ${ERROR_CODES[code].status} in the published shape`, async () => {
      const { response } = await answerTo(new OrchestratorError(code, 'the detail'));
      assert.equal(response.status, ERROR_CODES[code].status);
      assert.equal(response.body.message, ERROR_CODES[code].message);
      assert.equal(response.body.requestId, 'the-request');
      assert.equal(ANSWERS.Error.validate(response.body).error, undefined);
    });
  }

  it('tells errors apart by code, as a durable engine replays them: plain objects', async () => {
    const { response } = await answerTo({ code: 'PIPELINE_BUSY', message: 'held by run 7', retryAfterSeconds: 12.5 });
    assert.equal(response.status, 409);
    assert.equal(response.body.detailedMessage, 'held by run 7');
    assert.equal(response.headers['retry-after'], '13');
    assert.equal(response.headers['x-error-code'], 'PIPELINE_BUSY');
    const invalid = await answerTo({
      code: 'REQUEST_INVALID',
      message: 'm',
      faults: [{ pointer: '/a', message: 'm', rule: 'type' }],
    });
    assert.equal(invalid.response.status, 400);
    assert.deepEqual(invalid.response.body.errors, [{ pointer: '/a', message: 'm', rule: 'type' }]);
  });

  it('names every fault of a request, with what would be taken', async () => {
    const { app, orchestrator } = testApi();
    const faults = [
      { pointer: '/model_name', message: 'is required', rule: 'required' },
      {
        pointer: '/inference_instance',
        message: 'no such type',
        rule: 'allowed',
        allowed: ['ml.m5.large'],
        value: 'x',
      },
    ];
    orchestrator.failures.set('provision', new RequestInvalid('the first', faults, { pipeline_type: 'a' }));
    const { body } = await request(app).post('/provisionpipeline').send(REQUEST).expect(400);
    const { requestId, ...rest } = body;
    assert.equal(typeof requestId, 'string');
    assert.deepEqual(rest, {
      message: 'A BadRequest exception occurred',
      detailedMessage: 'the first',
      errors: faults,
      example: { pipeline_type: 'a' },
    });
  });

  it('keeps details to itself where they are not allowed', async () => {
    for (const error of [
      new OrchestratorError('PIPELINE_BUSY', 'the detail'),
      new RequestInvalid('the detail', []),
      new Error('the detail'),
    ]) {
      const { response } = await answerTo(error, { allowDetailedErrorMessage: false });
      assert.ok(!('detailedMessage' in response.body));
      assert.ok(!response.text.includes('the detail'));
    }
    const { app } = testApi({ allowDetailedErrorMessage: false });
    const { body } = await request(app).post('/provisionpipeline').send({}).expect(400);
    assert.deepEqual(Object.keys(body).sort(), ['errors', 'example', 'message', 'requestId']);
  });

  for (const [what, error] of [
    ['an error', new Error('password=hunter2', { cause: new Error('deeper') })],
    ['a text', 'password=hunter2'],
    ['nothing', undefined],
    ['null', null],
    [
      'an error with an unknown code',
      Object.assign(new Error('password=hunter2'), { code: 'constructor', status: 418 }),
    ],
    ['a wrong setting', new OrchestratorError('CONFIG_INVALID', 'password=hunter2')],
    ['a stranger that calls itself a 4xx', Object.assign(new Error('password=hunter2'), { status: 404, expose: true })],
  ] as const) {
    it(`answers 500 to ${what}, and tells nothing of it`, async () => {
      // A rejection without a reason reaches Express as an error of its own.
      const { response } = await answerTo(error);
      assert.equal(response.status, 500);
      assert.equal(response.body.message, 'An Unexpected Server side exception occurred');
      assert.ok(!response.text.includes('hunter2') && !response.text.includes('at '));
      assert.match(response.body.detailedMessage, /the-request/);
    });
  }

  it('logs what it does not know with its stack and the request id', async () => {
    const { log } = await answerTo(new Error('what happened'));
    assert.match(log, /"message":"what happened"/);
    assert.match(log, /errors\.spec\.ts/);
    assert.match(log, /"id":"the-request"/);
  });

  for (const [what, error] of [
    ['ECONNREFUSED', Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' })],
    ['57P01', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['57P03', Object.assign(new Error('the database system is starting up'), { code: '57P03' })],
    ['08006', Object.assign(new Error('connection failure'), { code: '08006' })],
    ['Connection terminated', new Error('Connection terminated unexpectedly')],
    ['a wrapped one', new Error('query failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })],
    ['all addresses refused', new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])],
  ] as const) {
    it(`answers 503 with Retry-After while the database is away: ${what}`, async () => {
      const { response } = await answerTo(error);
      assert.equal(response.status, 503);
      assert.equal(response.headers['retry-after'], '5');
      assert.equal(response.headers['x-error-code'], 'DATABASE_UNAVAILABLE');
      assert.ok(!response.text.includes('10.0.0.1'));
    });
  }

  it('answers 503 with Retry-After to the orchestrator that says so itself', async () => {
    const { response } = await answerTo(
      new OrchestratorError('DATABASE_UNAVAILABLE', 'away', { retryAfterSeconds: 30 }),
    );
    assert.equal(response.headers['retry-after'], '30');
  });

  it('answers 500 to an answer that cannot be written as JSON', async () => {
    const { app, orchestrator } = testApi();
    Object.assign(orchestrator, { getPipeline: () => Promise.resolve({ size: 1n }) });
    await request(app).get(`/pipelines/${PIPELINE_ID}`).expect(500);
  });

  it('has a general message for each of its own refusals that does not depend on the request', () => {
    for (const code of Object.keys(HTTP_ERROR_CODES) as HttpErrorCode[]) {
      assert.match(HTTP_ERROR_CODES[code].message, /^An? \w+ exception occurred$/);
    }
  });
});
