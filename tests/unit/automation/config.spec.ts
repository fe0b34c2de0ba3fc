import assert from 'node:assert/strict';
import { loadConfig } from '../../../automation/config/config.ts';

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

  it('has operations give way to requests as far as they can, unless told otherwise', () => {
    assert.equal(loadConfig(VALID).operations.niceness, 19);
    assert.equal(loadConfig({ ...VALID, OPERATION_NICENESS: '5' }).operations.niceness, 5);
    assert.match(
      problemsOf({ ...VALID, OPERATION_NICENESS: '-1' }),
      /- OPERATION_NICENESS must be greater than or equal to 0/,
    );
  });

  it('takes what containers may touch in addition, as lists', () => {
    assert.deepEqual(loadConfig(VALID).blueprints.containers, { readLocations: [], metricNamespaces: [] });
    const settings = { CONTAINER_READ_LOCATIONS: 'b-1/a/b, b-2', CONTAINER_METRIC_NAMESPACES: 'Churn,team/models' };
    assert.deepEqual(loadConfig({ ...VALID, ...settings }).blueprints.containers, {
      readLocations: ['b-1/a/b', 'b-2'],
      metricNamespaces: ['Churn', 'team/models'],
    });
    assert.match(
      problemsOf({ ...VALID, CONTAINER_READ_LOCATIONS: 's3://bucket/a' }),
      /CONTAINER_READ_LOCATIONS .*without s3/,
    );
    assert.match(
      problemsOf({ ...VALID, CONTAINER_METRIC_NAMESPACES: 'AWS/EC2' }),
      /CONTAINER_METRIC_NAMESPACES .*AWS\//,
    );
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

  it('requires a backend, and a passphrase unless the backend is Pulumi Cloud', () => {
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

  it('reads who may do what, and reports patterns that cannot match any caller', () => {
    const none = { viewer: [], provisioner: [], approver: [], admin: [] };
    assert.deepEqual(loadConfig(VALID).roles, none);
    const { roles } = loadConfig({
      ...VALID,
      APPROVER_ARNS: ' arn:aws:iam::1:role/A , arn:aws:iam::1:user/* ,',
      ADMIN_ARNS: 'kim',
    });
    assert.deepEqual(roles, { ...none, approver: ['arn:aws:iam::1:role/A', 'arn:aws:iam::1:user/*'], admin: ['kim'] });
    const problems = problemsOf({ ...VALID, VIEWER_ARNS: 'a b,*', PROVISIONER_ARNS: 'arn:aws:iam::1:role/team/*' });
    assert.match(problems, /- VIEWER_ARNS: entry 1 is not an ARN/);
    assert.match(problems, /- PROVISIONER_ARNS: entry 1 cannot match any caller/);
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

  describe('environments', () => {
    const MULTI = {
      ...VALID,
      MULTI_ACCOUNT: 'Yes',
      DEV_ACCOUNT_ID: '222222222222',
      STAGING_ACCOUNT_ID: '333333333333',
      PROD_ACCOUNT_ID: '444444444444',
    };

    it('are the account of each stage, with the role and boundary that are made there', () => {
      const { environments } = loadConfig({ ...MULTI, PROD_REGION: 'us-gov-west-1', DEPLOYMENT_EXTERNAL_ID: 'ours' });
      assert.deepEqual(Object.keys(environments), ['main', 'dev', 'staging', 'prod']);
      assert.equal(environments.dev?.accountId, '222222222222');
      assert.equal(environments.dev.deploymentRoleArn, 'arn:aws:iam::222222222222:role/mlops-deployment-dev');
      assert.equal(environments.dev.permissionsBoundaryArn, 'arn:aws:iam::222222222222:policy/mlops-boundary-dev');
      assert.equal(environments.prod?.deploymentRoleArn, 'arn:aws-us-gov:iam::444444444444:role/mlops-deployment-prod');
      assert.equal(environments.prod.region, 'us-gov-west-1');
      assert.equal(environments.staging?.externalId, 'ours');
    });

    it('are in the partition of their region', () => {
      for (const [region, partition] of [
        ['cn-north-1', 'aws-cn'],
        ['us-isob-east-1', 'aws-iso-b'],
        ['eusc-de-east-1', 'aws-eusc'],
      ] as const) {
        const { dev } = loadConfig({ ...MULTI, DEV_REGION: region }).environments;
        assert.equal(dev?.permissionsBoundaryArn, `arn:${partition}:iam::222222222222:policy/mlops-boundary-dev`);
      }
    });

    it('keep a role of one’s own free of a boundary unless one is set', () => {
      const role = 'arn:aws:iam::222222222222:role/deployer';
      const { dev } = loadConfig({ ...MULTI, DEV_DEPLOYMENT_ROLE_ARN: role }).environments;
      assert.deepEqual([dev?.deploymentRoleArn, dev?.permissionsBoundaryArn], [role, '']);
    });

    it('are one account without MULTI_ACCOUNT, whatever else is set', () => {
      assert.deepEqual(Object.keys(loadConfig({ ...MULTI, MULTI_ACCOUNT: 'No' }).environments), ['main']);
    });

    it('have a second person approve, and removals of staging and prod approved, unless the settings say otherwise', () => {
      const of = (env: Record<string, string>) => {
        const { main, dev, staging, prod } = loadConfig(env).approvals.policies;
        return [main, dev, staging, prod].map(({ requesterMayApprove, approveDestroy }) => [
          requesterMayApprove,
          approveDestroy,
        ]);
      };
      assert.deepEqual(of({ ...MULTI }), [
        [false, false],
        [false, false],
        [false, true],
        [false, true],
      ]);
      const alone = of({
        ...MULTI,
        REQUESTER_MAY_APPROVE: 'Yes',
        DEV_APPROVE_DESTROY: 'Yes',
        PROD_APPROVE_DESTROY: 'No',
      });
      assert.deepEqual(alone, [
        [true, false],
        [true, true],
        [true, true],
        [true, false],
      ]);
      assert.deepEqual(of({ ...VALID })[0], [true, false], 'one account: one person is enough');
    });

    it('lack nothing, and fit together', () => {
      const { STAGING_ACCOUNT_ID: _, ...lacking } = MULTI;
      const problems = problemsOf({
        ...lacking,
        DEV_ORG_ID: 'dev',
        PROD_DEPLOYMENT_ROLE_ARN: 'arn:aws:iam::999999999999:role/x',
        PROD_MINIMUM_APPROVERS: '0',
      });
      assert.match(
        problems,
        /- STAGING_ACCOUNT_ID is required with MULTI_ACCOUNT=Yes: the account of environment staging/,
      );
      assert.match(problems, /- DEV_ORG_ID .*organizational unit/);
      assert.match(problems, /- PROD_MINIMUM_APPROVERS must be greater than or equal to 1/);
      assert.match(problems, /- PROD_DEPLOYMENT_ROLE_ARN is a role of another account than PROD_ACCOUNT_ID/);
    });
  });
});
