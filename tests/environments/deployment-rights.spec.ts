/** The deployment role may do what the provider asks of AWS for every resource of every blueprint, and nothing besides. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Account } from './accounts.ts';
import { accountOf } from './accounts.ts';
import { CALLS } from './provider-calls.ts';
import { PROGRAMS } from './programs.ts';
import type { Call } from './simulator.ts';
import { decide } from './simulator.ts';

/** What no resource asks for, with the reason. */
const BESIDES: Record<string, string> = {
  'ecr:DescribeImages': 'preflight: the image is there',
  'ecr:DescribeRepositories': 'preflight: the repository is there',
  'kms:DescribeKey': 'preflight: the key is there and enabled',
  's3:GetObject': 'preflight: the artifact is there',
  'servicequotas:GetServiceQuota': 'preflight: the quota is not zero',
};

const named = ([action, resource, context]: Call) => `${action} ${resource} ${JSON.stringify(context ?? {})}`;

describe('the rights of deployment roles', () => {
  const accounts: Record<string, Account> = {};
  const decided = new Set<string>();

  before(async () => {
    accounts.environments = await accountOf(['environments']);
    accounts.orchestrator = await accountOf(['orchestrator']);
    accounts.both = await accountOf(['environments', 'orchestrator']);
  });

  for (const { title, placement, make } of PROGRAMS) {
    it(`are enough for ${title}`, async () => {
      const { resources } = await make();
      const of = resources.filter(({ type }) => type.startsWith('aws:') && !/Event(Rule|Target)$/.test(type));
      // Rules are made where the topic is, which is the orchestrator's account.
      const rules = resources.filter(({ type }) => /Event(Rule|Target)$/.test(type));
      const calls = (some: typeof resources) =>
        some.flatMap((one) => (CALLS[one.type] ?? assert.fail(`nobody wrote down the calls of ${one.type}`))(one));
      for (const [account, wanted] of [
        [placement, calls(of)],
        ['both', [...calls(of), ...calls(rules)]],
        ...(placement === 'orchestrator' ? [['orchestrator', calls(rules)] as const] : []),
      ] as const) {
        const { rights } = accounts[account] ?? assert.fail(account);
        for (const call of new Map(wanted.map((one) => [named(one), one])).values()) {
          const key = `${account}: ${named(call)}`;
          // Programs have much in common.
          if (decided.has(key)) continue;
          assert.equal(await decide({ identity: rights }, call), 'Allowed', key);
          decided.add(key);
        }
      }
    });
  }

  it('hold no action that no resource asks for', async () => {
    const asked = new Set<string>(Object.keys(BESIDES));
    for (const { make } of PROGRAMS) {
      for (const one of (await make()).resources)
        for (const [action] of CALLS[one.type]?.(one) ?? []) asked.add(action);
    }
    const granted = (accounts.both?.rights ?? [])
      .flatMap(({ Statement }) => Statement)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action);
    assert.deepEqual([...new Set(granted)].filter((action) => !asked.has(action)).sort(), []);
    assert.deepEqual(
      Object.keys(BESIDES).filter((action) => !granted.includes(action)),
      [],
    );
  });
});
