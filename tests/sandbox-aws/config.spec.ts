import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SandboxConfigError } from '../../sandbox/config.ts';
import { readSandboxSettings } from '../../sandbox/read-settings.ts';

const PACKAGE = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/1';

describe('sandbox settings', () => {
  it('have defaults for everything', () => {
    const settings = readSandboxSettings({});
    assert.deepEqual(settings, {
      engine: 'auto',
      home: resolve('.sandbox'),
      port: 8080,
      aws: {
        directory: resolve('.sandbox/aws'),
        accountId: '111111111111',
        region: 'us-east-1',
        accounts: ['111111111111', '222222222222', '333333333333', '444444444444'],
        externalId: 'mlops',
        missing: [],
        packages: {},
        faults: [],
        speed: 1,
      },
    });
    assert.ok(Object.isFrozen(settings) && Object.isFrozen(settings.aws));
  });

  it('put the home where a file backend is', () => {
    const home = (url: string) => readSandboxSettings({ SANDBOX_HOME: '/home', PULUMI_BACKEND_URL: url }).home;
    assert.equal(home('file:///data/my%20state'), '/data/my state');
    assert.equal(home('file:///data?no_tmp_dir=true'), '/data');
    assert.equal(home('file://~/state'), join(homedir(), 'state'));
    assert.equal(home('file://./state'), resolve('state'));
    assert.equal(home('s3://bucket'), '/home');
    assert.equal(home(''), '/home');
  });

  it('are read from the environment', () => {
    const { port, aws } = readSandboxSettings({
      PORT: '9000',
      SANDBOX_ACCOUNTS: '555555555555, 666666666666',
      SANDBOX_SPEED: '0',
      AWS_REGION: 'eu-west-1',
      SANDBOX_FAULTS: '[{"operation":"create"}]',
      SANDBOX_MISSING: 's3://bucket/key, quota:ml.m5.large',
      SANDBOX_PACKAGES: JSON.stringify({ [PACKAGE]: 'Rejected' }),
    });
    assert.deepEqual(aws.missing, ['s3://bucket/key', 'quota:ml.m5.large']);
    assert.deepEqual(aws.packages, { [PACKAGE]: 'Rejected' });
    assert.deepEqual(
      [port, aws.accounts, aws.speed, aws.region],
      [9000, ['555555555555', '666666666666'], 0, 'eu-west-1'],
    );
    assert.deepEqual(aws.faults[0], {
      type: '*',
      operation: 'create',
      times: 1,
      message: 'A fault was injected by SANDBOX_FAULTS.',
      code: 'InternalFailure',
      latencyMs: 0,
      when: 'before',
      match: '',
      action: 'fail',
    });
  });

  it('take the external id of the service, unless roles are to trust another', () => {
    const externalId = (env: NodeJS.ProcessEnv) => readSandboxSettings(env).aws.externalId;
    assert.equal(externalId({ DEPLOYMENT_EXTERNAL_ID: 'ours' }), 'ours');
    assert.equal(externalId({ DEPLOYMENT_EXTERNAL_ID: 'ours', SANDBOX_EXTERNAL_ID: 'theirs' }), 'theirs');
  });

  it('name every problem in one error', () => {
    const wrong = {
      PORT: 'x',
      SANDBOX_ACCOUNT_ID: '1',
      SANDBOX_ACCOUNTS: '12',
      SANDBOX_SPEED: '-1',
      SANDBOX_FAULTS: '{}',
      SANDBOX_PACKAGES: '{"x":"Approved"}',
    };
    assert.throws(
      () => readSandboxSettings(wrong),
      (error) => {
        assert.ok(error instanceof SandboxConfigError);
        assert.equal(error.problems.length, 6);
        for (const name of Object.keys(wrong)) assert.ok(error.message.includes(name), name);
        return true;
      },
    );
  });
});
