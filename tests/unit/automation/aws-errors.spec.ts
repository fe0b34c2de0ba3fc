import assert from 'node:assert/strict';
import {
  describe as textOf,
  isAbsent,
  isClosedToAccount,
  isDenied,
  isExplicitlyDenied,
} from '../../../automation/aws/aws-errors.ts';

const error = (name: string, message = '', status = 400) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

describe('errors of the AWS SDK', () => {
  it('mean that something is absent by their code, or by the words of SageMaker’s ValidationException', () => {
    for (const [name, message] of [
      ['NoSuchBucket'],
      ['NotFound'],
      ['ResourceNotFound'],
      ['RepositoryNotFoundException'],
      ['BranchDoesNotExistException'],
      ['ValidationException', 'Could not find endpoint "arn:aws:sagemaker:us-east-1:1:endpoint/x".'],
      ['ValidationException', 'Monitoring Schedule with name x does not exist.'],
    ] as const) {
      assert.ok(isAbsent(error(name, message)), `${name} ${message ?? ''}`);
    }
    assert.ok(isAbsent(error('Unknown', '', 404)));
    for (const [name, message] of [
      ['ThrottlingException', 'Could not find capacity'],
      ['ValidationException', 'The value "NoSuchThing does not exist" is not a name'],
      ['ValidationException', 'Endpoint configurations that could not find a model are refused'],
      ['AccessDeniedException', 'NotFound is not authorized'],
      ['NotFoundCacheError', ''],
      ['ValidationException', 'It could not find endpoint "x".'],
      ['ValidationException', 'Requested resources not found'],
      ['ValidationException', 'The tag "Monitoring Schedule x does not exist" is not valid'],
    ] as const) {
      assert.ok(!isAbsent(error(name, message)), `${name} ${message}`);
    }
    assert.ok(!isAbsent(error('Unknown', '', 403)));
  });

  it('mean that a permission is missing by their code, or by the status where there is no code', () => {
    for (const name of [
      'AccessDenied',
      'AccessDeniedException',
      'UnauthorizedOperation',
      'AuthorizationErrorException',
    ]) {
      assert.ok(isDenied(error(name)), name);
    }
    assert.ok(isDenied(error('403', '', 403)));
    for (const near of [
      error('AccessDeniedBucketNotFound'),
      error('ValidationException', 'AccessDenied'),
      error('Unknown', '', 404),
      error('Error', 'Forbidden', 403),
    ]) {
      assert.ok(!isDenied(near), near.name);
    }
  });

  const DENIED = 'User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: sagemaker:UpdateEndpoint';

  it('mean that a policy denies it if IAM says so of the policy', () => {
    assert.ok(
      isExplicitlyDenied(
        error('AccessDeniedException', `${DENIED} on resource: z with an explicit deny in an identity-based policy`),
      ),
    );
    for (const near of [
      error('AccessDeniedException', `${DENIED} because no identity-based policy allows the action`),
      error('AccessDeniedException', 'The name "with an explicit deny in a policy" is not valid'),
      error('ValidationException', `${DENIED} with an explicit deny in an identity-based policy`),
    ]) {
      assert.ok(!isExplicitlyDenied(near), near.message);
    }
  });

  it('mean that AWS does not offer a feature to the account if it says so, or denies it without naming an action', () => {
    for (const closed of [
      error('ValidationException', 'Amazon SageMaker Model Monitor is no longer open to new customers.'),
      error('AccessDeniedException', 'Your account cannot use this operation.'),
    ]) {
      assert.ok(isClosedToAccount(closed), closed.message);
    }
    for (const near of [
      error('AccessDeniedException', `${DENIED} on resource: z`),
      error('ValidationException', 'The name "no longer open to new customers" is not valid'),
      error('ValidationException', 'Your account cannot use this operation.'),
      error('403', '', 403),
      error('ThrottlingException', 'Rate exceeded'),
    ]) {
      assert.ok(!isClosedToAccount(near), near.message);
    }
  });

  it('are described by code and message, or by the status if AWS gives neither', () => {
    assert.equal(textOf(error('AccessDenied', 'no')), 'AccessDenied: no');
    assert.equal(textOf(error('Unknown', 'UnknownError', 403)), 'HTTP 403');
  });
});
