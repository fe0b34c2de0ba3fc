/** Operations of a stack: refresh, import, targets, state, locks, history, outputs. */
import * as pulumi from '@pulumi/pulumi';
import type { Scenario } from '../support/scenario.ts';
import { act, destroy, preview, refresh, up } from '../support/scenario.ts';
import { Group, Thing } from '../support/thing.ts';

const URN = 'urn:pulumi:dev::parity::parity:index:Thing::';

const trio = (value: string) => () => {
  const a = new Thing('a', { value });
  const b = new Thing('b', { value: a.arn, own: value });
  new Thing('c', { value: b.arn, own: value });
};

/** Something that is there before the stack is. */
const existing =
  (name: string, properties: Record<string, string>) =>
  ({ cloud }: { cloud: { existing: Map<string, { name: string; properties: object }> } }) =>
    void cloud.existing.set('there', { name, properties: { ...properties, arn: 'arn:there' } });

export const operationScenarios: Scenario[] = [
  {
    name: 'nothing to do, a change, less, nothing',
    steps: [
      up(trio('1')),
      up(trio('1')),
      preview(trio('2')),
      up(trio('2')),
      up(() => void new Thing('a', { value: '2' })),
      up(() => undefined),
    ],
  },
  {
    name: 'dependsOn: chains, a component, several',
    steps: [
      up(() => {
        const a = new Thing('a');
        const g = new Group('g', (parent) => void new Thing('inner', {}, { parent }), { dependsOn: a });
        const b = new Thing('b', {}, { dependsOn: [g, a] });
        new Thing('c', {}, { dependsOn: b });
      }),
      destroy(),
    ],
  },
  {
    name: 'side by side',
    steps: [
      up(() => ['a', 'b', 'c', 'd'].forEach((name) => new Thing(name, { value: name })), { parallel: 8 }),
      up(() => ['a', 'b'].forEach((name) => new Thing(name, { value: `${name}2` })), { parallel: 8 }),
      destroy({ parallel: 8 }),
    ],
  },
  {
    name: 'a refresh finds a change and a loss',
    cloud: { detailed: true },
    steps: [
      up(trio('1')),
      refresh({
        previewOnly: true,
        before: ({ cloud }) => {
          cloud.drift('a', { value: 'by hand', extra: 'e' });
          cloud.drift('c', undefined);
        },
      }),
      refresh(),
      preview(trio('1')),
      up(trio('1')),
    ],
  },
  {
    name: 'up and destroy refresh first',
    steps: [
      up(trio('1')),
      up(trio('1'), { refresh: true, before: ({ cloud }) => cloud.drift('b', { own: 'by hand' }) }),
      destroy({ refresh: true, before: ({ cloud }) => cloud.drift('c', undefined) }),
    ],
  },
  {
    name: 'a refresh fails, and one finds what is not ready',
    steps: [
      up(trio('1')),
      refresh({ before: ({ cloud }) => cloud.failures.set('read a', { message: 'no access', times: 1 }) }),
      refresh({
        before: ({ cloud }) => cloud.failures.set('read b', { message: 'x', unready: ['it is slow'], times: 1 }),
      }),
      up(trio('1')),
    ],
  },
  {
    name: 'a resource is imported',
    steps: [
      preview(() => void new Thing('a', { value: '1' }, { import: 'there' }), {
        before: existing('a', { value: '1' }),
      }),
      up(() => void new Thing('a', { value: '1' }, { import: 'there' })),
      up(() => void new Thing('a', { value: '2' }, { import: 'there' })),
      up(() => void new Thing('a', { value: '2' })),
    ],
  },
  {
    name: 'a resource is imported with other inputs, or is not there',
    steps: [
      preview(() => void new Thing('a', { value: '2' }, { import: 'there' }), {
        before: existing('a', { value: '1' }),
      }),
      up(() => void new Thing('a', { value: '2' }, { import: 'there' })),
      up(() => void new Thing('a', { value: '2' }, { import: 'nowhere' })),
    ],
  },
  {
    name: 'an import takes the place of what the stack has',
    steps: [
      up(() => void new Thing('a', { value: '1' }), { before: existing('a', { value: '1' }) }),
      up(() => void new Thing('a', { value: '1' }, { import: 'there' })),
    ],
  },
  {
    name: 'a resource is read',
    steps: [
      preview(() => ({ arn: new Thing('a', {}, { id: 'there' }).arn }), { before: existing('a', { value: '1' }) }),
      up(() => ({ arn: new Thing('a', {}, { id: 'there' }).arn })),
      up(() => ({ arn: new Thing('a', {}, { id: 'there' }).arn }), {
        before: ({ cloud }) => cloud.drift('a', { value: '2' }),
      }),
      refresh(),
      up(() => void new Thing('a', { value: '2' })),
      up(() => ({ arn: new Thing('a', {}, { id: 'there' }).arn })),
      up(() => ({ arn: new Thing('b', {}, { id: 'nowhere' }).arn })),
      destroy(),
    ],
  },
  {
    name: 'targets of an update, with and without dependents',
    steps: [
      up(trio('1')),
      preview(trio('2'), { target: [`${URN}a`] }),
      up(trio('2'), { target: [`${URN}a`] }),
      up(trio('3'), { target: [`${URN}b`], targetDependents: true }),
    ],
  },
  {
    name: 'targets: a new resource, one that depends on one that is left out, none such',
    steps: [
      up(() => void new Thing('a', { value: '1' })),
      up(trio('1'), { target: [`${URN}a`] }),
      up(trio('1'), { target: [`${URN}c`] }),
      up(trio('1'), { target: [`${URN}nowhere`] }),
    ],
  },
  {
    name: 'targets of a destroy and of a refresh, by wildcard',
    steps: [
      up(trio('1')),
      destroy({ target: [`${URN}a`] }),
      destroy({ target: [`${URN}b`], targetDependents: true }),
      refresh({ target: ['**::a'], before: ({ cloud }) => cloud.drift('a', { value: 'by hand' }) }),
    ],
  },
  {
    name: 'exclusions',
    steps: [
      up(trio('1')),
      up(trio('2'), { exclude: [`${URN}b`] }),
      up(trio('3'), { exclude: [`${URN}a`], excludeDependents: true }),
      destroy({ exclude: [`${URN}a`] }),
    ],
  },
  {
    name: 'no changes are expected',
    steps: [up(trio('1')), up(trio('1'), { expectNoChanges: true }), preview(trio('2'), { expectNoChanges: true })],
  },
  {
    name: 'the state goes out, is changed and comes back',
    steps: [
      up(trio('1')),
      act('c is forgotten', async ({ stack }) => {
        const { deployment, ...rest } = await stack.exportStack();
        deployment.resources = deployment.resources.filter(({ urn }: { urn: string }) => !urn.endsWith('::c'));
        await stack.importStack({ ...rest, deployment });
      }),
      up(trio('1')),
      act('a state that cannot be', async ({ stack }) => {
        const { deployment, ...rest } = await stack.exportStack();
        deployment.resources = deployment.resources.filter(({ urn }: { urn: string }) => !urn.endsWith('::a'));
        await stack.importStack({ ...rest, deployment });
      }),
    ],
  },
  {
    name: 'commands on the state',
    steps: [
      up(() => {
        const a = new Thing('a', { value: '1' }, { protect: true });
        new Thing('b', { value: a.arn });
      }),
      act('delete of one with dependents', ({ command }) => command('state', 'delete', `${URN}a`, '--yes')),
      act('unprotect', ({ command }) => command('state', 'unprotect', `${URN}a`, '--yes')),
      act('delete of none such', ({ command }) => command('state', 'delete', `${URN}nowhere`, '--yes')),
      act('delete', ({ command }) => command('state', 'delete', `${URN}b`, '--yes')),
    ],
  },
  {
    name: 'outputs, configuration and tags of a stack',
    config: { x: { value: '1' }, 'parity:y': { value: 'hush', secret: true } },
    steps: [
      up(() => ({ plain: 'p', number: 1, list: [1, 'two'], nothing: null, hidden: pulumi.secret('h') })),
      act('outputs', ({ stack }) => stack.outputs()),
      act('configuration', ({ stack }) => stack.getAllConfig()),
      act('a tag', async ({ stack }) => {
        await stack.setTag('team', 'ml');
        return await stack.listTags();
      }),
      up(() => ({ plain: 'q' })),
    ],
  },
  {
    name: 'a stack is selected, missing, there already, removed',
    steps: [
      act('missing', ({ command }) => command('stack', 'select', '--stack', 'none')),
      act('there already', ({ command }) => command('stack', 'init', 'dev')),
      up(() => void new Thing('a')),
      act('removed with resources', ({ command }) => command('stack', 'rm', '--yes', 'dev')),
      act('cancel', ({ stack }) => stack.cancel()),
      up(() => void new Thing('a')),
    ],
  },
];
