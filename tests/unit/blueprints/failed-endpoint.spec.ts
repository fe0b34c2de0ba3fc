/** What a request may change about an endpoint in state Failed, which is deleted and created again. */
import assert from 'node:assert/strict';
import type { DeployedResource } from '../../../blueprints/blueprint.ts';
import { endpointConflicts } from '../../../blueprints/realtime-inference/conflicts.ts';
import type { Body } from './requests.ts';
import { accepted, body } from './requests.ts';

const OWNER = { pipelineId: 'mlops-pipeline-churn', environment: 'main' };
const SERVERLESS = { serverless: { memory_size_in_mb: 2048, max_concurrency: 20 } };

/** @param isGenerated whether the provider chose the name `e` */
function conflicts(changes: Body, isGenerated: boolean, more: { monitors?: string[]; failed?: string }): string[] {
  const deployed: DeployedResource[] = [
    {
      type: 'aws:sagemaker/endpoint:Endpoint',
      id: 'e',
      inputs: { endpointConfigName: 'c', __defaults: isGenerated ? ['name'] : [] },
    },
    {
      type: 'aws:sagemaker/endpointConfiguration:EndpointConfiguration',
      id: 'c',
      inputs: { productionVariants: [{ instanceType: 'ml.m5.large' }] },
    },
  ];
  const sent = body('byom_realtime_builtin', { endpoint_name: isGenerated ? undefined : 'e', ...changes });
  return endpointConflicts(accepted(sent).request, deployed, { ...OWNER, ...more }).map(({ message }) => message);
}

describe('an endpoint in state Failed', () => {
  const failed = { failed: 'e' };
  const watched = { monitors: ['one', 'two'] };

  it('may become another kind of endpoint under its name, which one in service may not', () => {
    assert.equal(conflicts({ endpoint: SERVERLESS }, false, {}).length, 1);
    assert.deepEqual(conflicts({ endpoint: SERVERLESS }, false, failed), []);
    assert.deepEqual(conflicts({ endpoint: SERVERLESS }, false, { ...failed, ...watched }), []);
    assert.deepEqual(conflicts({ endpoint: SERVERLESS }, true, failed), []);
  });

  it('of a generated name that is monitored must be given the name, with which it keeps it', () => {
    const [message = '', ...others] = conflicts({}, true, { ...failed, ...watched });
    assert.deepEqual(others, []);
    assert.match(message, /^\/endpoint_name: .* in state Failed.*one, two monitor e\. Set endpoint_name to "e"/);
    assert.deepEqual(conflicts({ endpoint_name: 'e' }, true, { ...failed, ...watched }), []);
    assert.deepEqual(conflicts({}, true, watched), []);
    assert.deepEqual(conflicts({}, true, { ...watched, failed: 'another' }), []);
  });

  it('that is monitored keeps its name, whatever the request calls it', () => {
    assert.match(
      conflicts({ endpoint_name: 'x' }, false, { ...failed, ...watched }).join(),
      /^\/endpoint_name: .*Delete/,
    );
  });
});
