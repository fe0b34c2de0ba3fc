/** Walks every policy of every program of the product: no right is wider than it must be, and every exception has a reason. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shareBucket, shareKey, shareModelPackageGroup, shareRepository } from '../../infra/environment/sharing.ts';
import { PLACE, accountOf } from './accounts.ts';
import type { FoundPolicy, WalkedStatement } from './policy-walk.ts';
import { ON_EVERYTHING, ON_EVERYTHING_ALL_THE_SAME, faultsOf, findPolicies, hasResourceLevel } from './policy-walk.ts';
import { PROGRAMS } from './programs.ts';
import { tasksOf } from './tasks.ts';

async function faultsIn(policies: readonly FoundPolicy[]): Promise<string[]> {
  return (await Promise.all(policies.map(faultsOf))).flat();
}

describe('every policy', () => {
  const used = new Set<string>();
  const remember = (policies: readonly FoundPolicy[]) =>
    policies
      .flatMap(({ statements }) => statements)
      .filter(({ Effect, Resource }) => Effect === 'Allow' && [Resource].flat().includes('*'))
      .forEach(({ Action = [] }) => [Action].flat().forEach((action) => used.add(action)));

  for (const { title, make } of PROGRAMS) {
    it(`of ${title} is in order`, async () => {
      const { resources } = await make();
      const policies = resources.flatMap(findPolicies);
      const roles = resources.filter(({ type }) => type === 'aws:iam/role:Role').length;
      // A trust policy and a policy for each role, at the least.
      assert.ok(policies.length >= 2 * roles && roles > 0, `${policies.length} policies`);
      remember(policies);
      assert.deepEqual(await faultsIn(policies), []);
    });
  }

  for (const placements of [['environments'], ['orchestrator'], ['environments', 'orchestrator']] as const) {
    it(`of an account with pipelines of ${placements.join(' and ')} is in order`, async () => {
      const { made } = await accountOf(placements);
      // The boundary of the deployment role grants nothing; ceiling.spec.ts tests what it stops.
      const policies = made.resources.filter(({ name }) => name !== 'account-ceiling').flatMap(findPolicies);
      assert.ok(policies.length >= 6);
      remember(policies);
      assert.deepEqual(await faultsIn(policies), []);
    });
  }

  it('of the service’s tasks is in order', async () => {
    const policies = (await tasksOf()).resources.flatMap(findPolicies);
    assert.equal(policies.length, 4);
    remember(policies);
    assert.deepEqual(await faultsIn(policies), []);
  });

  it('that shares with environments is in order', async () => {
    const accounts = ['222222222222', '333333333333'];
    const found = (type: string, statements: unknown): FoundPolicy => ({
      where: type,
      type,
      statements: statements as WalkedStatement[],
    });
    const policies = [
      found('aws:s3/bucketPolicy:BucketPolicy', shareBucket(PLACE, 'assets', accounts)),
      found('aws:ecr/repositoryPolicy:RepositoryPolicy', shareRepository(PLACE, accounts)),
      found(
        'aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy',
        shareModelPackageGroup(PLACE, 'group', accounts),
      ),
      found('aws:kms/key:Key', shareKey(PLACE, accounts)),
    ];
    assert.deepEqual(await faultsIn(policies), []);
  });

  it('names * only for actions that AWS has no resources for, or wants it for all the same', async () => {
    for (const action of Object.keys(ON_EVERYTHING)) {
      assert.equal(await hasResourceLevel(action), action in ON_EVERYTHING_ALL_THE_SAME, action);
    }
  });

  it('uses every exception, so that none outlives its reason', () => {
    assert.deepEqual(
      Object.keys(ON_EVERYTHING).filter((action) => !used.has(action)),
      [],
    );
  });
});

describe('the walk over policies', () => {
  const ROLE = 'arn:aws:iam::111111111111:role/mlops-pipeline-x';
  const allow = (rest: Partial<WalkedStatement>): WalkedStatement => ({
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::bucket/*',
    ...rest,
  });
  const BAD: Record<string, readonly [Partial<WalkedStatement>, RegExp, type?: string]> = {
    'everything on everything': [{ Action: '*', Resource: '*' }, /the action \* is a wildcard/],
    'a whole service': [{ Action: 's3:*' }, /s3:\* is a wildcard/],
    'part of a service': [{ Action: ['s3:GetObject', 's3:Put*'] }, /s3:Put\* is a wildcard/],
    'an action that does not exist': [{ Action: 's3:ReadObject' }, /AWS has no action s3:ReadObject/],
    'a service that does not exist': [{ Action: 'sagmaker:CreateModel' }, /AWS has no action sagmaker:CreateModel/],
    'an action on everything': [{ Resource: '*' }, /s3:GetObject is allowed on \*/],
    'metrics of every namespace': [{ Action: 'cloudwatch:PutMetricData', Resource: '*' }, /every namespace/],
    'everybody as principal': [{ Principal: '*' }, /principal \* is a wildcard/],
    'every account as principal': [{ Principal: { AWS: '*' } }, /principal \* is a wildcard/],
    'many roles as principals': [
      { Principal: { AWS: ['arn:aws:iam::111111111111:role/*'] } },
      /principal arn:aws:iam::111111111111:role\/\* is a wildcard/,
    ],
    'a role for others without external id': [
      { Principal: { AWS: ROLE }, Action: 'sts:AssumeRole' },
      /without an external id/,
      'aws:iam/role:Role',
    ],
    'a role passed to whomever': [{ Action: 'iam:PassRole', Resource: ROLE }, /does not say to which service/],
    'any role passed': [
      {
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::111111111111:role/*',
        Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
      },
      /hands any role over/,
    ],
    'roles without a boundary': [{ Action: 'iam:CreateRole', Resource: ROLE }, /without a boundary/],
    'all but one action': [{ NotAction: 'iam:CreateUser' }, /NotAction allows whatever/],
    'all but one resource': [{ NotResource: ROLE }, /NotResource allows whatever/],
    'all but one principal': [{ NotPrincipal: { AWS: ROLE } }, /NotPrincipal allows whatever/],
  };

  for (const [what, [rest, fault, type = 'aws:iam/policy:Policy']] of Object.entries(BAD)) {
    it(`sees ${what}`, async () => {
      const [first = '', ...others] = await faultsOf({ where: 'here', type, statements: [allow(rest)] });
      assert.match([first, ...others].join('\n'), fault);
    });
  }

  it('lets what is in order pass, and denials of everything', async () => {
    const statements = [allow({}), { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' }];
    assert.deepEqual(await faultsOf({ where: 'here', type: 'aws:s3/bucketPolicy:BucketPolicy', statements }), []);
  });

  it('finds policies as text, as objects, and inside of others', () => {
    const document = { Version: '2012-10-17', Statement: allow({}) };
    const found = findPolicies({
      type: 'any',
      name: 'any',
      inputs: { policy: JSON.stringify(document), inlinePolicies: [{ name: 'a', policy: document }], other: 'text' },
    });
    assert.deepEqual(
      found.map(({ where }) => where),
      ['any any.policy', 'any any.inlinePolicies'],
    );
  });
});
