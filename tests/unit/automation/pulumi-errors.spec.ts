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

  it('reads the code behind the id of S3’s host, and the last error of Cloud Control', () => {
    const s3 = (rest: string) =>
      `creating S3 Bucket (b): operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: 5XQ1TZ0WV3YH8KPM, HostID: a/b+c=, ${rest}`;
    const control = (rest: string) =>
      `waiting for Cloud Control API (AWS::SageMaker::ModelBiasJobDefinition) Resource (d) create: unexpected state 'FAILED', wanted target 'SUCCESS'. last error: ${rest}`;
    for (const [text, code] of [
      [s3('BucketAlreadyExists: The name is taken.'), 'BucketAlreadyExists'],
      [s3('api error AccessDenied: Access Denied'), 'AccessDenied'],
      [control('AlreadyExists: Resource already exists.'), 'AlreadyExists'],
      [control('The last error: unknown'), undefined],
      [`waiting for SageMaker AI Endpoint (e): last error: Timeout: none`, undefined],
      ['RequestID: 1234, HostID: x, no code', undefined],
    ] as const) {
      assert.equal(describeFailure(text).providerCode, code, text);
    }
    assert.equal(describeFailure(s3('X: y')).requestId, '5XQ1TZ0WV3YH8KPM');
    for (const text of ['RequestID: none', 'RequestID: , request send failed', 'XRequestID: 48a4eeb3-c1c3, A: b']) {
      assert.equal(describeFailure(text).requestId, undefined, text);
    }
  });

  it('falls back on the output of the CLI if no event has the error', () => {
    const thrown = new Error(
      'code: -2\n stdout: \n stderr: Command failed with exit code 1: pulumi up\nerror: could not load plugin for aws provider\n err?: …',
    );
    assert.equal(new FailureCollector().toStageError(thrown).message, 'could not load plugin for aws provider');
    for (const near of ['a last error: x', 'noterror: x', 'what went wrong: an error']) {
      const other = new Error(`code: -2\n ${near}\n`);
      assert.equal(new FailureCollector().toStageError(other).message, 'code: -2', near);
    }
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
      'error: creating Role (x): "the stack is currently locked by 1 lock" is no description',
      `error: creating Role (x): the tag is "no stack named 'a' found"`,
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
    for (const near of [
      'error: decrypting secret value: cipher: message authentication failed',
      'error: creating Role (x): the name "resource x violates plan: y" is not valid',
      'error: a change of the plan is not allowed by the planner',
      'warning that the resource violates plans',
    ]) {
      assert.equal(isPlanViolation(new Error(near)), false, near);
    }
  });
});
