import assert from 'node:assert/strict';
import request from 'supertest';
import { OrchestratorError } from '../../automation/errors.ts';
import { testApi } from '../support/api.ts';

const LIMIT = 5;

function api() {
  return testApi(
    { rateLimitPerMinute: LIMIT },
    {
      async receive(_provider, headers, _body, admit) {
        if (headers('x-proof') !== 'right') throw new OrchestratorError('SIGNATURE_INVALID', 'wrong');
        await admit?.();
        return { status: 'accepted' };
      },
    },
  ).app;
}

describe('limits of webhooks', () => {
  it('leave those with a right signature alone, however many have a wrong one', async () => {
    const app = api();
    const send = (proof: string, provider = 'github') =>
      request(app).post(`/webhooks/${provider}`).set('x-proof', proof).send({});
    const wrong = [];
    for (let index = 0; index < 3 * LIMIT; index++) wrong.push((await send('wrong')).status);
    assert.deepEqual(wrong, [...Array(LIMIT).fill(401), ...Array(2 * LIMIT).fill(429)]);
    for (let index = 0; index < LIMIT; index++) await send('right').expect(202);
    const { headers } = await send('right').expect(429);
    assert.ok(Number(headers['retry-after']) > 0);
    await send('right', 'gitlab').expect(202);
    // Nor do they take anything from other calls of the same address.
    await request(app).get('/pipelines').expect(200);
  });
});
