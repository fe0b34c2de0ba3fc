/** Providers of the program's own, and functions. */
import * as pulumi from '@pulumi/pulumi';
import type { Scenario } from '../support/scenario.ts';
import { destroy, preview, up } from '../support/scenario.ts';
import { ask, Group, ParityProvider, Thing } from '../support/thing.ts';

export const providerScenarios: Scenario[] = [
  {
    name: 'an explicit provider, and one that changes',
    steps: [
      ...['1', '2'].map((setting) =>
        up(() => {
          const provider = new ParityProvider('own', { setting, flag: true });
          new Thing('a', { value: '1' }, { provider });
          new Group('g', (parent) => void new Thing('inner', {}, { parent }), { providers: [provider] });
        }),
      ),
      destroy(),
    ],
  },
  {
    name: 'a provider that is replaced takes its resources along',
    steps: ['1', '2'].map((replaceMe) =>
      up(() => {
        const provider = new ParityProvider('own', { replaceMe });
        new Thing('a', { value: '1' }, { provider });
      }),
    ),
  },
  {
    name: 'a resource changes from the default provider to another and back',
    steps: [
      up(() => void new Thing('a', { value: '1' })),
      up(() => void new Thing('a', { value: '1' }, { provider: new ParityProvider('own', { setting: '1' }) })),
      up(() => void new Thing('a', { value: '1' })),
    ],
  },
  {
    name: 'a provider whose configuration is known only later',
    steps: [
      preview(() => {
        const a = new Thing('a', { value: '1' });
        const provider = new ParityProvider('own', { setting: a.arn });
        const b = new Thing('b', { value: '1' }, { provider });
        return { arn: b.arn };
      }),
      up(() => {
        const a = new Thing('a', { value: '1' });
        const provider = new ParityProvider('own', { setting: a.arn });
        const b = new Thing('b', { value: '1' }, { provider });
        return { arn: b.arn };
      }),
    ],
  },
  {
    name: 'a default provider is configured by the stack, with a secret',
    config: { 'parity:region': { value: 'r' }, 'parity:key': { value: 'k', secret: true } },
    steps: [up(() => void new Thing('a', { value: '1' })), up(() => void new Thing('a', { value: '2' }))],
  },
  {
    name: 'default providers are disabled',
    config: { 'pulumi:disable-default-providers': { value: '["parity"]' } },
    steps: [up(() => ({ arn: new Thing('a', { value: '1' }).arn }))],
  },
  {
    name: 'functions: an answer, a refusal, a secret argument',
    steps: [
      up(async () => ({ answer: await ask({ question: 'q', hidden: pulumi.secret('s') }) })),
      up(async () => ({ answer: await ask({ refuse: true }) })),
      up(async () => ({ answer: await ask({}) }), {
        before: ({ cloud }) => cloud.failures.set('invoke parity:index:ask', { message: 'no answer', times: 1 }),
      }),
    ],
  },
  {
    name: 'a function that waits for a resource',
    steps: [preview, up].map((operation) =>
      operation(() => {
        const a = new Thing('a', { value: '1' });
        return { answer: pulumi.output(a.arn).apply((arn) => ask({ arn })) };
      }),
    ),
  },
  {
    name: 'a provider without previews',
    cloud: { supportsPreview: false },
    steps: [
      preview(() => ({ arn: new Thing('a', { value: '1' }).arn })),
      up(() => ({ arn: new Thing('a', { value: '1' }).arn })),
      preview(() => ({ arn: new Thing('a', { value: '2' }).arn })),
    ],
  },
];
