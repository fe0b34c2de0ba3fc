import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import {
  FailureCollector,
  describeFailure,
  isLocked,
  isPlanViolation,
  isUnknownStack,
  planViolationIn,
} from '../../../automation/stacks/child/pulumi-errors.ts';

const URN = 'urn:pulumi:demo.dev::byom-demo::aws:iam/role:Role::bad';

function diagnostic(message: string, urn?: string): EngineEvent {
  return {
    sequence: 1,
    timestamp: 1,
    diagnosticEvent: { prefix: 'error: ', message, color: 'never', severity: 'error', ...(urn ? { urn } : {}) },
  } as EngineEvent;
}

describe('Pulumi errors', () => {
  it('reports the resource that failed, with AWS’ code, request id and a hint', () => {
    const failures = new FailureCollector();
    failures.add(diagnostic('update failed\n'));
    failures.add(
      diagnostic(
        'creating IAM Role (x): operation error IAM: CreateRole, https response error StatusCode: 403, RequestID: 0a1b2c3d-1111, api error AccessDenied: not allowed\n',
        URN,
      ),
    );
    const error = failures.toStageError(new Error('code: -2'));
    assert.equal(error.code, 'OPERATION_FAILED');
    assert.equal(error.urn, URN);
    assert.equal(error.providerCode, 'AccessDenied');
    assert.equal(error.requestId, '0a1b2c3d-1111');
    assert.match(error.hint ?? '', /deployment role/);
  });

  it('reports the error that SageMaker returned to the function that starts a job, not that a function failed', () => {
    const payload = JSON.stringify({
      errorType: 'ResourceLimitExceeded',
      errorMessage: 'The account-level service limit is 0 Instances.',
      trace: ['ResourceLimitExceeded: The account-level (service) limit'],
    });
    for (const text of [
      `invoking Lambda Function (f-1): ${payload}`,
      `1 error occurred:\n\t* invoking Lambda Function (f-1): ${payload}\n\n`,
      // Providers before 2026.
      `invoking Lambda Function (f-1): Lambda function (f-1) returned error: (${payload})`,
    ]) {
      const failures = new FailureCollector();
      failures.add(diagnostic(text, URN));
      const error = failures.toStageError(new Error(''));
      assert.equal(error.message, 'ResourceLimitExceeded: The account-level service limit is 0 Instances.');
      assert.equal(error.providerCode, 'ResourceLimitExceeded');
      assert.match(error.hint ?? '', /quota/);
    }
    for (const text of [
      `creating Lambda Function (f-1): ${payload}`,
      'invoking Lambda Function (f-1): operation error Lambda: Invoke, exceeded maximum number of attempts',
      `invoking Lambda Function (f-1): {"errorType": }`,
    ]) {
      assert.equal(describeFailure(text).message, text);
    }
  });

  it('reads a code that AWS’ API model lists, which is printed without "api error"', () => {
    const failures = new FailureCollector();
    const text =
      'creating SageMaker AI Endpoint (x): operation error SageMaker: CreateEndpoint, https response error StatusCode: 400, RequestID: 48a4eeb3-c1c3, ResourceLimitExceeded: The limit is 0.';
    failures.add(diagnostic(text, URN));
    const error = failures.toStageError(new Error(''));
    assert.equal(error.providerCode, 'ResourceLimitExceeded');
    assert.match(error.hint ?? '', /quota/);
  });

  it('falls back on the output of the CLI if no event has the error', () => {
    const thrown = new Error(
      'code: -2\n stdout: \n stderr: Command failed with exit code 1: pulumi up\nerror: could not load plugin for aws provider\n err?: …',
    );
    assert.equal(new FailureCollector().toStageError(thrown).message, 'could not load plugin for aws provider');
  });

  it('says of a provider that ended before it answered that a retry looks for what it created', () => {
    assert.match(describeFailure('error reading from server: EOF').hint ?? '', /retry/);
    assert.equal(describeFailure('CreateRole: connection error, RequestID: 0a1b2c3d').hint, undefined);
  });

  it('knows a lock and an unknown stack by the words of the CLI', () => {
    assert.ok(isLocked(new Error('error: the stack is currently locked by 1 lock(s). Either wait …')));
    assert.ok(isLocked(new Error('error: [409] Conflict: Another update is currently in progress.')));
    assert.ok(isUnknownStack(new Error("error: no stack named 'demo.dev' found")));
    for (const near of [
      'error: something else',
      'creating API Gateway v2 Route: [409] ConflictException: concurrent modification',
      'Unable to lock the database: no stack was found',
      'error: the object is locked by its retention policy',
    ]) {
      assert.ok(!isLocked(new Error(near)), near);
      assert.ok(!isUnknownStack(new Error(near)), near);
    }
  });

  it('knows a step that an update plan does not have, in the engine’s own words', () => {
    for (const words of [
      'create is not allowed by the plan: no steps were expected for this resource',
      'resource urn:pulumi:a.main::p::t::n violates plan: properties changed: ~~tags',
    ]) {
      const thrown = new Error(`code: -2\n stdout: \n stderr: Command failed\nerror: ${words}\n`);
      assert.ok(isPlanViolation(thrown));
      assert.equal(planViolationIn(thrown), words);
    }
    assert.equal(
      isPlanViolation(new Error('error: decrypting secret value: cipher: message authentication failed')),
      false,
    );
  });

  /** Text as the provider prints it. */
  const failed = (operation: string, code: string, message: string) =>
    `creating X (x): operation error SageMaker: ${operation}, https response error StatusCode: 400, RequestID: 48a4eeb3-c1c3-4d9b, api error ${code}: ${message}`;
  /** Part of the hint → texts that it is for, and texts that come close and are not. */
  const HINTS: Record<string, { given: string[]; not: [string, string, string, ...string[]] }> = {
    'cannot be assumed': {
      given: [
        'Cannot assume IAM Role. IAM Role (arn:aws:iam::1:role/mlops-deployment-dev) cannot be assumed.',
        'operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: 48a4eeb3-c1c3, api error AccessDenied: User: x is not authorized to perform: sts:AssumeRole on resource: y',
      ],
      not: [
        failed('CreateModel', 'ValidationException', 'Could not assume role arn:aws:iam::1:role/x.'),
        failed('CreateRole', 'MalformedPolicyDocument', 'AssumeRole policy may only specify STS AssumeRole actions.'),
        'The role named churn-AssumeRole-1 was not found',
      ],
    },
    'no longer opens this feature': {
      given: [
        failed('CreateMonitoringSchedule', 'ValidationException', 'Model Monitor is no longer open to new customers.'),
      ],
      not: [
        'Endpoint churn is no longer available',
        'new customers can apply for a quota',
        'The connection is no longer open',
      ],
    },
    'lacks the permission': {
      given: [
        failed('CreateRole', 'AccessDenied', 'no'),
        'User: arn:aws:iam::1:role/x is not authorized to perform: sagemaker:CreateModel on resource: y',
      ],
      not: [
        failed(
          'CreateModel',
          'ValidationException',
          'Could not access model data at s3://b/m.tar.gz. Ensure that it is authorized.',
        ),
        'The log group AccessDenied-reports does not exist',
        'The caller is not authorized yet',
      ],
    },
    'credentials are not valid': {
      given: [
        failed('CreateModel', 'ExpiredTokenException', 'The security token is expired'),
        'No valid credential sources found',
      ],
      not: [
        'The export token ExpiredToken-1 is part of a name',
        failed('PutObject', 'InvalidToken', 'bad'),
        'A credential for Docker is missing',
      ],
    },
    'has no capacity for this instance type': {
      given: [
        failed('CreateEndpoint', 'InsufficientInstanceCapacity', 'none'),
        'CapacityError: Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.',
      ],
      not: [
        "waiting for SageMaker AI Endpoint (e): unexpected state 'Failed', wanted target 'InService'. last error: x",
        'The SERVICE price list is not available: OFFICE DEVICE',
        'insufficient capacity units for the table',
      ],
    },
    'A quota of the account': {
      given: [
        failed('CreateEndpoint', 'ResourceLimitExceeded', 'The limit is 0.'),
        'ResourceLimitExceeded: The limit is 0.',
      ],
      not: [
        failed('CreateModel', 'ValidationException', 'The name ResourceLimitExceeded is not allowed.'),
        'The quota notice was sent',
        failed('GetServiceQuota', 'NoSuchResourceException', 'ServiceQuota L-1 does not exist'),
      ],
    },
    'throttled the calls': {
      given: [failed('CreateModel', 'ThrottlingException', 'Rate exceeded'), 'AWS: Rate exceeded'],
      not: [
        'The throttling limit of the stage must be positive',
        'Rate exceeded by the model: 3 invocations',
        failed('CreateStage', 'BadRequestException', 'Invalid Throttling settings'),
      ],
    },
    'already exists outside this stack': {
      given: [
        failed('CreateEndpoint', 'ValidationException', 'Cannot create already existing endpoint "x".'),
        failed('CreateRole', 'EntityAlreadyExists', 'Role with name x already exists.'),
        'ResourceConflictException: Function already exist: x',
      ],
      not: [
        failed(
          'CreateFunction',
          'ResourceConflictException',
          'The operation cannot be performed: an update is in progress.',
        ),
        failed('CreateEndpoint', 'ValidationException', 'A lifecycle that already exists must not change.'),
        'The directory already exists',
      ],
    },
    'model artifact does not exist at the given key': {
      given: [failed('CreateModel', 'ValidationException', 'Could not find model data at s3://b/m.tar.gz.')],
      not: [
        'The model artifact was signed',
        failed('CreateModel', 'ValidationException', 'Could not find model "m".'),
        'The key NoSuchKeyword is unknown',
      ],
    },
    'container image cannot be pulled': {
      given: [
        'CannotPullContainerError: pull access denied',
        failed(
          'CreateModel',
          'ValidationException',
          'Requested image 1.dkr.ecr.us-east-1.amazonaws.com/a:1 not found.',
        ),
      ],
      not: [
        'The image build of the project does not exist',
        'the image is large and the endpoint was not found',
        'RepositoryNotFound is the name of a branch',
      ],
    },
    'provider process ended': {
      given: [
        'error reading from server: EOF',
        'rpc error: code = Unavailable desc = transport is closing',
        'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:4567: connect: connection refused"',
      ],
      not: [
        failed('CreateVpcLink', 'BadRequestException', 'The connection is closing.'),
        failed('CreateRole', 'ServiceFailure', 'connection error'),
        'An error reading from server certificates was ignored',
      ],
    },
    'GET /ping': {
      given: ['The primary container for production variant AllTraffic did not pass the ping health check.'],
      not: ['ping failed', 'The health check of the load balancer failed', 'did not pass the model check'],
    },
  };
  for (const [hint, { given, not }] of Object.entries(HINTS)) {
    it(`gives the hint "…${hint}…" for what it is for, and for nothing that comes close`, () => {
      for (const text of given) assert.ok(describeFailure(text).hint?.includes(hint), text);
      for (const text of not)
        assert.ok(!describeFailure(text).hint?.includes(hint), `${text}: ${describeFailure(text).hint}`);
    });
  }
});
