import assert from 'node:assert/strict';
import type { Cloud } from '../../../automation/aws/cloud.ts';
import { trySmokeRequest } from '../../../automation/stacks/child/verification/smoke.ts';
import { MAIN } from '../../support/operations.ts';

const SMOKE = { body: '1,2', contentType: 'text/csv' };

/** An endpoint that answers one thing to everybody. */
function watch(answer: () => Promise<string>, signal = new AbortController().signal) {
  const cloud = {
    invokeEndpoint: async () => ({ body: await answer(), contentType: 'text/csv' }),
  } as Partial<Cloud> as Cloud;
  return { cloud, environment: MAIN, signal, note: () => undefined };
}

const tried = (answer: string, expected?: string) =>
  trySmokeRequest(
    'e',
    { ...SMOKE, ...(expected === undefined ? {} : { expected }) },
    watch(async () => answer),
  );

describe('smoke request', () => {
  it('is content with an answer that matches, or with any where no pattern is given', async () => {
    assert.equal(await tried('0.25\n', '^0\\.\\d+'), undefined);
    assert.equal(await tried(''), undefined);
  });

  it('fails with the answer, cut to what a person reads', async () => {
    const error = await tried('x'.repeat(10_000), '^0');
    assert.equal(error?.code, 'SMOKE_REQUEST_FAILED');
    assert.match(error.message, /Endpoint e answered, but not as expected \(\^0\)\. The answer: x{500}… \(cut\)$/);
    assert.match((await tried('', '^0'))?.message ?? '', /The answer: \(empty\)/);
  });

  it('ends a pattern that would take for ever', async () => {
    const error = await tried(`${'a'.repeat(50)}!`, '^(a+)+$');
    assert.match(error?.message ?? '', /not through with the answer after 1000 ms/);
  });

  it("fails with the cloud's own words where there is no answer", async () => {
    const thrown = Object.assign(new Error('Received server error (500) from primary'), { name: 'ModelError' });
    const error = await trySmokeRequest(
      'e',
      SMOKE,
      watch(() => Promise.reject(thrown)),
    );
    assert.equal(error?.code, 'SMOKE_REQUEST_FAILED');
    assert.match(error.message, /did not answer the smoke request: ModelError: Received server error \(500\)/);
  });

  it('is no failure of the endpoint where the operation was cancelled', async () => {
    const aborted = AbortSignal.abort();
    const reject = () => Promise.reject(new Error('aborted'));
    await assert.rejects(trySmokeRequest('e', SMOKE, watch(reject, aborted)), /aborted/);
  });
});
