import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { UncertainCreations } from '../../../automation/stacks/uncertain-creations.ts';
import { MODEL, created, creating, failing, saying } from './creation-events.ts';

const after = (...events: EngineEvent[]) => {
  const creations = new UncertainCreations();
  for (const event of events) creations.add(event);
  return creations.list();
};

describe('creations with an unknown outcome', () => {
  it('are those that began and did not end, with what they are found and adopted by', () => {
    assert.deepEqual(after(creating(MODEL)), [
      {
        urn: MODEL,
        type: 'aws:sagemaker/model:Model',
        custom: true,
        parent: 'urn:pulumi:mine.dev::byom-realtime-builtin::pulumi:pulumi:Stack::byom-realtime-builtin-mine.dev',
        provider: 'urn:pulumi:mine.dev::byom-realtime-builtin::pulumi:providers:aws::default::1',
        inputs: { name: 'mine-model-4f2a' },
      },
    ]);
    assert.equal(after(creating(MODEL, false, 'create-replacement')).length, 1);
  });

  for (const words of [
    'error reading from server: EOF',
    'error reading from server: read tcp 127.0.0.1:50012->127.0.0.1:40001: read: connection reset by peer',
    'closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway',
  ]) {
    it(`are those that failed because the provider was gone: ${words}`, () => {
      assert.equal(after(creating(MODEL), saying('error', words, MODEL), failing(MODEL)).length, 1);
    });
  }

  it('are neither those that AWS refused, nor those that were created, previewed, or are nothing in an account', () => {
    const refused =
      'operation error SageMaker: CreateModel, https response error StatusCode: 400, ResourceLimitExceeded: no';
    assert.deepEqual(after(creating(MODEL), saying('error', refused, MODEL), failing(MODEL)), []);
    assert.deepEqual(after(creating(MODEL), created(MODEL)), []);
    assert.deepEqual(after(creating(MODEL, true)), []);
    assert.deepEqual(after(creating(MODEL, false, 'update')), []);
    assert.deepEqual(after(creating('urn:pulumi:mine.dev::p::pulumi:providers:aws::default')), []);
  });
});
