/** Replacement: its order, what it takes along, who may forbid it. */
import type { CustomResourceOptions } from '@pulumi/pulumi';
import type { Scenario } from '../support/scenario.ts';
import { destroy, preview, refresh, up } from '../support/scenario.ts';
import { Group, Thing } from '../support/thing.ts';

/** `b` takes a value of `a`, `c` one of `b`. */
const chain =
  (replace: string, options: CustomResourceOptions = {}) =>
  () => {
    const a = new Thing('a', { replace }, options);
    const b = new Thing('b', { value: a.arn });
    new Thing('c', { replaceBy: b.arn });
  };

/** As above, but a change of `a` replaces `b`, and that of `b` replaces `c`. */
const cascade =
  (replace: string, more: object = {}) =>
  () => {
    const a = new Thing('a', { replace, ...more });
    const b = new Thing('b', { replaceBy: a.arn });
    new Thing('c', { replaceBy: b.arn });
  };

export const replacementScenarios: Scenario[] = [
  { name: 'create before delete', steps: [up(chain('1')), preview(chain('2')), up(chain('2')), destroy()] },
  {
    name: 'delete before replace by the provider, dependents go first',
    steps: [
      up(cascade('1', { first: true })),
      preview(cascade('2', { first: true })),
      up(cascade('2', { first: true })),
    ],
  },
  {
    name: 'delete before replace by the program',
    steps: [
      up(chain('1', { deleteBeforeReplace: true })),
      up(chain('2', { deleteBeforeReplace: true })),
      up(chain('2', { deleteBeforeReplace: false })),
    ],
  },
  {
    name: 'delete before replace forbidden by the program',
    steps: [
      up(() => void new Thing('a', { replace: '1', first: true })),
      up(() => void new Thing('a', { replace: '2', first: true }, { deleteBeforeReplace: false })),
    ],
  },
  {
    name: 'delete before replace with a component and its children among the dependents',
    steps: ['1', '2'].map((replace) =>
      up(() => {
        const a = new Thing('a', { replace, first: true });
        new Group('g', (parent) => void new Thing('inner', { replaceBy: a.arn }, { parent }), { dependsOn: a });
        new Thing('after', { value: 'x' }, { dependsOn: a });
      }),
    ),
  },
  {
    name: 'a chain of replacements',
    steps: [up(cascade('1')), preview(cascade('2')), up(cascade('2'))],
  },
  {
    name: 'replaceOnChanges of one property, of all, with and without a detailed diff',
    cloud: { detailed: true },
    steps: [
      up(() => void new Thing('a', { value: '1', other: '1' }, { replaceOnChanges: ['value'] })),
      up(() => void new Thing('a', { value: '1', other: '2' }, { replaceOnChanges: ['value'] })),
      up(() => void new Thing('a', { value: '2', other: '2' }, { replaceOnChanges: ['value'] })),
      up(() => void new Thing('a', { value: '2', other: '3' }, { replaceOnChanges: ['*'] })),
    ],
  },
  {
    name: 'replaceOnChanges of a nested property without a detailed diff',
    steps: ['1', '2'].map((value) =>
      up(
        () =>
          void new Thing('a', { settings: { deep: value, list: [value] } }, { replaceOnChanges: ['settings.deep'] }),
      ),
    ),
  },
  {
    name: 'a protected resource is not replaced',
    steps: [
      up(() => void new Thing('a', { replace: '1' }, { protect: true })),
      preview(() => void new Thing('a', { replace: '2' }, { protect: true })),
      up(() => void new Thing('a', { replace: '2' }, { protect: true })),
    ],
  },
  {
    name: 'a resource is replaced because the command says so',
    steps: [
      up(cascade('1')),
      up(cascade('1'), { replace: ['urn:pulumi:dev::parity::parity:index:Thing::a'] }),
      refresh(),
    ],
  },
  {
    name: 'a resource is replaced with another',
    steps: ['1', '2'].map((replace) =>
      up(() => {
        const a = new Thing('a', { replace });
        new Thing('b', { value: 'x' }, { replaceWith: [a] });
      }),
    ),
  },
  {
    name: 'the deletion of the replaced one fails, and is done the next time',
    steps: [
      up(() => void new Thing('a', { replace: '1' })),
      up(() => void new Thing('a', { replace: '2' }), {
        before: ({ cloud }) => cloud.failures.set('delete a', { message: 'still in use', times: 1 }),
      }),
      preview(() => void new Thing('a', { replace: '2' })),
      up(() => void new Thing('a', { replace: '2' })),
    ],
  },
  {
    name: 'the creation after a deletion fails, and is done the next time',
    steps: [
      up(cascade('1', { first: true })),
      up(cascade('2', { first: true }), {
        before: ({ cloud }) => cloud.failures.set('create a', { message: 'no capacity', times: 1 }),
      }),
      preview(cascade('2', { first: true })),
      up(cascade('2', { first: true })),
    ],
  },
  {
    name: 'the creation after a deletion fails, and the program wants it no more',
    steps: [
      up(() => void new Thing('a', { replace: '1', first: true })),
      up(() => void new Thing('a', { replace: '2', first: true }), {
        before: ({ cloud }) => cloud.failures.set('create a', { message: 'no capacity', times: 1 }),
      }),
      up(() => undefined),
    ],
  },
];
