import assert from 'node:assert/strict';
import request from 'supertest';
import { ANSWERS } from '../../api/answers.ts';
import { PIPELINE_ID, REQUEST, testApi } from '../support/api.ts';

describe("the guide's two calls", () => {
  it('POST /provisionpipeline answers 200 with exactly what the orchestrator says', async () => {
    const { app, orchestrator } = testApi();
    const response = await request(app).post('/provisionpipeline').send(REQUEST).expect(200);
    assert.equal(response.type, 'application/json');
    assert.deepEqual(response.body, {
      message: 'success: stack creation started',
      pipeline_id: PIPELINE_ID,
      execution_id: 'execution-1',
    });
    assert.deepEqual(orchestrator.calls, [{ method: 'provision', arguments: [REQUEST, 'sandbox-user'] }]);
  });

  it('POST /pipelinestatus answers 200 with the state', async () => {
    const { app } = testApi();
    await request(app).post('/provisionpipeline').send(REQUEST).expect(200);
    const response = await request(app).post('/pipelinestatus').send({ pipeline_id: PIPELINE_ID }).expect(200);
    assert.equal(response.body.pipelineName, PIPELINE_ID);
    assert.equal(ANSWERS.PipelineState.validate(response.body).error, undefined);
  });

  it('POST /pipelinestatus of a pipeline that is not there is 404', async () => {
    const { app } = testApi();
    const response = await request(app).post('/pipelinestatus').send({ pipeline_id: 'nothing' }).expect(404);
    assert.equal(response.body.message, 'A NotFound exception occurred');
  });

  for (const [query, method, name] of [
    ['validate_only=true', 'validate', 'GuideValidationAnswer'],
    ['preview=true', 'preview', 'GuidePreviewAnswer'],
    ['validate_only=true&preview=false', 'validate', 'GuideValidationAnswer'],
    ['validate_only=false&preview=false', 'provision', 'GuideProvisionAnswer'],
  ] as const) {
    it(`?${query} calls ${method} and nothing else`, async () => {
      const { app, orchestrator } = testApi();
      const response = await request(app).post(`/provisionpipeline?${query}`).send(REQUEST).expect(200);
      assert.deepEqual(
        orchestrator.calls.map((call) => call.method),
        [method],
      );
      assert.equal(ANSWERS[name].validate(response.body).error, undefined);
    });
  }

  for (const [query, pointers] of [
    ['validate_only=true&preview=true', ['?']],
    ['validate_only=maybe', ['?validate_only']],
    ['validate_only', ['?validate_only']],
    ['validate_only=1&preview=2', ['?validate_only', '?preview']],
    ['preview=true&preview=true', ['?preview']],
    ['validateonly=true', ['?validateonly']],
    ['__proto__=true', ['?__proto__']],
  ] as const) {
    it(`?${query} is 400 and nothing is called`, async () => {
      const { app, orchestrator } = testApi();
      const response = await request(app).post(`/provisionpipeline?${query}`).send(REQUEST).expect(400);
      assert.equal(response.body.message, 'A BadRequest exception occurred');
      assert.deepEqual(
        response.body.errors.map((error: { pointer: string }) => error.pointer),
        pointers,
      );
      assert.deepEqual(orchestrator.calls, []);
    });
  }
});
