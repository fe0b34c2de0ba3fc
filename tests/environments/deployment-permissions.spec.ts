/** The deployment role may do what the provider asks of AWS for every resource of every blueprint, and nothing besides. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { Account } from './accounts.ts';
import { accountOf } from './accounts.ts';
import { ACCOUNT, REGION } from '../../blueprints/testing.ts';
import { CALLS } from './provider-calls.ts';
import { PROGRAMS } from './programs.ts';
import { DEPLOYMENT_CALLS } from './deployment-calls.ts';
import type { Call } from './simulator.ts';
import { decide } from './simulator.ts';

/** Functions of the provider that programs ask, none of which takes a right. */
const ASKED: Record<string, string> = {
  'aws:index/getCallerIdentity:getCallerIdentity': 'STS answers every caller with credentials',
  'aws:index/getPartition:getPartition': 'follows from the region',
  'aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage': 'a table in the provider',
};

const named = ([action, resource, context]: Call) => `${action} ${resource} ${JSON.stringify(context ?? {})}`;

describe('the permissions of deployment roles', () => {
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
        some.flatMap((one) => (CALLS[one.type] ?? assert.fail(`the calls of ${one.type} are not listed`))(one));
      for (const [account, wanted] of [
        [placement, calls(of)],
        ['both', [...calls(of), ...calls(rules)]],
        ...(placement === 'orchestrator' ? [['orchestrator', calls(rules)] as const] : []),
      ] as const) {
        const { permissions, ceiling } = accounts[account] ?? assert.fail(account);
        for (const call of new Map(wanted.map((one) => [named(one), one])).values()) {
          const key = `${account}: ${named(call)}`;
          // Programs have much in common.
          if (decided.has(key)) continue;
          assert.equal(await decide({ identity: permissions, boundary: ceiling }, call), 'Allowed', key);
          decided.add(key);
        }
      }
    });
  }

  it('hold no action that neither a resource nor the service asks for', async () => {
    const at = { account: ACCOUNT, region: REGION };
    const asked = new Set<string>(DEPLOYMENT_CALLS.flatMap(({ may }) => may(at).map(([action]) => action)));
    for (const { make } of PROGRAMS) {
      for (const one of (await make()).resources)
        for (const [action] of CALLS[one.type]?.(one) ?? []) asked.add(action);
    }
    const granted = (accounts.both?.permissions ?? [])
      .flatMap(({ Statement }) => Statement)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => Action);
    assert.deepEqual([...new Set(granted)].filter((action) => !asked.has(action)).sort(), []);
  });

  it('need hold nothing for functions of the provider', async () => {
    const tokens = new Set<string>();
    for (const { make } of PROGRAMS) for (const { token } of (await make()).calls) tokens.add(token);
    assert.deepEqual([...tokens].sort(), Object.keys(ASKED));
  });
});
