import assert from 'node:assert/strict';
import { plainOutputs } from '../../../automation/stacks/child/state.ts';

const secret = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270', plaintext: '"hidden"' };

function stateWith(outputs: Record<string, unknown>) {
  const urn = 'urn:pulumi:a.dev::p::pulumi:pulumi:Stack::p-a.dev';
  return { resources: [{ urn, type: 'pulumi:pulumi:Stack', custom: false, outputs }] };
}

describe('outputs that are shown of a deployed stack', () => {
  it('are those of the stack itself, whatever their type', () => {
    const outputs = { name: 'endpoint', size: 2, tags: { team: ['a', 'b'] }, nothing: null };
    assert.deepEqual(plainOutputs(stateWith(outputs)), outputs);
  });

  it('leave out what is secret, or has a secret inside', () => {
    const outputs = { name: 'endpoint', token: secret, nested: { list: ['plain', { deep: secret }] } };
    assert.deepEqual(plainOutputs(stateWith(outputs)), { name: 'endpoint' });
  });

  it('are none of a stack without state', () => {
    assert.deepEqual(plainOutputs({}), {});
  });
});
