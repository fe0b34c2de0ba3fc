/** Hints for errors of AWS: each pattern has a text that it is for, and three that come close and are not. */
import assert from 'node:assert/strict';
import { HINTS, describeFailure } from '../../../automation/stacks/child/pulumi-errors.ts';

/** Text as the provider prints it. */
const failed = (operation: string, code: string, message: string) =>
  `creating X (x): operation error SageMaker: ${operation}, https response error StatusCode: 400, RequestID: 48a4eeb3-c1c3-4d9b, api error ${code}: ${message}`;
const invalid = (message: string) => failed('CreateModel', 'ValidationException', message);
/** What the provider says of an endpoint that did not come up. */
const endpoint = (reason: string) =>
  `waiting for SageMaker AI Endpoint (e) to be created: unexpected state 'Failed', wanted target 'InService'. last error: ${reason}`;
const control = (error: string) =>
  `waiting for Cloud Control API (AWS::SageMaker::ModelBiasJobDefinition) Resource (d) create: unexpected state 'FAILED', wanted target 'SUCCESS'. last error: ${error}`;
/** A name or a tag of someone's own. */
const quoted = (words: string) => invalid(`The tag "${words}" is not valid`);

const DENIED = 'User: arn:aws:sts::111111111111:assumed-role/x/y is not authorized to perform:';

interface Row {
  hint: string;
  given: string;
  not: [string, string, string, ...string[]];
}

const ROWS: readonly Row[] = [
  {
    hint: 'cannot be assumed',
    given:
      'unable to validate AWS credentials: operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 48a4eeb3-c1c3, api error AccessDenied: no',
    not: [
      quoted('operation error STS: AssumeRole, x'),
      'operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 400',
      'operation error STS: GetCallerIdentity, https response error StatusCode: 403',
    ],
  },
  {
    hint: 'cannot be assumed',
    given: 'Details: Cannot assume IAM Role. IAM Role (arn:aws:iam::1:role/mlops-deployment-dev) cannot be assumed.',
    not: [
      invalid('Could not assume role arn:aws:iam::1:role/x.'),
      quoted('Cannot assume IAM Role.'),
      'Cannot assume IAM Role names longer than 64 characters',
    ],
  },
  {
    hint: 'cannot be assumed',
    given: `AccessDenied: ${DENIED} sts:AssumeRole on resource: arn:aws:iam::1:role/x`,
    not: [
      failed('CreateRole', 'MalformedPolicyDocument', 'AssumeRole policy may only specify STS AssumeRole actions.'),
      'The role named churn-AssumeRole-1 was not found',
      `${DENIED} sts:TagSession on resource: x`,
    ],
  },
  {
    hint: 'no longer opens this feature',
    given: failed(
      'CreateMonitoringSchedule',
      'ValidationException',
      'Model Monitor is no longer open to new customers.',
    ),
    not: [
      'Endpoint churn is no longer available',
      'new customers can apply for a quota',
      'The connection is no longer open',
      quoted('this is no longer open to new customers'),
    ],
  },
  {
    hint: 'no longer opens this feature',
    given: failed('CreateDataQualityJobDefinition', 'AccessDeniedException', 'Your account cannot use this operation.'),
    not: [
      failed(
        'CreateDataQualityJobDefinition',
        'AccessDeniedException',
        `${DENIED} sagemaker:CreateDataQualityJobDefinition on resource: x`,
      ),
      failed('CreateModel', 'AccessDeniedException', 'Your account cannot use this operation.'),
      failed('DescribeMonitoringSchedule', 'AccessDeniedException', 'Your account cannot use this operation.'),
      failed('CreateMonitoringSchedule', 'ValidationException', 'The cron expression is not valid'),
    ],
  },
  {
    hint: 'no longer opens this feature',
    given: control('AccessDenied: Your account cannot use this operation.'),
    not: [
      control(`AccessDenied: ${DENIED} sagemaker:CreateModelBiasJobDefinition on resource: x`),
      control('AlreadyExists: AccessDenied'),
      control('AccessDenied: Your account cannot use this operation.').replace('SageMaker::ModelBias', 'Lambda::'),
    ],
  },
  {
    hint: 'lacks the permission',
    given: `creating SageMaker AI Model (x): ${DENIED} sagemaker:CreateModel on resource: y`,
    not: [
      invalid('Could not access model data at s3://b/m.tar.gz. Ensure that it is authorized.'),
      'The log group AccessDenied-reports does not exist',
      'The caller is not authorized yet',
      quoted(`${DENIED} sagemaker:CreateModel`),
    ],
  },
  {
    hint: 'credentials are not valid',
    given: 'error configuring the provider: No valid credential sources found. Please see the documentation.',
    not: [
      'The export token ExpiredToken-1 is part of a name',
      failed('PutObject', 'InvalidToken', 'bad'),
      quoted('No valid credential sources found'),
    ],
  },
  {
    hint: 'credentials are not valid',
    given:
      'operation error SageMaker: DescribeModel, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found',
    not: [
      'A credential for Docker is missing',
      quoted('failed to refresh cached credentials, x'),
      'refreshing cached credentials took 3 s',
    ],
  },
  {
    hint: 'has no capacity for this instance type',
    given: 'CapacityError: There is none.',
    not: [endpoint('x'), 'The SERVICE price list is not available: OFFICE DEVICE', quoted('CapacityError: x')],
  },
  {
    hint: 'has no capacity for this instance type',
    given: endpoint('Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.'),
    not: [
      'insufficient capacity units for the table',
      quoted('Unable to provision requested ML compute capacity'),
      endpoint('Unable to provision requested storage'),
    ],
  },
  {
    hint: 'A quota of the account',
    given: 'ResourceLimitExceeded: The limit is 0.',
    not: [
      invalid('The name ResourceLimitExceeded is not allowed.'),
      'The quota notice was sent',
      failed('GetServiceQuota', 'NoSuchResourceException', 'ServiceQuota L-1 does not exist'),
    ],
  },
  {
    hint: 'throttled the calls',
    given: 'AWS: Rate exceeded',
    not: [
      'The throttling limit of the stage must be positive',
      'Rate exceeded by the model: 3 invocations',
      failed('CreateStage', 'BadRequestException', 'Invalid Throttling settings'),
      'The alarm is called Rate exceeded',
    ],
  },
  {
    hint: 'already exists outside this stack',
    given: invalid('Cannot create already existing endpoint "x".'),
    not: [
      invalid('A lifecycle that already exists must not change.'),
      quoted('Cannot create already existing endpoint'),
      'The directory already exists',
    ],
  },
  {
    hint: 'already exists outside this stack',
    given: 'creating Lambda Function (x): ResourceConflictException: Function already exist: x',
    not: [
      failed(
        'CreateFunction',
        'ResourceConflictException',
        'The operation cannot be performed: an update is in progress.',
      ),
      quoted('Function already exist'),
      'Function already existed before, and was deleted',
    ],
  },
  {
    hint: 'already exists outside this stack',
    given: 'ValidationException: Job name must be unique within an AWS account and region, and a job with it exists.',
    not: [
      'Job name must be shorter than 63 characters',
      quoted('Job name must be unique within an AWS account and region'),
      'A job name is unique within an AWS account',
    ],
  },
  {
    hint: 'model artifact does not exist at the given key',
    given: invalid('Could not find model data at s3://b/m.tar.gz.'),
    not: [
      'The model artifact was signed',
      invalid('Could not find model "m".'),
      'The key NoSuchKeyword is unknown',
      quoted('Could not access model data at s3://b'),
    ],
  },
  {
    hint: 'container image cannot be pulled',
    given: 'CannotPullContainerError: pull access denied',
    not: [
      'The image build of the project does not exist',
      'RepositoryNotFound is the name of a branch',
      quoted('CannotPullContainerError: x'),
    ],
  },
  {
    hint: 'container image cannot be pulled',
    given: invalid('Requested image 1.dkr.ecr.us-east-1.amazonaws.com/a:1 not found.'),
    not: [
      'the image is large and the endpoint was not found',
      'Requested image size not in the limits',
      quoted('Requested image a not found'),
    ],
  },
  {
    hint: 'container image cannot be pulled',
    given: invalid("The image 'a:1' does not exist in the repository."),
    not: [
      'The image does not exist',
      "The image 'a:1' does not exist in the local cache",
      quoted("The image 'a' does not exist in the repository"),
    ],
  },
  {
    hint: 'provider process ended',
    given: 'rpc error: code = Unavailable desc = error reading from server: EOF',
    not: [
      failed('CreateVpcLink', 'BadRequestException', 'The connection is closing.'),
      'An error reading from server certificates was ignored',
      quoted('connection error: desc = x'),
    ],
  },
  {
    hint: 'provider process ended',
    given: 'rpc error: code = Unavailable desc = transport is closing',
    not: ['The transport is closing its doors', quoted('transport is closing'), 'closing transport takes a while'],
  },
  {
    hint: 'provider process ended',
    given:
      'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:4567: connect: connection refused"',
    not: [
      failed('CreateRole', 'ServiceFailure', 'connection error'),
      'a connection error: nothing came back',
      quoted('closing transport due to: x'),
    ],
  },
  {
    hint: 'GET /ping',
    given: endpoint('The primary container for production variant AllTraffic did not pass the ping health check.'),
    not: [
      'ping failed',
      'The health check of the load balancer failed',
      'did not pass the model check',
      endpoint('The primary container for production variant AllTraffic did not pass the model check.'),
    ],
  },
];

describe('hints for errors of AWS', () => {
  for (const { hint, given, not } of ROWS) {
    it(`"…${hint}…" for: ${given.slice(0, 90)}`, () => {
      assert.ok(describeFailure(given).hint?.includes(hint), describeFailure(given).hint);
      for (const text of not) {
        assert.ok(!describeFailure(text).hint?.includes(hint), `${text}: ${describeFailure(text).hint}`);
      }
    });
  }

  it('each pattern has a text in the table that no other pattern of its hint is for', () => {
    for (const { words, hint } of HINTS) {
      const rows = ROWS.filter((row) => hint.includes(row.hint));
      for (const pattern of words) {
        const alone = rows.filter(({ given }) =>
          words.filter((one) => one.test(given)).every((one) => one === pattern),
        );
        assert.ok(
          alone.some(({ given }) => pattern.test(given)),
          `no text for ${pattern.source}`,
        );
      }
    }
  });

  it('each code of AWS gives its hint, and no code that is merely similar', () => {
    for (const { codes, hint } of HINTS) {
      for (const code of codes) {
        assert.equal(describeFailure(failed('CreateModel', code, 'x')).hint, hint, code);
        for (const near of [`${code}X`, `X${code}`, code.toLowerCase()]) {
          if (HINTS.some((one) => one.codes.includes(near))) continue;
          assert.equal(describeFailure(failed('CreateModel', near, 'x')).hint, undefined, near);
        }
      }
    }
  });
});
