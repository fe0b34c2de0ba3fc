/** Several features at once, where each changes what the others do. */
import * as pulumi from '@pulumi/pulumi';
import type { Scenario } from '../support/scenario.ts';
import { act, destroy, refresh, up } from '../support/scenario.ts';
import { Group, ParityProvider, Thing } from '../support/thing.ts';

const URN = 'urn:pulumi:dev::parity::parity:index:Thing::';

export const combinationScenarios: Scenario[] = [
  {
    name: 'assets and archives, changed and not',
    steps: ['1', '1', '2'].map((text) =>
      up(() => {
        const asset = new pulumi.asset.StringAsset(text);
        new Thing('a', {
          code: asset,
          bundle: new pulumi.asset.AssetArchive({ 'index.js': asset, 'deep/x.txt': asset }),
        });
      }),
    ),
  },
  {
    name: 'a protected dependent of a resource that is deleted before it is replaced',
    steps: ['1', '2'].map((replace) =>
      up(() => {
        const a = new Thing('a', { replace, first: true });
        new Thing('b', { replaceBy: a.arn }, { protect: true });
      }),
    ),
  },
  {
    name: 'a replacement fails in an operation that goes on',
    steps: [
      ...['1', '2'].map((replace) =>
        up(
          () => {
            const a = new Thing('a', { replace });
            const b = new Thing('b', { value: a.arn });
            new Thing('c', { value: b.arn });
            new Thing('d', { replace });
          },
          {
            continueOnError: true,
            before: ({ cloud }) =>
              void (replace === '2' && cloud.failures.set('create a', { message: 'full', times: 1 })),
          },
        ),
      ),
      refresh(),
      destroy(),
    ],
  },
  {
    name: 'an explicit provider with secrets, under another name, in another component',
    steps: [
      up(() => {
        const provider = new ParityProvider('old', { key: pulumi.secret('k'), nested: { deep: [1, true] } });
        new Thing('a', { value: '1' }, { provider });
      }),
      up(() => {
        const provider = new ParityProvider(
          'new',
          { key: pulumi.secret('k'), nested: { deep: [1, true] } },
          { aliases: [{ name: 'old' }] },
        );
        new Thing('a', { value: '1' }, { provider });
      }),
      up(() => {
        new Group('g', (parent) => {
          const provider = new ParityProvider(
            'new',
            { key: pulumi.secret('other'), nested: { deep: [1, true] } },
            { parent, aliases: [{ parent: pulumi.rootStackResource }] },
          );
          new Thing('a', { value: '2' }, { provider, parent, aliases: [{ parent: pulumi.rootStackResource }] });
        });
      }),
    ],
  },
  {
    name: 'a refresh loses a resource that others name',
    steps: [
      up(() => {
        const a = new Thing('a');
        const b = new Thing('b', { value: a.arn }, { dependsOn: a });
        new Thing('child', {}, { parent: b, deletedWith: a });
        new Thing('c', { value: pulumi.interpolate`${a.arn} ${b.arn}` });
      }),
      refresh({ before: ({ cloud }) => cloud.drift('a', undefined) }),
      refresh({ before: ({ cloud }) => cloud.drift('b', undefined) }),
      destroy(),
    ],
  },
  {
    name: 'a target that is to be replaced, with its dependents and without',
    steps: [
      up(() => {
        const a = new Thing('a', { value: '1' });
        new Thing('b', { replaceBy: a.arn });
        new Thing('c', { value: '1' });
      }),
      up(
        () => {
          const a = new Thing('a', { value: '2' });
          new Thing('b', { replaceBy: a.arn });
          new Thing('c', { value: '2' });
        },
        { replace: [`${URN}a`], target: [`${URN}a`] },
      ),
      up(
        () => {
          const a = new Thing('a', { value: '3' });
          new Thing('b', { replaceBy: a.arn });
          new Thing('c', { value: '3' });
        },
        { replace: [`${URN}a`], target: [`${URN}a`], targetDependents: true },
      ),
    ],
  },
  {
    name: 'another stack is referred to',
    steps: [
      up(() => ({ plain: 'p', hidden: pulumi.secret('h'), list: [1, { two: 2 }] })),
      up(() => {
        const self = new pulumi.StackReference('organization/parity/dev');
        return { plain: self.getOutput('plain'), hidden: self.getOutput('hidden'), missing: self.getOutput('none') };
      }),
      up(() => ({ none: new pulumi.StackReference('organization/parity/nowhere').getOutput('x') })),
    ],
  },
  {
    name: 'a message, a rename and the history of both',
    steps: [
      up(() => void new Thing('a', { value: '1' }), { message: 'the first one' }),
      act('the history', async ({ stack }) =>
        (await stack.history()).map(({ kind, result, message, resourceChanges }) => ({
          kind,
          result,
          message,
          resourceChanges,
        })),
      ),
      act('configuration set, read and removed', async ({ stack }) => {
        await stack.setConfig('one', { value: '1' });
        await stack.setConfig('outer.inner[0]', { value: 'x' }, true);
        await stack.setConfig('hidden', { value: 's', secret: true });
        await stack.removeConfig('one');
        return [await stack.getAllConfig(), await stack.getConfig('outer.inner', true)];
      }),
    ],
  },
  {
    name: 'a component becomes a resource, a resource a component',
    steps: [
      up(() => {
        new Group('x', () => undefined, {}, 'parity:index:Switch');
        new Thing('y', { value: '1' }, {}, 'parity:index:Other');
      }),
      up(() => {
        new Thing('x', { value: '1' }, {}, 'parity:index:Switch');
        new Group('y', () => undefined, {}, 'parity:index:Other');
      }),
    ],
  },
  {
    name: 'values of all kinds, changed in the depth',
    cloud: { detailed: true },
    steps: [1, 2].map((number) =>
      up(() => {
        const a = new Thing('a', {
          number,
          text: 'ü "quoted"',
          none: null,
          empty: {},
          list: [[], [number]],
          flag: number === 1,
        });
        return { all: a.urn, id: a.id, big: 12345678901, fraction: 0.1, none: null, undefined: undefined };
      }),
    ),
  },
];
