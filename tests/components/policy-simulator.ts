/** Asks an IAM simulator what a role may do, with the policy as a component makes it. */
import assert from 'node:assert/strict';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { it } from 'mocha';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, RANDOM } from '../../blueprints/testing.ts';

/** One call, and the condition keys of its request. */
export type Call = readonly [action: string, resource: string, context?: Record<string, string>];

/** @param role logical name of the role without `-role` */
export async function answer(made: Run, role: string, [action, resource, context = {}]: Call): Promise<string> {
  const response = await runSimulation(
    {
      identityPolicies: [
        { name: role, policy: JSON.parse(String(made.find('RolePolicy', `${role}-policy`).inputs.policy)) as unknown },
      ],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      // Other accounts' resources are asked as if their owners let everybody in: our side is what is tried.
      ...(/^arn:aws:(kms|ecr)/.test(resource) ? { resourcePolicy: openTo(resource) } : {}),
      request: {
        action,
        principal: `arn:aws:iam::${ACCOUNT}:role/${role}-role-${RANDOM}`,
        resource: { resource, accountId: resource.split(':')[4] || ACCOUNT },
        contextVariables: context,
      },
    },
    {},
  );
  assert.notEqual(response.resultType, 'error', `${action} on ${resource}: ${JSON.stringify(response)}`);
  return response.resultType === 'error' ? 'error' : response.overallResult;
}

function openTo(resource: string): unknown {
  const [, , service = ''] = resource.split(':');
  const statement = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: `${service}:*` };
  return { Version: '2012-10-17', Statement: [service === 'kms' ? { ...statement, Resource: '*' } : statement] };
}

const named = ([action, resource, context]: Call): string =>
  `${action} on ${resource}${context ? ` with ${JSON.stringify(context)}` : ''}`;

export function allows(made: () => Run, role: string, calls: readonly Call[]): void {
  for (const call of calls) {
    it(`may ${named(call)}`, async () => assert.equal(await answer(made(), role, call), 'Allowed'));
  }
}

export function refuses(made: () => Run, role: string, calls: readonly Call[]): void {
  for (const call of calls) {
    it(`may not ${named(call)}`, async () => assert.equal(await answer(made(), role, call), 'ImplicitlyDenied'));
  }
}
