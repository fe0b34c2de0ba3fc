import assert from 'node:assert/strict';
import { loadConfig } from '../../../automation/config.ts';

const VALID = {
  DATABASE_URL: 'postgresql://user:secret-password@db:5432/mlops',
  PULUMI_BACKEND_URL: 's3://state',
  PULUMI_CONFIG_PASSPHRASE: 'x',
  AWS_REGION: 'eu-west-1',
  ASSETS_BUCKET: 'my-assets',
};

function problemsOf(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail('the settings were taken');
}

describe('configuration', () => {
  it('takes the settings of production', () => {
    const config = loadConfig(VALID);
    assert.equal(config.engine.kind, 'cli');
    assert.equal(config.engine.backendUrl, 's3://state');
    assert.deepEqual(config.environments.main, {
      name: 'main',
      accountId: '',
      region: 'eu-west-1',
      deploymentRoleArn: '',
      externalId: 'mlops',
      permissionsBoundaryArn: '',
      organizationalUnitId: '',
      assetsBucket: 'my-assets',
    });
    assert.equal(config.blueprints.pipelinePrefix, 'mlops-pipeline');
    assert.equal(config.blueprints.allowDetailedErrorMessage, true);
    assert.equal(config.blueprints.allowUnapprovedModelPackages, false);
  });

  it('lists every problem at once and gives no secret away', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://user:secret-password@db/mlops',
      AWS_REGION: 'mars',
      MULTI_ACCOUNT: 'maybe',
      PORT: '99999',
    });
    for (const name of ['DATABASE_URL', 'AWS_REGION', 'ASSETS_BUCKET', 'MULTI_ACCOUNT', 'PORT']) {
      assert.match(problems, new RegExp(`^  - ${name} `, 'm'));
    }
    assert.doesNotMatch(problems, /secret-password/);
  });

  it('asks for a back end, and for a passphrase where the back end is not Pulumi Cloud', () => {
    const { PULUMI_BACKEND_URL: _, PULUMI_CONFIG_PASSPHRASE: __, ...bare } = VALID;
    assert.match(problemsOf(bare), /PULUMI_ACCESS_TOKEN .* or PULUMI_BACKEND_URL/);
    assert.match(problemsOf({ ...bare, PULUMI_BACKEND_URL: 's3://state' }), /PULUMI_CONFIG_PASSPHRASE/);
    loadConfig({ ...bare, PULUMI_ACCESS_TOKEN: 'pul-x' });
  });

  it('asks for the gateway’s secret where others than this machine can come in', () => {
    assert.match(problemsOf({ ...VALID, HOST: '0.0.0.0' }), /GATEWAY_SECRET is required/);
    loadConfig({ ...VALID, HOST: '0.0.0.0', GATEWAY_SECRET: 'a-long-enough-secret' });
  });

  it('takes two secrets of the gateway, and gives none away that is too short', () => {
    const two = 'a-long-enough-secret,another-long-secret';
    assert.equal(loadConfig({ ...VALID, GATEWAY_SECRET: two }).http.gatewaySecret, two);
    for (const wrong of [
      'hunter2',
      'a-long-enough-secret,hunter2',
      'a long enough hunter2',
      `${two},the-third-of-them-all`,
    ]) {
      const problems = problemsOf({ ...VALID, GATEWAY_SECRET: wrong });
      assert.match(problems, /GATEWAY_SECRET must be at least 16 printable characters/);
      assert.doesNotMatch(problems, /hunter2|third/);
    }
  });

  it('reads who may do what, and says which patterns could match nobody', () => {
    const none = { viewer: [], provisioner: [], approver: [], admin: [] };
    assert.deepEqual(loadConfig(VALID).roles, none);
    const { roles } = loadConfig({
      ...VALID,
      APPROVER_ARNS: ' arn:aws:iam::1:role/A , arn:aws:iam::1:user/* ,',
      ADMIN_ARNS: 'kim',
    });
    assert.deepEqual(roles, { ...none, approver: ['arn:aws:iam::1:role/A', 'arn:aws:iam::1:user/*'], admin: ['kim'] });
    const problems = problemsOf({ ...VALID, VIEWER_ARNS: 'a b,*', PROVISIONER_ARNS: 'arn:aws:iam::1:role/team/*' });
    assert.match(problems, /- VIEWER_ARNS: "a b" is not an ARN/);
    assert.match(problems, /- PROVISIONER_ARNS: "arn:aws:iam::1:role\/team\/\*" can match nobody/);
  });

  it('sends those who want the sandbox engine to the sandbox', () => {
    assert.match(problemsOf({ ...VALID, PULUMI_ENGINE: 'sandbox' }), /npm run sandbox/);
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfig(VALID);
    assert.throws(() => Object.assign(config.http, { port: 1 }), TypeError);
  });

  it('takes a schedule for drift checks, and says what is wrong with one', () => {
    assert.equal(loadConfig(VALID).drift.schedule, '');
    for (const schedule of ['0 3 * * *', '*/10 * * * * *', '@daily']) {
      assert.equal(loadConfig({ ...VALID, DRIFT_SCHEDULE: schedule }).drift.schedule, schedule);
    }
    for (const schedule of ['nightly', '0 3 * *', '61 3 * * *', '0 0 31 2 *']) {
      assert.match(
        problemsOf({ ...VALID, DRIFT_SCHEDULE: schedule }),
        /- DRIFT_SCHEDULE must be a cron expression in UTC.*: ./,
      );
    }
  });
});
