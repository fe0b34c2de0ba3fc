/** The boundary stops nothing that a blueprint's role needs, and everything that none does. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { ACCOUNT, REGION } from '../../blueprints/testing.ts';
import type { Account } from './accounts.ts';
import { accountOf } from './accounts.ts';
import { PROGRAMS } from './programs.ts';
import type { Call, Document } from './simulator.ts';
import { decide, policiesOf } from './simulator.ts';

const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const ADMINISTRATOR: Document = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const list = (value: string | string[] = []): string[] => (Array.isArray(value) ? value : [value]);

/** What the recording gives an ARN that it has no form for. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/^arn:aws:unknown:::(.*-artifacts-.*)$/, 'arn:aws:s3:::$1'],
  [/^arn:aws:unknown:::(.*-build-.*)$/, arn('codebuild', 'project/$1')],
  [/^arn:aws:unknown:::(.*-pipeline-.*)$/, arn('codepipeline', '$1')],
];

function formed(document: Document): Document {
  const text = JSON.stringify(document, (_, value: unknown) =>
    typeof value === 'string'
      ? FORMS.reduce((resource, [form, wanted]) => resource.replace(form, wanted), value)
      : value,
  );
  assert.doesNotMatch(text, /arn:aws:unknown/);
  return JSON.parse(text) as Document;
}

/** One resource that a pattern stands for: what IAM reads as a wildcard becomes a name, an escaped one the letter itself. */
function sample(pattern: string): string {
  return pattern.replace(/\$\{([*?$])\}|\*/g, (_, escaped: string | undefined) => escaped ?? 'any');
}

/** Every call that a policy allows, one for each resource, action and value of a condition. */
function callsOf({ Statement }: Document): Call[] {
  return Statement.flatMap(({ Action, Resource, Condition = {} }) => {
    const contexts = Object.values(Condition)
      .flatMap((keys) => Object.entries(keys))
      .reduce<Record<string, string>[]>(
        (known, [key, values]) =>
          list(values as string | string[]).flatMap((value) => known.map((one) => ({ ...one, [key]: sample(value) }))),
        [{}],
      );
    return list(Action).flatMap((action) =>
      list(Resource).flatMap((resource) =>
        contexts.map((context): Call => [action, resource === '*' ? '*' : accountOfPattern(sample(resource)), context]),
      ),
    );
  });
}

/** The account of a pattern for any account has twelve digits all the same. */
function accountOfPattern(resource: string): string {
  return resource.replace(/^(arn:aws:[a-z0-9-]+:[^:]*):any:/, '$1:333333333333:');
}

describe('the permissions boundary', () => {
  const accounts: Record<string, Account> = {};

  before(async () => {
    accounts.environments = await accountOf(['environments']);
    accounts.orchestrator = await accountOf(['orchestrator']);
    accounts.both = await accountOf(['environments', 'orchestrator']);
  });

  for (const { title, placement, make } of PROGRAMS) {
    it(`allows all that the roles of ${title} may do`, async () => {
      let tried = 0;
      for (const [role, made] of policiesOf(await make(), 'RolePolicy')) {
        const identity = formed(made);
        for (const call of callsOf(identity)) {
          tried += 1;
          assert.equal(await decide({ identity: [identity] }, call), 'Allowed', `without it: ${role} ${String(call)}`);
          // What the role is allowed, a boundary leaves it if it would leave it to an administrator.
          for (const account of [placement, 'both']) {
            const { boundary } = accounts[account] ?? assert.fail(account);
            const answer = await decide({ identity: [ADMINISTRATOR], boundary }, call);
            assert.equal(answer, 'Allowed', `${account}: ${role} ${JSON.stringify(call)}`);
          }
        }
      }
      assert.ok(tried > 5);
    });
  }

  /** Not even a role that somebody gave AdministratorAccess. */
  const NEVER: readonly Call[] = [
    ['iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/any`],
    ['iam:CreateRole', `arn:aws:iam::${ACCOUNT}:role/mlops-pipeline-x`],
    ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/mlops-pipeline-x`],
    ['iam:AttachRolePolicy', `arn:aws:iam::${ACCOUNT}:role/mlops-pipeline-x`],
    ['iam:DeleteRolePermissionsBoundary', `arn:aws:iam::${ACCOUNT}:role/mlops-pipeline-x`],
    ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/admin`, { 'iam:PassedToService': 'sagemaker.amazonaws.com' }],
    [
      'iam:PassRole',
      `arn:aws:iam::${ACCOUNT}:role/mlops-pipeline-x`,
      { 'iam:PassedToService': 'lambda.amazonaws.com' },
    ],
    ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/mlops-deployment-main`],
    ['sts:AssumeRole', 'arn:aws:iam::222222222222:role/any'],
    ['organizations:LeaveOrganization', '*'],
    ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-abcdef')],
    ['ssm:GetParameter', arn('ssm', 'parameter/any')],
    ['s3:DeleteObject', 'arn:aws:s3:::any/object'],
    ['s3:DeleteBucket', 'arn:aws:s3:::any'],
    ['s3:PutBucketPolicy', 'arn:aws:s3:::any'],
    ['s3:ListAllMyBuckets', '*'],
    ['kms:ScheduleKeyDeletion', arn('kms', 'key/1')],
    ['kms:PutKeyPolicy', arn('kms', 'key/1')],
    ['kms:CreateGrant', arn('kms', 'key/1')],
    ['kms:Decrypt', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`],
    ['lambda:InvokeFunction', arn('lambda', 'function:any')],
    ['lambda:UpdateFunctionCode', arn('lambda', 'function:mlops-pipeline-x')],
    ['sagemaker:DeleteEndpoint', arn('sagemaker', 'endpoint/churn')],
    ['sagemaker:CreateModel', arn('sagemaker', 'model/any')],
    ['sagemaker:UpdateModelPackage', arn('sagemaker', 'model-package/group/1')],
    ['ec2:RunInstances', arn('ec2', 'instance/i-1')],
    ['logs:GetLogEvents', arn('logs', 'log-group:/aws/cloudtrail:log-stream:a')],
    ['logs:PutLogEvents', arn('logs', 'log-group:/aws/cloudtrail:log-stream:a')],
    ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'AWS/EC2' }],
    ['dynamodb:GetItem', arn('dynamodb', 'table/any')],
  ];
  /** Jobs and builds of the orchestrator's account. */
  const NOT_IN_ENVIRONMENTS: readonly Call[] = [
    ['sagemaker:CreateTrainingJob', arn('sagemaker', 'training-job/any')],
    ['sagemaker:CreateAutoMLJobV2', arn('sagemaker', 'automl-job/any')],
    ['ecr:PutImage', arn('ecr', 'repository/any')],
    ['codepipeline:StartPipelineExecution', arn('codepipeline', 'mlops-pipeline-x')],
    ['codebuild:StartBuild', arn('codebuild', 'project/mlops-pipeline-x')],
  ];

  for (const call of NEVER) {
    it(`keeps even an administrator from ${call[0]} on ${call[1]}`, async () => {
      for (const { boundary } of Object.values(accounts)) {
        assert.equal(await decide({ identity: [ADMINISTRATOR], boundary }, call), 'ImplicitlyDenied');
      }
    });
  }

  for (const call of NOT_IN_ENVIRONMENTS) {
    it(`keeps even an administrator of an environment from ${call[0]}`, async () => {
      const of = async (account: string) =>
        await decide({ identity: [ADMINISTRATOR], boundary: accounts[account]?.boundary }, call);
      assert.deepEqual([await of('environments'), await of('orchestrator')], ['ImplicitlyDenied', 'Allowed']);
    });
  }

  it('keeps every role from what is off limits, whatever a request names', async () => {
    const key = arn('kms', 'key/state');
    const { boundary } = await accountOf(['orchestrator'], {
      offLimits: ['arn:aws:s3:::state-bucket', 'arn:aws:s3:::state-bucket/*', key],
    });
    const of = async (...call: Call) => await decide({ identity: [ADMINISTRATOR], boundary }, call);
    assert.equal(await of('s3:GetObject', 'arn:aws:s3:::state-bucket/.pulumi/stacks/x.json'), 'ExplicitlyDenied');
    assert.equal(await of('s3:PutObject', 'arn:aws:s3:::state-bucket/.pulumi/stacks/x.json'), 'ExplicitlyDenied');
    assert.equal(await of('s3:ListBucket', 'arn:aws:s3:::state-bucket'), 'ExplicitlyDenied');
    assert.equal(await of('kms:Decrypt', key), 'ExplicitlyDenied');
    assert.equal(await of('s3:GetObject', 'arn:aws:s3:::data-bucket/x.csv'), 'Allowed');
  });

  it('keeps every role to the buckets and keys that are named, and lets it read the assets all the same', async () => {
    const mine = arn('kms', 'key/mine');
    const { boundary } = await accountOf(['environments'], { dataBuckets: ['team-*'], dataKeyArns: [mine] });
    const of = async (...call: Call) => await decide({ identity: [ADMINISTRATOR], boundary }, call);
    assert.equal(await of('s3:GetObject', 'arn:aws:s3:::team-a/x.csv'), 'Allowed');
    assert.equal(await of('s3:GetObject', 'arn:aws:s3:::assets-bucket/model.tar.gz'), 'Allowed');
    assert.equal(await of('s3:GetObject', 'arn:aws:s3:::payroll/x.csv'), 'ImplicitlyDenied');
    assert.equal(await of('kms:Decrypt', mine), 'Allowed');
    assert.equal(await of('kms:Decrypt', arn('kms', 'key/another')), 'ImplicitlyDenied');
  });
});
