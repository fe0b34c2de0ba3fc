import assert from 'node:assert/strict';
import { SETTINGS, loadConfig } from '../../../automation/config/config.ts';
import { misspelledSettings } from '../../../automation/config/misspelled-settings.ts';

const meant = (env: NodeJS.ProcessEnv) =>
  misspelledSettings(env, SETTINGS).map((problem) => /did you mean (\w+)/.exec(problem)?.[1]);

describe('misspelled settings', () => {
  for (const [sent, setting] of [
    ['MULTI_ACOUNT', 'MULTI_ACCOUNT'],
    ['MUTLI_ACCOUNT', 'MULTI_ACCOUNT'],
    ['multi_account', 'MULTI_ACCOUNT'],
    ['ASSET_BUCKET', 'ASSETS_BUCKET'],
    ['REQUESTOR_MAY_APROVE', 'REQUESTER_MAY_APPROVE'],
    ['PIPELINE_STACKNAME', 'PIPELINE_STACK_NAME'],
    ['DEV_ACOUNT_ID', 'DEV_ACCOUNT_ID'],
  ] as const) {
    it(`are found: ${sent}`, () => assert.deepEqual(meant({ [sent]: 'x' }), [setting]));
  }

  it('are no variables of other programs, or whose setting is present too', () => {
    const foreign = [
      ...['POST', 'PORTS', 'HOSTS', 'LOG_LEVELS', 'DATABASE_URI', 'PUBLIC_URI', 'ACCOUNT_IDS', 'AWS_REGIONS'],
      ...['GITHUB_TOKENS', 'GITLAB_API_URI', 'PULUMI_BACKEND_URI', 'QA_ACCOUNT_ID', 'CONFIG_BUCKETS_DIR'],
      ...['PATH', 'HOME', 'TMPDIR', 'npm_config_user_agent', 'KUBERNETES_SERVICE_HOST', 'ECS_CONTAINER_METADATA_URI'],
    ];
    assert.deepEqual(meant(Object.fromEntries(foreign.map((name) => [name, 'x']))), []);
    assert.deepEqual(meant({ MULTI_ACCOUNTS: 'x', MULTI_ACCOUNT: 'No' }), []);
    assert.deepEqual(meant({ MULTI_ACOUNT: '' }), []);
  });

  it('stop the service from starting, without their values', () => {
    assert.throws(
      () => loadConfig({ GATEWAY_SECRT: 'hunter2hunter2hunter2' }),
      (error: Error) => {
        assert.match(error.message, /GATEWAY_SECRT is not a setting; did you mean GATEWAY_SECRET\?/);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  });
});
