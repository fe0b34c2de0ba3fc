/** What the roles of a real-time pipeline may do and may not do, asked of an IAM simulator with the policies as the component makes them. */
import assert from 'node:assert/strict';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { before, describe, it } from 'mocha';
import { realtimeBuiltin } from '../../blueprints/realtime-inference/index.ts';
import { program } from '../../blueprints/realtime-inference/program.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, RANDOM, REGION, run } from '../../blueprints/testing.ts';

const NAME = 'mlops-pipeline-my-model-name-postfix';
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const OTHER_KEY = `arn:aws:kms:${REGION}:222222222222:key/12345678-1234-1234-1234-123456789012`;
const PACKAGE = `arn:aws:sagemaker:${REGION}:${ACCOUNT}:model-package/my-group/1`;

/** One call, and the condition keys of its request. */
type Call = readonly [action: string, resource: string, context?: Record<string, string>];

const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const image = (repository: string, account = '811284229777') => arn('ecr', `repository/${repository}`, account);
const endpoint = (name: string) => arn('sagemaker', `endpoint/${name}`);
const stream = (group: string) => arn('logs', `log-group:${group}:log-stream:a`);
const group = (name: string) => arn('logs', `log-group:${name}`);
const metrics = (namespace: string): Call => ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': namespace }];

/** Nothing of ours has any business with these. */
const NEVER: readonly Call[] = [
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/${NAME}-execution-role-${RANDOM}`],
  ['iam:CreateRole', `arn:aws:iam::${ACCOUNT}:role/any`],
  ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/${NAME}-execution-role-${RANDOM}`],
  ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/${NAME}-execution-role-${RANDOM}`],
  ['sts:AssumeRole', 'arn:aws:iam::222222222222:role/any'],
  ['lambda:InvokeFunction', arn('lambda', `function:${NAME}-inference-${RANDOM}`)],
  ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-abcdef')],
  ['sagemaker:CreateEndpoint', endpoint('my-builtin-endpoint')],
  ['sagemaker:DeleteEndpoint', endpoint('my-builtin-endpoint')],
  ['sagemaker:InvokeEndpoint', endpoint('another')],
  ['s3:DeleteObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz'],
  ['s3:PutObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz'],
  ['s3:GetObject', 'arn:aws:s3:::another-bucket/path/to/model.tar.gz'],
  ['s3:PutBucketPolicy', 'arn:aws:s3:::my-bucket'],
  ['ecr:PutImage', image('xgboost')],
  ['logs:DeleteLogGroup', group(`${NAME}-inference-log-${RANDOM}`)],
  ['logs:GetLogEvents', stream('/aws/sagemaker/Endpoints/my-builtin-endpoint')],
  ['kms:Decrypt', OTHER_KEY],
  ['kms:ScheduleKeyDeletion', KEY],
];

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
const WITHOUT_RESOURCES = ['ecr:GetAuthorizationToken', 'cloudwatch:PutMetricData'];

type Role = 'execution' | 'inference';

function document(made: Run, role: Role): unknown {
  return JSON.parse(String(made.find('RolePolicy', `${NAME}-${role}-policy`).inputs.policy));
}

async function answer(made: Run, role: Role, [action, resource, context = {}]: Call): Promise<string> {
  const response = await runSimulation(
    {
      identityPolicies: [{ name: role, policy: document(made, role) }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      // Other accounts' resources are asked as if their owners let everybody in: our side is what is tried.
      ...(/^arn:aws:(kms|ecr)/.test(resource) ? { resourcePolicy: openTo(resource) } : {}),
      request: {
        action,
        principal: `arn:aws:iam::${ACCOUNT}:role/${NAME}-${role}-role-${RANDOM}`,
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
  return {
    Version: '2012-10-17',
    Statement: [service === 'kms' ? { ...statement, Resource: '*' } : statement],
  };
}

function allows(made: () => Run, role: Role, calls: readonly Call[]): void {
  for (const call of calls) {
    it(`may ${call[0]} on ${call[1]}${call[2] ? ` with ${JSON.stringify(call[2])}` : ''}`, async () => {
      assert.equal(await answer(made(), role, call), 'Allowed');
    });
  }
}

function refuses(made: () => Run, role: Role, calls: readonly Call[]): void {
  for (const call of calls) {
    it(`may not ${call[0]} on ${call[1]}${call[2] ? ` with ${JSON.stringify(call[2])}` : ''}`, async () => {
      assert.equal(await answer(made(), role, call), 'ImplicitlyDenied');
    });
  }
}

/** The policies of one request, made once. */
function policiesOf(changes: Record<string, unknown>): () => Run {
  let made: Run | undefined;
  before(async () => {
    made = await run(program, { ...realtimeBuiltin.example, ...changes });
  });
  return () => {
    assert.ok(made);
    return made;
  };
}

describe('the policies of a real-time pipeline', () => {
  describe('execution role', () => {
    const made = policiesOf({});
    const log = '/aws/sagemaker/Endpoints/my-builtin-endpoint';
    allows(made, 'execution', [
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz'],
      ['s3:ListBucket', 'arn:aws:s3:::assets-bucket', { 's3:prefix': 'path/to/model.tar.gz' }],
      ['s3:PutObject', 'arn:aws:s3:::my-bucket/my-prefix/my-builtin-endpoint/AllTraffic/2030/01/01/00/a.jsonl'],
      ['ecr:BatchCheckLayerAvailability', image('xgboost')],
      ['ecr:BatchGetImage', image('xgboost')],
      ['ecr:GetDownloadUrlForLayer', image('xgboost')],
      ['ecr:GetAuthorizationToken', '*'],
      ['logs:CreateLogGroup', group(log)],
      ['logs:DescribeLogStreams', group(log)],
      ['logs:CreateLogStream', stream(log)],
      ['logs:PutLogEvents', stream(log)],
      metrics('/aws/sagemaker/Endpoints'),
      metrics('AWS/SageMaker'),
    ]);
    refuses(made, 'execution', [
      ...NEVER,
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/another.tar.gz'],
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz.bak'],
      ['s3:GetObject', 'arn:aws:s3:::my-bucket/my-prefix/captured.jsonl'],
      ['s3:ListBucket', 'arn:aws:s3:::assets-bucket', { 's3:prefix': 'path/' }],
      ['s3:ListBucket', 'arn:aws:s3:::assets-bucket'],
      ['s3:PutObject', 'arn:aws:s3:::my-bucket/another-prefix/a.jsonl'],
      ['s3:PutObject', 'arn:aws:s3:::my-bucket/my-prefix-2/a.jsonl'],
      ['ecr:BatchGetImage', image('another')],
      ['ecr:BatchGetImage', image('xgboost', '222222222222')],
      ['logs:CreateLogGroup', group('/aws/sagemaker/Endpoints/another')],
      ['logs:PutLogEvents', stream('/aws/sagemaker/Endpoints/my-builtin-endpoint-2')],
      ['logs:PutLogEvents', stream('/aws/lambda/any')],
      metrics('AWS/Billing'),
      ['sagemaker:InvokeEndpoint', endpoint('my-builtin-endpoint')],
      ['kms:Decrypt', KEY],
    ]);
  });

  describe('execution role of an endpoint with a generated name', () => {
    const made = policiesOf({ endpoint_name: undefined });
    allows(made, 'execution', [
      ['logs:PutLogEvents', stream(`/aws/sagemaker/Endpoints/${NAME}-endpoint-${RANDOM}`)],
      ['logs:CreateLogGroup', group(`/aws/sagemaker/Endpoints/${NAME}-endpoint-${RANDOM}`)],
    ]);
    refuses(made, 'execution', [['logs:PutLogEvents', stream('/aws/sagemaker/Endpoints/another-endpoint-1234567')]]);
  });

  describe('execution role with a key', () => {
    const made = policiesOf({ kms_key_arn: KEY });
    allows(made, 'execution', [
      ['kms:Decrypt', KEY],
      ['kms:Encrypt', KEY],
      ['kms:DescribeKey', KEY],
      ['kms:GenerateDataKey', KEY],
      ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'true' }],
    ]);
    refuses(made, 'execution', [
      ...NEVER,
      ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'false' }],
      ['kms:GenerateDataKey', OTHER_KEY],
      ['kms:CreateGrant', OTHER_KEY, { 'kms:GrantIsForAWSResource': 'true' }],
    ]);
  });

  describe('execution role in registry mode', () => {
    const made = policiesOf({ model_package_name: PACKAGE });
    allows(made, 'execution', [
      ['sagemaker:DescribeModelPackage', PACKAGE],
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/whatever/the/package/names.tar.gz'],
      ['ecr:BatchGetImage', image('sagemaker-xgboost', '683313688378')],
      ['ecr:BatchGetImage', image('my-algorithm', ACCOUNT)],
    ]);
    refuses(made, 'execution', [
      ...NEVER,
      ['sagemaker:DescribeModelPackage', arn('sagemaker', 'model-package/my-group/2')],
      ['sagemaker:UpdateModelPackage', PACKAGE],
    ]);
  });

  describe('execution role with keys that IAM would read as patterns', () => {
    const made = policiesOf({
      model_artifact_location: 'b?/${aws:userid}.tar.gz',
      data_capture_location: 'my-bucket/c*',
    });
    allows(made, 'execution', [
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/b?/${aws:userid}.tar.gz'],
      ['s3:ListBucket', 'arn:aws:s3:::assets-bucket', { 's3:prefix': 'b?/${aws:userid}.tar.gz' }],
      ['s3:PutObject', 'arn:aws:s3:::my-bucket/c*/a.jsonl'],
    ]);
    refuses(made, 'execution', [
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/bd/${aws:userid}.tar.gz'],
      ['s3:PutObject', 'arn:aws:s3:::my-bucket/cd/a.jsonl'],
    ]);
  });

  describe('inference role', () => {
    const made = policiesOf({ kms_key_arn: KEY });
    const log = `${NAME}-inference-log-${RANDOM}`;
    allows(made, 'inference', [
      ['sagemaker:InvokeEndpoint', endpoint('my-builtin-endpoint')],
      ['logs:CreateLogStream', stream(log)],
      ['logs:PutLogEvents', stream(log)],
    ]);
    refuses(made, 'inference', [
      ...NEVER,
      ['sagemaker:InvokeEndpoint', endpoint('my-builtin-endpoint-2')],
      ['sagemaker:InvokeEndpointAsync', endpoint('my-builtin-endpoint')],
      ['logs:CreateLogGroup', group(log)],
      ['logs:PutLogEvents', stream(`${NAME}-api-access-log`)],
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz'],
      ['kms:Decrypt', KEY],
      metrics('AWS/SageMaker'),
    ]);
  });

  describe('roles of a serverless endpoint', () => {
    const made = policiesOf({ endpoint: { serverless: { memory_size_in_mb: 1024, max_concurrency: 1 } } });
    allows(made, 'execution', [['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/model.tar.gz']]);
    refuses(made, 'execution', [
      ...NEVER,
      ['s3:PutObject', 'arn:aws:s3:::my-bucket/my-prefix/my-builtin-endpoint/AllTraffic/2030/01/01/00/a.jsonl'],
    ]);
    allows(made, 'inference', [['sagemaker:InvokeEndpoint', endpoint('my-builtin-endpoint')]]);
  });

  describe('roles of an asynchronous endpoint', () => {
    const asynchronous = {
      input_location: 'in-bucket/pay*loads',
      output_location: 'out-bucket/answers',
      failure_location: 'out-bucket/failures',
      success_topic_arn: arn('sns', 'results'),
      error_topic_arn: arn('sns', 'errors'),
    };
    const made = policiesOf({ endpoint: { asynchronous } });
    allows(made, 'execution', [
      ['s3:GetObject', 'arn:aws:s3:::in-bucket/pay*loads/1.csv'],
      ['s3:ListBucket', 'arn:aws:s3:::in-bucket', { 's3:prefix': 'pay*loads/1.csv' }],
      ['s3:PutObject', 'arn:aws:s3:::out-bucket/answers/1.out'],
      ['s3:AbortMultipartUpload', 'arn:aws:s3:::out-bucket/answers/1.out'],
      ['s3:PutObject', 'arn:aws:s3:::out-bucket/failures/1.out'],
      ['s3:PutObject', 'arn:aws:s3:::my-bucket/my-prefix/a.jsonl'],
      ['sns:Publish', arn('sns', 'results')],
      ['sns:Publish', arn('sns', 'errors')],
    ]);
    refuses(made, 'execution', [
      ...NEVER,
      ['s3:GetObject', 'arn:aws:s3:::in-bucket/payment-loads/1.csv'],
      ['s3:GetObject', 'arn:aws:s3:::in-bucket/another/1.csv'],
      ['s3:GetObject', 'arn:aws:s3:::out-bucket/answers/1.out'],
      ['s3:ListBucket', 'arn:aws:s3:::in-bucket', { 's3:prefix': 'another/' }],
      ['s3:PutObject', 'arn:aws:s3:::in-bucket/pay*loads/1.csv'],
      ['s3:PutObject', 'arn:aws:s3:::out-bucket/another/1.out'],
      ['sns:Publish', arn('sns', 'another')],
      ['sns:Subscribe', arn('sns', 'results')],
    ]);
    allows(made, 'inference', [['sagemaker:InvokeEndpointAsync', endpoint('my-builtin-endpoint')]]);
    refuses(made, 'inference', [
      ...NEVER,
      ['sagemaker:InvokeEndpoint', endpoint('my-builtin-endpoint')],
      ['sagemaker:InvokeEndpointAsync', endpoint('another')],
      ['s3:GetObject', 'arn:aws:s3:::in-bucket/pay*loads/1.csv'],
      ['s3:GetObject', 'arn:aws:s3:::out-bucket/answers/1.out'],
    ]);
  });

  describe('execution role of an asynchronous endpoint whose payloads lie in the root of a bucket', () => {
    const asynchronous = { input_location: 'in-bucket', output_location: 'out-bucket' };
    const made = policiesOf({ endpoint: { asynchronous } });
    allows(made, 'execution', [
      ['s3:GetObject', 'arn:aws:s3:::in-bucket/1.csv'],
      ['s3:PutObject', 'arn:aws:s3:::out-bucket/1.out'],
    ]);
    refuses(made, 'execution', [...NEVER, ['sns:Publish', arn('sns', 'results')]]);
  });

  describe('execution role of a guarded deployment', () => {
    const deployment = { strategy: 'all_at_once', wait_seconds: 0, termination_wait_seconds: 0 };
    const alarm = (name: string): Call => ['cloudwatch:DescribeAlarms', arn('cloudwatch', `alarm:${name}`)];
    const own = policiesOf({ endpoint: { deployment } });
    allows(own, 'execution', [alarm('my-builtin-endpoint-5xx-errors'), alarm('my-builtin-endpoint-model-latency')]);
    refuses(own, 'execution', [...NEVER, alarm('another')]);
    const named = policiesOf({ endpoint: { deployment: { ...deployment, alarms: ['mine', 'your*s'] } } });
    allows(named, 'execution', [alarm('mine'), alarm('your*s')]);
    refuses(named, 'execution', [
      alarm('my-builtin-endpoint-5xx-errors'),
      alarm('yours'),
      ['cloudwatch:SetAlarmState', arn('cloudwatch', 'alarm:mine')],
    ]);
  });

  describe('trust', () => {
    const made = policiesOf({});
    const trust = (role: Role) =>
      JSON.parse(String(made().find('Role', `${NAME}-${role}-role`).inputs.assumeRolePolicy)) as {
        Statement: Record<string, unknown>[];
      };

    it('lets SageMaker take the execution role for this account only', () => {
      assert.deepEqual(trust('execution').Statement, [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
        },
      ]);
    });

    it('lets Lambda take the inference role', () => {
      assert.deepEqual(trust('inference').Statement, [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      ]);
    });
  });

  it('have no action with a wildcard, and all resources only where AWS offers nothing else', async () => {
    for (const changes of [{}, { kms_key_arn: KEY }, { model_package_name: PACKAGE }]) {
      const made = await run(program, { ...realtimeBuiltin.example, ...changes });
      for (const role of ['execution', 'inference'] as const) {
        const { Statement } = document(made, role) as { Statement: { Action: string | string[]; Resource: unknown }[] };
        const actions = Statement.flatMap((statement) => statement.Action);
        assert.deepEqual(
          actions.filter((action) => action.includes('*')),
          [],
        );
        const onAll = Statement.filter((statement) => [statement.Resource].flat().includes('*'));
        assert.deepEqual(
          onAll.flatMap((statement) => statement.Action).filter((action) => !WITHOUT_RESOURCES.includes(action)),
          [],
        );
      }
    }
  });
});
