import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import {
  FailureCollector,
  isLocked,
  isUnknownStack,
  isPlanViolation,
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

  it('reports what a function that makes a job was told by SageMaker, not that a function failed', () => {
    const failures = new FailureCollector();
    const payload = JSON.stringify({
      errorType: 'ResourceLimitExceeded',
      errorMessage: 'The account-level service limit is 0 Instances.',
      trace: ['ResourceLimitExceeded: The account-level (service) limit'],
    });
    failures.add(diagnostic(`invoking Lambda Function (f-1): Lambda function (f-1) returned error: (${payload})`, URN));
    const error = failures.toStageError(new Error(''));
    assert.equal(error.message, 'ResourceLimitExceeded: The account-level service limit is 0 Instances.');
    assert.equal(error.providerCode, 'ResourceLimitExceeded');
    assert.match(error.hint ?? '', /quota/);
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

  it('falls back on the words of the CLI where no event told', () => {
    const thrown = new Error(
      'code: -2\n stdout: \n stderr: Command failed with exit code 1: pulumi up\nerror: could not load plugin for aws provider\n err?: …',
    );
    assert.equal(new FailureCollector().toStageError(thrown).message, 'could not load plugin for aws provider');
  });

  it('knows a lock and an unknown stack by the words of the CLI', () => {
    assert.ok(isLocked(new Error('error: the stack is currently locked by 1 lock(s). Either wait …')));
    assert.ok(isLocked(new Error('error: [409] Conflict: Another update is currently in progress.')));
    assert.ok(isUnknownStack(new Error("error: no stack named 'demo.dev' found")));
    assert.ok(!isLocked(new Error('error: something else')));
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
});
