import assert from 'node:assert/strict';
import { stackUrlIn } from '../../automation/stacks/child/stack-url.ts';
import type { OperationSucceeded, StackAction } from '../../automation/stacks/operation.ts';
import type { Wanted } from '../support/operations.ts';
import { Operations } from '../support/operations.ts';
import { realtime } from '../support/realtime.ts';

/** Of the Automation API's own `up`: the deployment, plain and secret outputs, its entry in the history. */
/** Last the state: the database keeps what is deployed, so that a back end that loses it is noticed. */
const UP = ['up', 'stack output', 'stack output', 'stack history', 'stack export'];

describe('invocations of the Pulumi CLI', function () {
  this.timeout(300_000);
  let operations: Operations;
  let wanted: Wanted;

  before(async () => {
    operations = await Operations.open();
    wanted = { request: await realtime('counted'), tags: { 'mlops:model-name': 'counted' } };
  });

  after(() => operations.close());

  async function run(action: StackAction, changes: Partial<Wanted> = {}): Promise<OperationSucceeded> {
    const result = await operations.run(action, { ...wanted, ...changes });
    assert.ok(result.ok, JSON.stringify(result));
    return result;
  }

  it('are four for the preview of a new stack, which is gone afterwards', async () => {
    await run('preview');
    assert.deepEqual(operations.invocations, ['stack select', 'stack init', 'preview', 'stack rm']);
  });

  it('are seven for a first deployment: no state is read before it, no tag is set one by one', async () => {
    await run('up');
    assert.deepEqual(operations.invocations, ['stack select', 'stack init', ...UP]);
  });

  it('are seven for a deployment that changes nothing', async () => {
    await run('up');
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', ...UP]);
  });

  it('are eight at most for an approved deployment', async () => {
    const request = await realtime('counted', { inference_instance: 'ml.m5.xlarge' });
    const { changes } = await run('preview', { request });
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', 'preview']);
    const approved = { changeHash: '', blueprintVersion: '1', changes };
    const { summary } = await run('up', { request, approved, blueprintVersion: '1' });
    assert.equal(summary.update, 1);
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', 'preview', ...UP]);
  });

  it('are four for a removal', async () => {
    await run('destroy');
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', 'destroy', 'stack history']);
  });
});

describe('the page of a stack', () => {
  const stack = { project: 'byom-realtime-builtin', stack: 'mlops-pipeline-a.b-byompipelinerealtimebuiltin.main' };

  it('is above the page of the update that Pulumi Cloud names', () => {
    const page = `https://app.pulumi.com/acme/${stack.project}/${stack.stack}`;
    const output = `Updating (acme/${stack.stack})\n\nView Live: ${page}/updates/12\n\n    created 9 resources\n`;
    assert.equal(stackUrlIn(output, stack), page);
  });

  it('is not taken from the page of another stack, nor from a back end of files', () => {
    const others = `View Live: https://app.pulumi.com/acme/${stack.project}/${stack.stack}.x/updates/1`;
    assert.equal(stackUrlIn(others, stack), undefined);
    assert.equal(
      stackUrlIn(`Permalink: file:///home/.pulumi/stacks/${stack.project}/${stack.stack}.json`, stack),
      undefined,
    );
  });
});
