import assert from 'node:assert/strict';
import { stackUrlIn } from '../../automation/stacks/child/stack-url.ts';
import type { SavedState } from '../../automation/stacks/deployed-stacks.ts';
import type { OperationSucceeded, StackAction } from '../../automation/stacks/operation.ts';
import type { Wanted } from '../support/operations.ts';
import { Operations } from '../support/operations.ts';
import { realtime } from '../support/realtime.ts';

/** The deployment, and the state that it has left: outputs, and what the database keeps of it. */
const UP = ['up', 'stack export'];

const urnsOf = ({ resources }: SavedState) => resources.map(({ urn }) => urn).sort();

describe('invocations of the Pulumi CLI', function () {
  this.timeout(300_000);
  let operations: Operations;
  let wanted: Wanted;
  let saved: SavedState;

  before(async () => {
    operations = await Operations.open();
    wanted = { request: await realtime('counted'), tags: { 'mlops:model-name': 'counted' } };
  });

  after(() => operations.close());

  async function run(action: StackAction, changes: Partial<Wanted> = {}): Promise<OperationSucceeded> {
    const result = await operations.run(action, { ...wanted, ...changes }, { onState: (state) => (saved = state) });
    assert.ok(result.ok, JSON.stringify(result));
    return result;
  }

  /** As the database has it. */
  const deployed = () => ({ time: saved.time, resources: saved.resources.length });

  it('are four for the preview of a new stack, which is gone afterwards', async () => {
    await run('preview');
    assert.deepEqual(operations.invocations, ['stack select', 'stack init', 'preview', 'stack rm']);
  });

  it('are four for a first deployment: no state is read before it, no tag is set one by one', async () => {
    const { outputs } = await run('up');
    assert.deepEqual(operations.invocations, ['stack select', 'stack init', ...UP]);
    assert.match(String(outputs.endpointName), /counted/);
    assert.ok(saved.time !== '' && saved.resources.length > 0);
  });

  it('are four for a deployment that changes nothing: before it the state is read once, for all that asks', async () => {
    const first = saved;
    await run('up', { deployed: deployed() });
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', ...UP]);
    assert.deepEqual(urnsOf(saved), urnsOf(first));
    assert.ok(Date.parse(saved.time) >= Date.parse(first.time));
  });

  it('are five for an approved deployment', async () => {
    const request = await realtime('counted', { inference_instance: 'ml.m5.xlarge' });
    const { changes } = await run('preview', { request, deployed: deployed() });
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', 'preview']);
    const approved = { changeHash: '', blueprintVersion: '1', changes };
    const { summary } = await run('up', { request, approved, blueprintVersion: '1', deployed: deployed() });
    assert.equal(summary.update, 1);
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', 'preview', ...UP]);
  });

  it('are three for a removal', async () => {
    await run('destroy', { deployed: deployed() });
    assert.deepEqual(operations.invocations, ['stack select', 'stack export', 'destroy']);
  });
});

describe('the page of a stack', () => {
  const stack = { project: 'byom-realtime-builtin', stack: 'mlops-pipeline-a.b-byompipelinerealtimebuiltin.main' };

  it('is above the page of the update that Pulumi Cloud names', () => {
    const page = `https://app.pulumi.com/acme/${stack.project}/${stack.stack}`;
    const output = `Updating (acme/${stack.stack})\n\nView Live: ${page}/updates/12\n\n    created 9 resources\n`;
    assert.equal(stackUrlIn(output, stack), page);
  });

  it('is not taken from the page of another stack, nor from a file backend', () => {
    const others = `View Live: https://app.pulumi.com/acme/${stack.project}/${stack.stack}.x/updates/1`;
    assert.equal(stackUrlIn(others, stack), undefined);
    assert.equal(
      stackUrlIn(`Permalink: file:///home/.pulumi/stacks/${stack.project}/${stack.stack}.json`, stack),
      undefined,
    );
  });
});
