import assert from 'node:assert/strict';
import type { ResourceChange } from '../../../automation/model.ts';
import { notApproved, protectedEndpoint } from '../../../automation/stacks/child/actions/refusals.ts';
import type { StackOperation } from '../../../automation/stacks/operation.ts';

const change = (operation: ResourceChange['operation'], type: string): ResourceChange => ({
  operation,
  urn: `urn::${type}`,
  type,
  name: 'it',
});
const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';

function operation(more: Partial<StackOperation>): StackOperation {
  return {
    action: 'up',
    pipelineId: 'p',
    blueprintVersion: '1',
    environment: { name: 'prod' },
    ...more,
  } as StackOperation;
}

describe('a protected endpoint', () => {
  it('is neither replaced nor removed', () => {
    for (const what of ['replace', 'delete'] as const) {
      const refusal = protectedEndpoint(operation({ protected: true }), [change(what, ENDPOINT)]);
      assert.ok(refusal && 'error' in refusal.outcome);
      assert.equal(refusal.outcome.error.code, 'PIPELINE_PROTECTED');
      assert.match(refusal.outcome.error.message, new RegExp(`would ${what} it in prod`));
    }
  });

  it('is updated in place, and other resources may be replaced', () => {
    const changes = [
      change('update', ENDPOINT),
      change('replace', 'aws:sagemaker/endpointConfiguration:EndpointConfiguration'),
    ];
    assert.equal(protectedEndpoint(operation({ protected: true }), changes), undefined);
    assert.equal(protectedEndpoint(operation({}), [change('delete', ENDPOINT)]), undefined);
  });
});

describe('an approved removal', () => {
  const approved = { changeHash: 'h', blueprintVersion: '0', changes: [change('delete', ENDPOINT)] };

  it('deletes what was shown, whatever the version of the blueprint', () => {
    assert.equal(notApproved(operation({ action: 'destroy', approved }), [change('delete', ENDPOINT)]), undefined);
  });

  it('deletes nothing that was not shown', () => {
    const refusal = notApproved(operation({ action: 'destroy', approved }), [change('delete', 'aws:s3/bucket:Bucket')]);
    assert.ok(refusal && 'error' in refusal.outcome);
    assert.equal(refusal.outcome.error.code, 'CHANGE_NOT_APPROVED');
  });
});
