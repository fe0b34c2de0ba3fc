import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import request from 'supertest';
import { RequestInvalid } from '../../blueprints/faults.ts';
import { validateRequest } from '../../blueprints/request/request.ts';
import { testApi } from '../support/api.ts';

const BODY = { pipeline_type: 'delete_model_card', name: 'my-card' };

describe('model cards over HTTP', () => {
  it('POST /provisionpipeline hands a request for a model card on, and provisions nothing', async () => {
    const { app, orchestrator } = testApi();
    const { body } = await request(app).post('/provisionpipeline').send(BODY).expect(200);
    assert.deepEqual(body, { message: 'Model card with the name: my-card has been deleted' });
    assert.deepEqual(orchestrator.calls, [{ method: 'modelCard', arguments: [BODY, 'sandbox-user', false] }]);
  });

  it('?validate_only=true only checks, and there is no preview', async () => {
    const { app, orchestrator } = testApi();
    await request(app).post('/provisionpipeline?validate_only=true').send(BODY).expect(200);
    assert.deepEqual(orchestrator.calls, [{ method: 'modelCard', arguments: [BODY, 'sandbox-user', true] }]);
    const { body } = await request(app).post('/provisionpipeline?preview=true').send(BODY).expect(400);
    assert.match(JSON.stringify(body), /no preview/);
  });

  it('a configuration file cannot hold one, and says why', () => {
    const settings = { pipelinePrefix: 'p', useModelRegistry: false, multiAccount: false };
    assert.throws(
      () => validateRequest(BODY, settings as Parameters<typeof validateRequest>[1]),
      (error: unknown) =>
        error instanceof RequestInvalid && /is a model card request/.test(error.faults[0]?.message ?? ''),
    );
  });

  it('the OpenAPI document has the six requests', async () => {
    const { app } = testApi();
    const { body } = await request(app).get('/openapi.json').expect(200);
    assert.deepEqual(
      Object.keys(body.components.schemas).filter(
        (name) => name.endsWith('_model_card') || name === 'list_model_cards',
      ),
      [
        'create_model_card',
        'update_model_card',
        'describe_model_card',
        'delete_model_card',
        'export_model_card',
        'list_model_cards',
      ],
    );
  });
});
