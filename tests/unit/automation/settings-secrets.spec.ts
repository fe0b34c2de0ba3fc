/** No value of a setting is ever printed, for it may be a secret, or one that was put into the wrong variable. */
import assert from 'node:assert/strict';
import { loadConfig } from '../../../automation/config/config.ts';
import { childEnvironment } from '../../../automation/stacks/child-environment.ts';

const VALID = {
  DATABASE_URL: 'postgresql://user:password@db:5432/mlops',
  PULUMI_BACKEND_URL: 's3://state',
  PULUMI_CONFIG_PASSPHRASE: 'x',
  AWS_REGION: 'eu-west-1',
  ASSETS_BUCKET: 'my-assets',
};
const CANARY = 'canary-4711';

function problemOf(env: Record<string, string>): string {
  try {
    loadConfig({ ...VALID, ...env });
  } catch (error) {
    const { stack, message } = error as Error;
    assert.ok(!`${stack} ${JSON.stringify(error)}`.includes(CANARY), message);
    return message;
  }
  return assert.fail(`${JSON.stringify(env)} was accepted`);
}

describe('settings that are refused', () => {
  const LIST = 'entry 1';
  for (const [name, value, says] of [
    ['DATABASE_URL', `mysql://user:${CANARY}@db/mlops`, 'must be a valid uri'],
    ['DATABASE_URL', `postgresql://user:${CANARY}@db:99999/mlops`, ''],
    ['GATEWAY_SECRET', CANARY, 'at least 16'],
    ['GATEWAY_SECRET', `${CANARY} with spaces in it`, 'without spaces'],
    ['GITHUB_WEBHOOK_SECRET', CANARY, '16 characters'],
    ['GITLAB_WEBHOOK_SECRET', CANARY, '16 characters'],
    ['BITBUCKET_WEBHOOK_SECRET', CANARY, '16 characters'],
    ['GITLAB_SIGNING_TOKEN', CANARY, 'must be whsec_ and base64'],
    ['GITHUB_API_URL', `https://user:${CANARY}@github.example.com`, 'without user name and password'],
    ['GITLAB_API_URL', `https://${CANARY}@gitlab.example.com`, 'without user name and password'],
    ['BITBUCKET_API_URL', `http://${CANARY}.example.com`, 'must begin with https'],
    ['PUBLIC_URL', `https://user:${CANARY}@mlops.example.com`, 'without user name and password'],
    ['CONFIG_QUEUE_URL', `https://user:${CANARY}@sqs.example.com/q`, 'without user name and password'],
    ['CONFIG_REPOSITORIES', `github:https://user:${CANARY}@github.com/acme/models@main`, LIST],
    ['CONFIG_REPOSITORIES', `git:https://user:${CANARY}@git.example.com/models.git@main`, LIST],
    ['CONFIG_REPOSITORIES', CANARY, LIST],
    ['CONFIG_BUCKETS', `${CANARY}_`, LIST],
    ['CONFIG_GIT_SSH_KEY_FILE', CANARY, 'an absolute path'],
    ['ADMIN_ARNS', `${CANARY} b`, LIST],
    ['ASSETS_BUCKET', `${CANARY}_`, 'an S3 bucket name'],
    ['AWS_REGION', CANARY, 'a region'],
    ['ACCOUNT_ID', CANARY, '12 digits'],
    ['DEPLOYMENT_ROLE_ARN', CANARY, 'a role ARN'],
    ['NOTIFICATIONS_TOPIC_ARN', CANARY, 'a topic ARN'],
    ['PIPELINE_STACK_NAME', `${CANARY}_`, 'lower case'],
    ['DEPLOYMENT_EXTERNAL_ID', `${CANARY} b`, 'an external id'],
    ['PORT', CANARY, 'a number'],
    ['MULTI_ACCOUNT', CANARY, 'one of'],
    ['LOG_LEVEL', CANARY, 'one of'],
  ] as const) {
    it(`name ${name} and say how to fix it, without its value`, () => {
      const problem = problemOf({ [name]: value });
      assert.match(problem, new RegExp(`  - ${name}\\b`));
      assert.ok(problem.includes(says), problem);
    });
  }

  for (const name of [
    'VIEWER_ARNS',
    'PROVISIONER_ARNS',
    'APPROVER_ARNS',
    'ADMIN_ARNS',
    'CONFIG_REPOSITORIES',
    'CONFIG_BUCKETS',
  ]) {
    for (const value of [',', ' ', ' , ,']) {
      it(`are an empty list: ${name}="${value}"`, () => {
        assert.match(problemOf({ [name]: value }), new RegExp(`${name} (contains no principal|is empty): remove it`));
      });
    }
  }
});

describe('the environment of child processes', () => {
  it('has nothing that leads to the database', async () => {
    const names = ['PGPASSWORD', 'PGUSER', 'PGHOST', 'PGSERVICEFILE', 'PGPASSFILE', 'DATABASE_URL', 'GATEWAY_SECRET'];
    const before = { ...process.env };
    for (const name of names) process.env[name] = CANARY;
    try {
      const env = await childEnvironment();
      assert.deepEqual(
        Object.entries(env).filter(([, value]) => value === CANARY),
        [],
      );
    } finally {
      for (const name of names) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
    }
  });
});
