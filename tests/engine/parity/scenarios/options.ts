/** Options of resources: protection, retention, aliases, ignored changes, secrets, parents, transforms. */
import * as pulumi from '@pulumi/pulumi';
import type { Scenario } from '../support/scenario.ts';
import { destroy, preview, refresh, up } from '../support/scenario.ts';
import { Group, Thing } from '../support/thing.ts';

const URN = 'urn:pulumi:dev::parity::parity:index:Thing::';

export const optionScenarios: Scenario[] = [
  {
    name: 'a protected resource is not deleted, and is once it is protected no more',
    steps: [
      up(() => void new Thing('a', { value: '1' }, { protect: true })),
      preview(() => undefined),
      up(() => undefined),
      destroy(),
      up(() => void new Thing('a', { value: '1' }, { protect: false })),
      destroy(),
    ],
  },
  {
    name: 'destroy leaves out what is protected',
    steps: [
      up(() => {
        const a = new Thing('a', {}, { protect: true });
        new Thing('b', { value: a.arn });
        new Thing('c', {});
      }),
      destroy({ excludeProtected: true }),
    ],
  },
  {
    name: 'retainOnDelete',
    steps: [
      up(() => void new Thing('a', { replace: '1' }, { retainOnDelete: true })),
      up(() => void new Thing('a', { replace: '2' }, { retainOnDelete: true })),
      up(() => undefined),
    ],
  },
  {
    name: 'deletedWith',
    steps: [
      up(() => {
        const a = new Thing('a');
        new Thing('b', {}, { deletedWith: a });
        new Thing('c', {}, { deletedWith: a });
      }),
      up(() => {
        const a = new Thing('a');
        new Thing('b', {}, { deletedWith: a });
      }),
      destroy(),
    ],
  },
  {
    name: 'ignoreChanges of a property, of a nested one, of an element of a list, of one that is new, of one that goes',
    cloud: { detailed: true },
    steps: [
      up(() => void new Thing('a', { value: '1', map: { x: 1, y: 1 }, list: [1, 2], gone: 'g' })),
      up(
        () =>
          void new Thing(
            'a',
            { value: '2', map: { x: 2, y: 2 }, list: [3, 4], fresh: 'f' },
            { ignoreChanges: ['value', 'map.x', 'list[1]', 'fresh', 'gone'] },
          ),
      ),
      up(() => void new Thing('a', { value: '3', other: 'o' }, { ignoreChanges: ['*'] })),
    ],
  },
  {
    name: 'ignoreChanges of an impossible path',
    steps: [
      up(() => void new Thing('a', { list: [1] })),
      up(() => void new Thing('a', { list: [1, 2] }, { ignoreChanges: ['list[5].x'] })),
    ],
  },
  {
    name: 'an alias by name, by type, by parent, by URN',
    steps: [
      up(() => {
        new Thing('old', { value: '1' });
        new Thing('typed', { value: '1' }, {}, 'parity:index:Old');
        new Group('home', (parent) => void new Thing('child', { value: '1' }, { parent }));
        new Thing('whole', { value: '1' });
      }),
      preview(() => {
        new Thing('new', { value: '1' }, { aliases: [{ name: 'old' }] });
        new Thing('typed', { value: '1' }, { aliases: [{ type: 'parity:index:Old' }] });
        new Group('house', (parent) => void new Thing('child', { value: '1' }, { parent }), {
          aliases: [{ name: 'home' }],
        });
        new Thing('other', { value: '2' }, { aliases: [`${URN}whole`] });
      }),
      up(() => {
        new Thing('new', { value: '1' }, { aliases: [{ name: 'old' }] });
        new Thing('typed', { value: '1' }, { aliases: [{ type: 'parity:index:Old' }] });
        new Group('house', (parent) => void new Thing('child', { value: '1' }, { parent }), {
          aliases: [{ name: 'home' }],
        });
        new Thing('other', { value: '2' }, { aliases: [`${URN}whole`] });
      }),
      up(() => {
        new Thing('new', { value: '1' });
        new Thing('typed', { value: '1' });
        new Group('house', (parent) => void new Thing('child', { value: '1' }, { parent }));
        new Thing('other', { value: '2' });
      }),
    ],
  },
  {
    name: 'a resource moves under a component and out again',
    steps: [
      up(() => void new Thing('a', { value: '1' })),
      up(() => {
        new Group(
          'g',
          (parent) => void new Thing('a', { value: '1' }, { parent, aliases: [{ parent: pulumi.rootStackResource }] }),
        );
      }),
      up(
        () =>
          void new Thing(
            'a',
            { value: '1' },
            { aliases: ['urn:pulumi:dev::parity::parity:index:Group$parity:index:Thing::a'] },
          ),
      ),
    ],
  },
  {
    name: 'two resources claim the same alias',
    steps: [
      up(() => void new Thing('a', { value: '1' })),
      up(() => {
        new Thing('b', { value: '1' }, { aliases: [{ name: 'a' }] });
        new Thing('c', { value: '1' }, { aliases: [{ name: 'a' }] });
      }),
    ],
  },
  {
    name: 'one URN twice',
    steps: [
      up(() => {
        new Thing('a');
        new Thing('a');
      }),
    ],
  },
  {
    name: 'secrets go in and come out as secrets',
    config: {
      plain: { value: 'p' },
      hidden: { value: 'hush', secret: true },
      'parity:token': { value: 'tok', secret: true },
    },
    steps: [
      up(() => {
        const config = new pulumi.Config();
        const a = new Thing('a', { value: pulumi.secret('top'), other: config.requireSecret('hidden') });
        new Thing('b', { value: a.value, plain: config.require('plain') }, { additionalSecretOutputs: ['arn'] });
        return { value: a.value, arn: a.arn, nested: { deep: pulumi.secret({ x: [1] }) } };
      }),
      preview(() => void new Thing('a', { value: pulumi.secret('other') })),
      up(() => {
        const a = new Thing('a', { value: 'top' });
        return { value: a.value };
      }),
      refresh(),
    ],
  },
  {
    name: 'secrets for a provider that takes none',
    cloud: { acceptSecrets: false },
    steps: [
      up(() => {
        const a = new Thing('a', { value: pulumi.secret('top'), nested: { x: pulumi.secret(1) } });
        return { value: a.value };
      }),
      refresh(),
    ],
  },
  {
    name: 'custom timeouts and a version',
    steps: [
      up(
        () =>
          void new Thing(
            'a',
            { value: '1' },
            { customTimeouts: { create: '1h30m', update: '90s', delete: '2m' }, version: '1.0.0' },
          ),
      ),
      up(
        () =>
          void new Thing(
            'a',
            { value: '2' },
            { customTimeouts: { create: '1h30m', update: '90s', delete: '2m' }, version: '1.0.0' },
          ),
      ),
      destroy(),
    ],
  },
  {
    name: 'transforms of a resource, of a parent, of the stack',
    steps: [
      up(() => {
        pulumi.runtime.registerResourceTransform((args) =>
          args.type === 'parity:index:Thing' ? { props: { ...args.props, byStack: true }, opts: args.opts } : undefined,
        );
        new Group(
          'g',
          (parent) =>
            void new Thing(
              'inner',
              { value: '1' },
              {
                parent,
                transforms: [
                  (args) => ({
                    props: { ...args.props, own: true },
                    opts: pulumi.mergeOptions(args.opts, { protect: true }),
                  }),
                ],
              },
            ),
          { transforms: [(args) => ({ props: { ...args.props, byParent: true }, opts: args.opts })] },
        );
      }),
      up(
        () =>
          void new Thing(
            'inner2',
            {},
            { transforms: [(args) => ({ props: { ...args.props, token: pulumi.secret('t') }, opts: args.opts })] },
          ),
      ),
    ],
  },
  {
    name: 'hooks of a component: outputs that depend on children',
    steps: ['1', '2'].map((value) =>
      up(() => {
        let arn: pulumi.Output<string> | undefined;
        const group = new Group('g', (parent) => {
          const inner = new Thing('inner', { value }, { parent });
          new Group('deep', (below) => void new Thing('leaf', { value: inner.arn }, { parent: below }), { parent });
          arn = inner.arn;
          return { arn: inner.arn, list: [inner.value], hidden: pulumi.secret('s') };
        });
        return { arn, urn: group.urn };
      }),
    ),
  },
  {
    name: 'hideDiffs',
    cloud: { detailed: true },
    steps: ['1', '2'].map((value) => up(() => void new Thing('a', { value }, { hideDiffs: ['value'] }))),
  },
];
