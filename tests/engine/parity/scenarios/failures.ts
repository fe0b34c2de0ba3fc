/** What goes wrong: in a program, in a call, in the middle. */
import * as pulumi from '@pulumi/pulumi';
import type { Bench, Scenario } from '../support/scenario.ts';
import { act, destroy, preview, refresh, up } from '../support/scenario.ts';
import { Group, Thing } from '../support/thing.ts';

const fail =
  (call: string, message: string, more: object = {}) =>
  ({ cloud }: Bench) =>
    void cloud.failures.set(call, { message, times: 1, ...more });

const pair = (value: string) => () => {
  const a = new Thing('a', { value });
  new Thing('b', { value: a.arn });
  return { arn: a.arn };
};

export const failureScenarios: Scenario[] = [
  {
    name: 'a creation fails',
    steps: [up(pair('1'), { before: fail('create a', 'no capacity') }), up(pair('1'))],
  },
  {
    name: 'a creation fails after others were made',
    steps: [up(pair('1'), { before: fail('create b', 'no capacity') }), up(pair('1'))],
  },
  {
    name: 'an update fails',
    steps: [up(pair('1')), up(pair('2'), { before: fail('update a', 'busy') }), up(pair('2'))],
  },
  {
    name: 'a deletion fails',
    steps: [
      up(pair('1')),
      up(() => undefined, { before: fail('delete b', 'in use') }),
      destroy({ before: fail('delete a', 'in use') }),
      destroy(),
    ],
  },
  {
    name: 'a resource is made, but does not become ready',
    steps: [
      up(pair('1'), {
        before: fail('create a', 'not ready', { unready: ['it does not answer', 'nor does the other'] }),
      }),
      preview(pair('1')),
      up(pair('1')),
    ],
  },
  {
    name: 'a resource is updated, but does not become ready',
    steps: [
      up(pair('1')),
      up(pair('2'), { before: fail('update a', 'not ready', { unready: ['it does not answer'] }) }),
      up(pair('2')),
    ],
  },
  {
    name: 'check refuses',
    steps: [
      up(() => void new Thing('a', { refuse: 'x' })),
      preview(() => void new Thing('a', { refuse: pulumi.secret('x') })),
    ],
  },
  {
    name: 'check fails, diff fails',
    steps: [
      up(pair('1'), { before: fail('check a', 'check is broken') }),
      up(pair('1')),
      up(pair('2'), { before: fail('diff a', 'diff is broken') }),
    ],
  },
  {
    name: 'the program throws',
    steps: [
      up(() => {
        new Thing('a', { value: '1' });
        throw new Error('the program is broken');
      }),
      up(() => {
        new Thing('a', { value: '1' });
        throw new pulumi.RunError('the program has said no');
      }),
      preview(() => Promise.reject(new Error('the program is broken later'))),
    ],
  },
  {
    name: 'an output of the stack fails',
    steps: [
      up(() => ({
        bad: new Thing('a', { value: '1' }).arn.apply(() => {
          throw new Error('apply is broken');
        }),
      })),
    ],
  },
  {
    name: 'the program logs',
    steps: [
      up(async () => {
        await pulumi.log.info('for all');
        await pulumi.log.warn('take care', new Thing('a', {}));
        await pulumi.log.debug('deep inside');
      }),
      up(async () => {
        await pulumi.log.error('this is wrong');
        new Thing('b', {});
      }),
    ],
  },
  {
    name: 'the operation goes on after a failure',
    steps: [
      up(
        () => {
          const a = new Thing('a', { value: '1' });
          new Thing('b', { value: a.arn });
          new Thing('c', { value: '1' });
        },
        { continueOnError: true, before: fail('create a', 'no capacity') },
      ),
      up(() => {
        const a = new Thing('a', { value: '1' });
        new Thing('b', { value: a.arn });
        new Thing('c', { value: '1' });
      }),
      destroy({ continueOnError: true, before: fail('delete b', 'in use') }),
    ],
  },
  {
    name: 'a destroy goes on after a failure',
    steps: [
      up(() => {
        new Group('g', (parent) => void new Thing('inner', {}, { parent }));
        const a = new Thing('a');
        new Thing('b', { value: a.arn });
      }),
      destroy({ continueOnError: true, before: fail('delete inner', 'in use') }),
      destroy(),
    ],
  },
  {
    name: 'a pending operation of an earlier process',
    steps: [
      up(pair('1')),
      act('a creation and an update are interrupted', ({ editState }) =>
        editState((state) => {
          const [, , a] = state.resources ?? [];
          if (a === undefined) throw new Error('there is no resource to interrupt');
          const { id: _id, ...lost } = { ...a, urn: a.urn.replace(/::a$/, '::lost') };
          state.pending_operations = [
            { type: 'updating', resource: a },
            { type: 'creating', resource: lost },
          ];
        }),
      ),
      act('an import takes pending operations away', async ({ stack }) => {
        await stack.importStack(await stack.exportStack());
      }),
      act('they are interrupted again', ({ editState }) =>
        editState((state) => {
          const [, , a] = state.resources ?? [];
          state.pending_operations = a && [
            { type: 'updating', resource: a },
            { type: 'creating', resource: { ...a, urn: a.urn.replace(/::a$/, '::lost') } },
          ];
        }),
      ),
      preview(pair('1')),
      up(pair('1')),
      refresh(),
      refresh({ clearPendingCreates: true }),
      up(pair('1')),
    ],
  },
];
