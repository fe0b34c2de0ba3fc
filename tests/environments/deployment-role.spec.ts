/** Who may assume the deployment role, and what it never allows. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { POLICY_LIMIT } from '../../infra/environment/boundary.ts';
import { ACCOUNT, REGION } from '../../blueprints/testing.ts';
import type { Account } from './accounts.ts';
import { PLACE, TASK_ROLE, accountOf } from './accounts.ts';
import type { Answer, Call } from './simulator.ts';
import { decide } from './simulator.ts';

const DOOR = `arn:aws:iam::${ACCOUNT}:role/mlops-deployment-main`;
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/mlops-boundary-main`;
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
const OTHER = '222222222222';
const PIPELINE = 'mlops-pipeline-my-model-name-postfix';

const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const sagemaker = (resource: string) => arn('sagemaker', resource);
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const own = role(`${PIPELINE}-execution-role-1234567`);
const bound = (policy: string) => ({ 'iam:PermissionsBoundary': policy });
const pass = (to: string, service: string): Call => ['iam:PassRole', to, { 'iam:PassedToService': service }];
const tagged = (value: string) => ({ 'aws:ResourceTag/mlops:pipeline-id': value });
const asked = (value: string) => ({ 'aws:RequestTag/mlops:pipeline-id': value });
const grant = (context: Record<string, string>, key = arn('kms', 'key/1')): Call => ['kms:CreateGrant', key, context];
const FOR_VOLUMES = { 'kms:GrantIsForAWSResource': 'true', 'kms:ViaService': `sagemaker.${REGION}.amazonaws.com` };

const ALLOWED: readonly Call[] = [
  ['iam:CreateRole', own, bound(BOUNDARY)],
  ['iam:PutRolePolicy', own, bound(BOUNDARY)],
  ['iam:PutRolePermissionsBoundary', own, bound(BOUNDARY)],
  ['iam:DeleteRole', own],
  pass(own, 'sagemaker.amazonaws.com'),
  pass(own, 'lambda.amazonaws.com'),
  ['sagemaker:CreateModel', sagemaker(`model/${PIPELINE}-model-1234567`)],
  ['sagemaker:CreateEndpointConfig', sagemaker(`endpoint-config/${PIPELINE}-endpoint-config-1234567`)],
  ['sagemaker:CreateEndpoint', sagemaker(`endpoint/${PIPELINE}-endpoint-1234567`)],
  ['sagemaker:CreateEndpoint', sagemaker('endpoint/churn'), asked(PIPELINE)],
  ['sagemaker:AddTags', sagemaker('endpoint/churn'), { 'sagemaker:TaggingAction': 'CreateEndpoint' }],
  ['sagemaker:UpdateEndpoint', sagemaker('endpoint/churn'), tagged(PIPELINE)],
  ['sagemaker:DescribeEndpoint', sagemaker('endpoint/another')],
  ['sagemaker:CreateMonitoringSchedule', sagemaker('monitoring-schedule/churn-dataquality-1'), asked(PIPELINE)],
  ['sagemaker:DeleteMonitoringSchedule', sagemaker('monitoring-schedule/churn-dataquality-1'), tagged(PIPELINE)],
  ['lambda:CreateFunction', arn('lambda', `function:${PIPELINE}-inference-1234567`)],
  ['lambda:InvokeFunction', arn('lambda', `function:${PIPELINE}-job-function-1234567`)],
  ['logs:CreateLogGroup', arn('logs', `log-group:${PIPELINE}-inference-log-1234567`)],
  ['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz'],
  ['ecr:DescribeImages', arn('ecr', 'repository/algorithms', OTHER)],
  grant(FOR_VOLUMES),
];

const DENIED: Record<string, readonly Call[]> = {
  'roles without the boundary': [
    ['iam:CreateRole', own],
    ['iam:CreateRole', own, bound(ADMIN)],
    ['iam:CreateRole', own, bound(`arn:aws:iam::${ACCOUNT}:policy/mlops-boundary-dev`)],
    ['iam:PutRolePolicy', own],
    ['iam:PutRolePolicy', own, bound(ADMIN)],
    ['iam:PutRolePermissionsBoundary', own, bound(ADMIN)],
    ['iam:DeleteRolePermissionsBoundary', own],
    ['iam:DeleteRolePermissionsBoundary', own, bound(BOUNDARY)],
    ['iam:AttachRolePolicy', own, { ...bound(BOUNDARY), 'iam:PolicyARN': ADMIN }],
    ['iam:AddRoleToInstanceProfile', `arn:aws:iam::${ACCOUNT}:instance-profile/any`],
  ],
  'roles of others': [
    ['iam:CreateRole', role('admin'), bound(BOUNDARY)],
    ['iam:CreateRole', role('mlops'), bound(BOUNDARY)],
    ['iam:CreateRole', role('service/mlops-pipeline-x'), bound(BOUNDARY)],
    ['iam:PutRolePolicy', role('admin'), bound(BOUNDARY)],
    ['iam:UpdateAssumeRolePolicy', role('admin')],
    ['iam:DeleteRole', role('admin')],
    ['iam:GetRole', role('admin')],
    pass(role('admin'), 'lambda.amazonaws.com'),
    pass(role('OrganizationAccountAccessRole'), 'sagemaker.amazonaws.com'),
    pass(own, 'ec2.amazonaws.com'),
    pass(own, 'ecs-tasks.amazonaws.com'),
    pass(own, 'cloudformation.amazonaws.com'),
    ['iam:PassRole', own],
    [
      'iam:CreateServiceLinkedRole',
      role('aws-service-role/ecs.amazonaws.com/x'),
      { 'iam:AWSServiceName': 'ecs.amazonaws.com' },
    ],
    ['sts:AssumeRole', own],
    ['sts:AssumeRole', role('admin')],
    ['sts:AssumeRole', `arn:aws:iam::${OTHER}:role/mlops-deployment-prod`],
  ],
  'people and accounts': [
    ['iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/any`],
    ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/any`],
    ['iam:CreateLoginProfile', `arn:aws:iam::${ACCOUNT}:user/any`],
    ['iam:AttachUserPolicy', `arn:aws:iam::${ACCOUNT}:user/any`],
    ['iam:CreatePolicy', `arn:aws:iam::${ACCOUNT}:policy/any`],
    ['iam:CreateSAMLProvider', `arn:aws:iam::${ACCOUNT}:saml-provider/any`],
    ['organizations:LeaveOrganization', '*'],
    ['organizations:CreateAccount', '*'],
    ['organizations:DetachPolicy', `arn:aws:organizations::${ACCOUNT}:account/o-example/${OTHER}`],
    ['cloudtrail:StopLogging', arn('cloudtrail', 'trail/any')],
    ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-abcdef')],
    ['ssm:GetParameter', arn('ssm', 'parameter/any')],
    ['ec2:RunInstances', arn('ec2', 'instance/*')],
    ['cloudformation:CreateStack', arn('cloudformation', 'stack/any/1')],
  ],
  data: [
    ['s3:GetObject', 'arn:aws:s3:::another-bucket/any'],
    ['s3:PutObject', 'arn:aws:s3:::another-bucket/any'],
    ['s3:ListAllMyBuckets', '*'],
    ['s3:PutObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz'],
    ['s3:DeleteObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz'],
    ['s3:PutBucketPolicy', 'arn:aws:s3:::assets-bucket'],
    ['s3:DeleteBucket', 'arn:aws:s3:::assets-bucket'],
    ['kms:Decrypt', arn('kms', 'key/1')],
    ['kms:Decrypt', arn('kms', 'key/1', OTHER)],
    ['kms:GenerateDataKey', arn('kms', 'key/1')],
    ['kms:PutKeyPolicy', arn('kms', 'key/1')],
    ['kms:ScheduleKeyDeletion', arn('kms', 'key/1')],
    grant({}),
    grant({ 'kms:GrantIsForAWSResource': 'true' }),
    grant({ ...FOR_VOLUMES, 'kms:ViaService': `s3.${REGION}.amazonaws.com` }),
    grant({ ...FOR_VOLUMES, 'kms:GrantIsForAWSResource': 'false' }),
    ['ecr:PutImage', arn('ecr', 'repository/algorithms')],
    ['ecr:BatchDeleteImage', arn('ecr', 'repository/algorithms')],
    ['ecr:SetRepositoryPolicy', arn('ecr', 'repository/algorithms')],
    ['sagemaker:UpdateModelPackage', sagemaker('model-package/my-group/1')],
    ['sagemaker:DeleteModelPackage', sagemaker('model-package/my-group/1')],
    ['sagemaker:PutModelPackageGroupPolicy', sagemaker('model-package-group/my-group')],
  ],
  'what others made': [
    ['sagemaker:DeleteModel', sagemaker('model/another')],
    ['sagemaker:CreateModel', sagemaker('model/another')],
    ['sagemaker:DeleteEndpointConfig', sagemaker('endpoint-config/another')],
    ['sagemaker:CreateEndpoint', sagemaker('endpoint/churn')],
    ['sagemaker:CreateEndpoint', sagemaker('endpoint/churn'), asked('another')],
    ['sagemaker:UpdateEndpoint', sagemaker('endpoint/churn')],
    ['sagemaker:DeleteEndpoint', sagemaker('endpoint/churn'), tagged('another')],
    // Otherwise a caller who may not delete it could first tag it as a pipeline's.
    ['sagemaker:AddTags', sagemaker('endpoint/churn')],
    ['sagemaker:AddTags', sagemaker('endpoint/churn'), asked(PIPELINE)],
    ['sagemaker:AddTags', sagemaker('endpoint/churn'), tagged('another')],
    ['sagemaker:DeleteMonitoringSchedule', sagemaker('monitoring-schedule/another')],
    ['sagemaker:DeleteModelBiasJobDefinition', sagemaker('model-bias-job-definition/another'), tagged('another')],
    ['sagemaker:InvokeEndpoint', sagemaker('endpoint/another')],
    ['sagemaker:InvokeEndpoint', sagemaker('endpoint/churn'), tagged('another')],
    ['sagemaker:CreateTrainingJob', sagemaker('training-job/any')],
    ['sagemaker:CreateProcessingJob', sagemaker('processing-job/any')],
    ['sagemaker:CreateNotebookInstance', sagemaker('notebook-instance/any')],
    ['sagemaker:CreatePresignedDomainUrl', sagemaker('user-profile/any/any')],
    ['lambda:UpdateFunctionCode', arn('lambda', 'function:another')],
    ['lambda:InvokeFunction', arn('lambda', 'function:another')],
    ['lambda:AddPermission', arn('lambda', `function:${PIPELINE}-inference`), { 'lambda:Principal': '*' }],
    ['lambda:AddPermission', arn('lambda', `function:${PIPELINE}-inference`), { 'lambda:Principal': OTHER }],
    ['lambda:CreateFunctionUrlConfig', arn('lambda', `function:${PIPELINE}-inference`)],
    ['logs:DeleteLogGroup', arn('logs', 'log-group:/aws/cloudtrail')],
    ['logs:GetLogEvents', arn('logs', `log-group:${PIPELINE}-inference-log:log-stream:a`)],
    ['cloudwatch:DeleteAlarms', arn('cloudwatch', 'alarm:another')],
    ['apigateway:DELETE', arn('apigateway', '/apis/a1b2c3', ''), { 'apigateway:Resource/ApiName': 'another' }],
    ['apigateway:POST', arn('apigateway', '/apis', ''), { 'apigateway:Request/ApiName': 'another' }],
    [
      'apigateway:POST',
      arn('apigateway', '/apis/a1b2c3/routes', ''),
      { 'apigateway:Request/RouteAuthorizationType': 'NONE' },
    ],
    ['apigateway:PATCH', arn('apigateway', '/account', '')],
    ['apigateway:DELETE', arn('apigateway', '/restapis/a1b2c3', '')],
    ['apigateway:POST', arn('apigateway', '/domainnames', '')],
    [
      'application-autoscaling:DeregisterScalableTarget',
      arn('application-autoscaling', 'scalable-target/1'),
      { 'application-autoscaling:service-namespace': 'ecs' },
    ],
  ],
  'another region': [
    ['lambda:CreateFunction', `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${PIPELINE}-inference`],
    ['sagemaker:CreateModel', `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:model/${PIPELINE}-model`],
    ['logs:CreateLogGroup', `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:${PIPELINE}-log`],
  ],
};

/** Only the orchestrator's account has topic, image builders and jobs. */
const ORCHESTRATOR_ONLY: readonly Call[] = [
  ['events:PutRule', arn('events', `rule/${PIPELINE}-training-change-1234567`)],
  ['codebuild:CreateProject', arn('codebuild', `project/${PIPELINE}-build-1234567`)],
  ['codepipeline:CreatePipeline', arn('codepipeline', `${PIPELINE}-pipeline-1234567`)],
  ['s3:CreateBucket', `arn:aws:s3:::${PIPELINE}-artifacts-1234567`],
  pass(own, 'codebuild.amazonaws.com'),
  pass(own, 'events.amazonaws.com'),
];

const title = ([action, resource, context]: Call) =>
  `${action} on ${resource}${context ? ` with ${JSON.stringify(context)}` : ''}`;

describe('the deployment role', () => {
  let environment: Account;
  let orchestrator: Account;

  before(async () => {
    environment = await accountOf(['environments']);
    orchestrator = await accountOf(['orchestrator']);
  });

  const answers = async (account: Account, call: Call) =>
    await decide({ identity: account.permissions, boundary: account.ceiling, principal: DOOR }, call);

  describe('may', () => {
    for (const call of ALLOWED) {
      it(title(call), async () => assert.equal(await answers(environment, call), 'Allowed'));
    }
  });

  for (const [what, calls] of Object.entries(DENIED)) {
    describe(`may not touch ${what}:`, () => {
      for (const call of calls) {
        it(title(call), async () => {
          assert.notEqual(await answers(environment, call), 'Allowed', 'in an environment account');
          assert.notEqual(await answers(orchestrator, call), 'Allowed', 'in the orchestrator’s account');
        });
      }
    });
  }

  describe('in an environment account makes no', () => {
    for (const call of ORCHESTRATOR_ONLY) {
      it(title(call), async () => {
        assert.equal(await answers(environment, call), 'ImplicitlyDenied');
        assert.equal(await answers(orchestrator, call), 'Allowed');
      });
    }
  });

  describe('cannot change its own door, whatever the prefix of pipelines is', () => {
    const own: readonly Call[] = [
      ['iam:UpdateAssumeRolePolicy', DOOR],
      ['iam:DeleteRole', DOOR],
      ['iam:PutRolePolicy', DOOR, bound(BOUNDARY)],
      ['iam:PutRolePermissionsBoundary', DOOR, bound(BOUNDARY)],
      ['iam:TagRole', DOOR],
      pass(DOOR, 'lambda.amazonaws.com'),
      ['iam:CreatePolicyVersion', BOUNDARY],
      ['iam:DeletePolicy', BOUNDARY],
      ['iam:SetDefaultPolicyVersion', `arn:aws:iam::${ACCOUNT}:policy/mlops-deployment-main-roles`],
    ];
    for (const call of own) {
      it(title(call), async () => {
        // One of another orchestrator in the account, or its own: the prefix matches both.
        const careless = await accountOf(['environments', 'orchestrator'], { pipelinePrefix: 'mlops' });
        assert.equal(await answers(careless, call), 'ExplicitlyDenied');
      });
    }
  });

  it('is kept to the buckets that are named', async () => {
    const { permissions } = await accountOf(['environments'], { dataBuckets: ['team-*'] });
    const of = async (bucket: string): Promise<Answer> =>
      await decide({ identity: permissions }, ['s3:ListBucket', `arn:aws:s3:::${bucket}`]);
    assert.deepEqual(
      [await of('team-a'), await of('assets-bucket'), await of('payroll')],
      ['Allowed', 'Allowed', 'ImplicitlyDenied'],
    );
  });

  it('is kept to the keys that are named', async () => {
    const mine = arn('kms', 'key/mine');
    const { permissions } = await accountOf(['environments'], { dataKeyArns: [mine] });
    const of = async (key: string): Promise<Answer> => await decide({ identity: permissions }, grant(FOR_VOLUMES, key));
    assert.deepEqual([await of(mine), await of(arn('kms', 'key/another'))], ['Allowed', 'ImplicitlyDenied']);
  });

  it('is trusted to exactly the task role, with the external id', async () => {
    const trust = JSON.parse(String(environment.made.find('Role', 'account-role').inputs.assumeRolePolicy)) as unknown;
    assert.deepEqual(trust, {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { AWS: TASK_ROLE },
          Condition: { StringEquals: { 'sts:ExternalId': 'mlops' } },
        },
      ],
    });
    for (const [principal, externalId, wanted] of [
      [TASK_ROLE, 'mlops', 'Allowed'],
      [TASK_ROLE, 'another', 'ImplicitlyDenied'],
      ['arn:aws:iam::999999999999:role/another', 'mlops', 'ImplicitlyDenied'],
      [`arn:aws:iam::${OTHER}:role/mlops-task`, 'mlops', 'ImplicitlyDenied'],
    ] as const) {
      const everything = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }] };
      const answer = await decide({ identity: [everything], resource: trust as never, principal }, [
        'sts:AssumeRole',
        DOOR,
        { 'sts:ExternalId': externalId },
      ]);
      assert.equal(answer, wanted, `${principal} ${externalId}`);
    }
  });

  it('and the boundary have the names and the outputs that the service is set up with', () => {
    const { made } = environment;
    assert.equal(made.find('Role', 'account-role').inputs.name, 'mlops-deployment-main');
    assert.equal(made.find('Policy', 'account-boundary').inputs.name, 'mlops-boundary-main');
    assert.deepEqual(Object.keys(made.outputs).sort(), ['deploymentRoleArn', 'permissionsBoundaryArn']);
  });

  it('is made before the boundary, so that the boundary is the first to go', () => {
    const { made } = environment;
    const { dependencies } = made.find('Policy', 'account-boundary');
    const before = made.resources.filter(
      ({ type, name }) => /:(Role|RolePolicyAttachment)$/.test(type) && name !== 'account-fence-role',
    );
    assert.ok(before.length > 5);
    for (const { name } of before) assert.ok(dependencies.includes(name), name);
  });

  it('has no more policies than IAM attaches, and none longer than it takes', async () => {
    const longest = await accountOf(['environments', 'orchestrator'], {
      place: { ...PLACE, partition: 'aws-us-gov', region: 'ap-northeast-1' },
      environment: 'staging',
      pipelinePrefix: 'a-prefix-of-twenty-c',
      assetsBucket: 'a'.repeat(63),
      offLimits: ['arn:aws:s3:::state', 'arn:aws:s3:::state/*', arn('kms', 'key/12345678-1234-1234-1234-123456789012')],
    });
    assert.ok(longest.permissions.length <= 10);
    for (const document of [...longest.permissions, longest.boundary, longest.ceiling]) {
      assert.ok(JSON.stringify(document).replace(/\s/g, '').length <= POLICY_LIMIT);
    }
  });
});
