import assert from 'node:assert/strict';
import type { Environment } from '../../automation/config/environments.ts';
import type { Properties } from '../../sandbox/provider.ts';
import { Account, DEV, ENDPOINT, MODEL, failure } from './support.ts';

const FOUR = ['111111111111', '222222222222', '333333333333', '444444444444'];
const STAGING: Environment = {
  ...DEV,
  name: 'staging',
  accountId: '333333333333',
  deploymentRoleArn: 'arn:aws:iam::333333333333:role/mlops-deployment-staging',
};

const roles = (roleArn: string, externalId?: string) =>
  JSON.stringify([{ roleArn, sessionName: 'test', ...(externalId === undefined ? {} : { externalId }) }]);
const into = (account: string, stage: string): Properties => ({
  assumeRoles: roles(`arn:aws:iam::${account}:role/mlops-deployment-${stage}`, 'mlops'),
});

describe('sandbox AWS: accounts', () => {
  const opened: Account[] = [];
  const open = async (inputs: Properties, settings: Partial<Account['settings']> = {}) => {
    const account = await Account.open({ accounts: FOUR, ...settings }, inputs);
    opened.push(account);
    return account;
  };
  afterEach(() => Promise.all(opened.splice(0).map((account) => account.remove())));

  /** Two accounts of one sandbox. */
  async function devAndStaging() {
    const dev = await open(into('222222222222', 'dev'));
    const staging = await open(into('333333333333', 'staging'), dev.settings);
    return { dev, staging };
  }

  it('lets every one of the four be deployed to', async () => {
    for (const [index, stage] of ['main', 'dev', 'staging', 'prod'].entries()) {
      const accountId = FOUR[index] ?? '';
      const account = await open(into(accountId, stage));
      const identity = await account.invoke('aws:index/getCallerIdentity:getCallerIdentity');
      assert.equal(identity['accountId'], accountId);
    }
  });

  it('does not let a role of one account be used in another', async () => {
    const { dev, staging } = await devAndStaging();
    const role = await dev.role('execution');
    const request = { executionRoleArn: role.properties['arn'] ?? '', primaryContainer: { image: 'x' } };
    await dev.create(MODEL, 'model', request);
    assert.match((await failure(staging.create(MODEL, 'model', request))).message, /Could not assume role/);
  });

  it('keeps what is in one account out of sight of another', async () => {
    const { dev, staging } = await devAndStaging();
    const { config, endpoint } = await dev.endpoint();
    const there = { ...DEV, deploymentRoleArn: 'arn:aws:iam::222222222222:role/mlops-deployment-dev' };
    assert.equal((await dev.cloud.describeEndpoint(there, endpoint.id))?.status, 'InService');
    assert.equal(await dev.cloud.describeEndpoint(STAGING, endpoint.id), undefined);
    assert.equal((await staging.read(endpoint)).id, '');
    const borrowed = staging.create(ENDPOINT, 'endpoint', { endpointConfigName: config.id });
    assert.match((await failure(borrowed)).message, /Could not find endpoint configuration/);
    // The same name in both is no clash.
    await staging.role('execution');
    await dev.role('execution');
  });

  it('lets a deployment role be assumed with its external id only', async () => {
    const roleArn = 'arn:aws:iam::333333333333:role/mlops-deployment-staging';
    const refusal = /Cannot assume IAM Role.*mlops-deployment-staging.*STS: AssumeRole.*403.*AccessDenied/s;
    assert.match((await failure(open({ assumeRoles: roles(roleArn) }))).message, refusal);
    assert.match((await failure(open({ assumeRoles: roles(roleArn, 'other') }))).message, refusal);
    await open({ assumeRoles: roles(roleArn, 'mlops') });
    await open({ assumeRoles: roles(roleArn, 'other') }, { externalId: 'other' });
    // Roles of other names ask for none.
    await open({ assumeRoles: roles('arn:aws:iam::333333333333:role/team/deploy') });
  });

  it('requires the same of callers that inspect an account from outside', async () => {
    const account = await open({});
    const refused = async (environment: Partial<Environment>) =>
      (await failure(account.cloud.describeEndpoint({ ...STAGING, ...environment }, 'e'))).message;
    assert.match(await refused({ externalId: 'other' }), /is not authorized to perform: sts:AssumeRole/);
    const deploymentRoleArn = 'arn:aws:iam::999999999999:role/mlops-deployment-staging';
    assert.match(await refused({ deploymentRoleArn }), /sts:AssumeRole on resource: .*999999999999/);
  });
});
