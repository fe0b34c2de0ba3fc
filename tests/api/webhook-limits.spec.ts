import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import request from 'supertest';
import { OrchestratorError } from '../../automation/errors.ts';
import { exchange, listening, testApi } from '../support/api.ts';
import { until } from '../support/until.ts';

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

  it('keep large bodies of strangers from filling the memory, and ordinary ones are read all the same', async () => {
    const head = (bytes: number) =>
      `POST /webhooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`;
    await listening(api(), async ({ port }) => {
      const slow: Socket[] = [];
      for (let index = 0; index < 4; index++) {
        const socket = connect(port, '127.0.0.1').on('error', () => undefined);
        // The rest never comes.
        socket.write(`${head(10_485_760)}{`);
        slow.push(socket);
      }
      let refused = '';
      await until(async () => {
        refused = await exchange(port, `${head(1_000_000)}{`, { hangUp: true });
        return refused.startsWith('HTTP/1.1 503');
      }, 'a fifth large body is refused');
      assert.match(refused, /^retry-after: \d+/im);
      assert.match(await exchange(port, `${head(2)}{}`), /^HTTP\/1\.1 401/);
      for (const socket of slow) socket.destroy();
      await until(
        async () => (await exchange(port, `${head(1_000_000)}{`, { hangUp: true })).startsWith('HTTP/1.1 4'),
        'large bodies are read again',
      );
    });
  });
});
