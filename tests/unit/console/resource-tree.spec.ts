import assert from 'node:assert/strict';
import type { ExecutionEvent } from '../../../client/model.ts';
import type { ResourceNode } from '../../../console/src/pages/execution/resource-tree.ts';
import { resourceTrees } from '../../../console/src/pages/execution/resource-tree.ts';

const STACK = 'urn:pulumi:churn.dev::byom-realtime-builtin::';
const COMPONENT = `${STACK}mlops:realtime:RealtimeInference::churn`;
const child = (type: string, name: string) => `${STACK}mlops:realtime:RealtimeInference$${type}::${name}`;
const ENDPOINT = child('aws:sagemaker/endpoint:Endpoint', 'churn-endpoint');

let sequence = 0;
function event(type: string, data: Record<string, unknown>, stage = 'DeployDev'): ExecutionEvent {
  sequence += 1;
  return { sequence, at: new Date(Date.UTC(2026, 0, 1, 0, 0, sequence)).toISOString(), type, stage, data };
}
const resource = (activity: string, urn: string, stage?: string) =>
  event(`resource.${activity}`, { urn, resourceType: urn.split('::')[2]?.split('$').at(-1) }, stage);

/** `name activity (children)`. */
const told = ({ shortName, activity, children }: ResourceNode): string =>
  `${shortName} ${activity}${children.length > 0 ? ` (${children.map(told).join(', ')})` : ''}`;

describe('tree of resources in the console', () => {
  it('nests resources below their component, without its name, and says what each is doing', () => {
    const trees = resourceTrees([
      event('stage.started', {}),
      resource('creating', COMPONENT),
      resource('creating', child('aws:iam/role:Role', 'churn-role')),
      resource('created', child('aws:iam/role:Role', 'churn-role')),
      resource('creating', ENDPOINT),
    ]);
    assert.deepEqual(
      trees.map(({ stage, roots, done, total }) => [stage, roots.map(told), done, total]),
      [['DeployDev', ['churn creating (role created, endpoint creating)'], 1, 3]],
    );
    assert.equal(trees[0]?.roots[0]?.children[1]?.type, 'aws:sagemaker/endpoint:Endpoint');
  });

  it('puts a resource below the component whose name it begins with, among several of one type', () => {
    const other = `${STACK}mlops:realtime:RealtimeInference::fraud`;
    const [tree] = resourceTrees([
      resource('created', other),
      resource('created', COMPONENT),
      resource('created', ENDPOINT),
    ]);
    assert.deepEqual(tree?.roots.map(told), ['fraud created', 'churn created (endpoint created)']);
  });

  it('shows children whose component did not change, and each stage on its own', () => {
    const trees = resourceTrees([resource('updating', ENDPOINT), resource('updating', ENDPOINT, 'DeployProd')]);
    assert.deepEqual(
      trees.map(({ stage, roots }) => [stage, roots.map(told)]),
      [
        ['DeployDev', ['churn-endpoint updating']],
        ['DeployProd', ['churn-endpoint updating']],
      ],
    );
  });

  it('keeps the errors of a resource, and when it began and ended', () => {
    const [tree] = resourceTrees([
      resource('creating', ENDPOINT),
      event('diagnostic', { severity: 'error', message: 'limit exceeded', urn: ENDPOINT }),
      event('diagnostic', { severity: 'warning', message: 'slow', urn: ENDPOINT }),
      resource('failed', ENDPOINT),
    ]);
    const [node] = tree?.roots ?? [];
    assert.deepEqual([node?.activity, node?.problems], ['failed', ['limit exceeded']]);
    assert.ok(node?.started && node.ended && node.ended > node.started);
  });

  it('leaves nothing at work in a stage that has failed', () => {
    const [tree] = resourceTrees([
      resource('creating', COMPONENT),
      resource('creating', ENDPOINT),
      resource('failed', ENDPOINT),
      event('stage.failed', {}),
    ]);
    assert.deepEqual([tree?.roots.map(told), tree?.done], [['churn stopped (endpoint failed)'], 1]);
  });

  it('follows a retried stage: what has ended may begin again', () => {
    const [tree] = resourceTrees([
      resource('creating', ENDPOINT),
      resource('failed', ENDPOINT),
      resource('creating', ENDPOINT),
    ]);
    assert.deepEqual([tree?.roots.map(told), tree?.done], [['churn-endpoint creating'], 0]);
    assert.equal(tree?.roots[0]?.ended, undefined);
  });
});
