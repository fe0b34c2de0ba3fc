import assert from 'node:assert/strict';
import { createSandboxAws } from '../../sandbox/aws/sandbox-aws.ts';
import type { Properties } from '../../sandbox/provider.ts';
import { UNKNOWN } from '../../sandbox/provider.ts';
import { Account, failure, identity, newSettings, trust } from './support.ts';

const CALLER = 'aws:index/getCallerIdentity:getCallerIdentity';
const IMAGE = 'aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage';
const POLICY = 'aws:iam/getPolicyDocument:getPolicyDocument';
const roles = (...arns: string[]) => JSON.stringify(arns.map((roleArn) => ({ roleArn, sessionName: 'test' })));

describe('sandbox AWS: the provider itself', () => {
  const opened: Account[] = [];
  const open = async (inputs: Properties, settings = {}) => {
    const account = await Account.open(settings, inputs);
    opened.push(account);
    return account;
  };
  const refused = async (inputs: Properties, settings = {}) => (await failure(open(inputs, settings))).message;
  afterEach(() => Promise.all(opened.splice(0).map((account) => account.remove())));

  it('is the only one there is', async () => {
    const { host } = createSandboxAws(newSettings());
    await assert.rejects(host.load('gcp', '1.0.0'), /no provider for package 'gcp'. It has: aws/);
  });

  it('gives each load an instance of its own', async () => {
    const first = await open({ region: 'eu-west-1' });
    const second = await open({ region: 'us-west-2' }, first.settings);
    const region = async (account: Account) => (await account.invoke('aws:index/getRegion:getRegion'))['region'];
    assert.deepEqual([await region(first), await region(second)], ['eu-west-1', 'us-west-2']);
  });

  it("is in the account of the last role assumed, else in the caller's own", async () => {
    const own = await open({});
    assert.equal((await own.invoke(CALLER))['accountId'], '111111111111');
    const chain = roles('arn:aws:iam::111111111111:role/hub', 'arn:aws:iam::222222222222:role/path/deploy');
    const other = await open({ assumeRoles: chain });
    assert.deepEqual(await other.invoke(CALLER), {
      accountId: '222222222222',
      arn: 'arn:aws:sts::222222222222:assumed-role/deploy/test',
      id: '222222222222',
      userId: 'AROASANDBOX:test',
    });
    const role = await other.role('r');
    assert.match(String(role.properties['arn']), /^arn:aws:iam::222222222222:role\/r-[0-9a-f]{7}$/);
  });

  it('refuses an account that may not be assumed', async () => {
    const message = await refused({ assumeRoles: roles('arn:aws:iam::999999999999:role/x') });
    assert.match(message, /Cannot assume IAM Role.*999999999999.*STS: AssumeRole.*403.*AccessDenied/s);
  });

  it('refuses to work in another account than allowed, judged after the roles', async () => {
    const assumeRoles = roles('arn:aws:iam::222222222222:role/x');
    assert.equal(
      await refused({ assumeRoles, allowedAccountIds: '["111111111111"]' }),
      'AWS account ID not allowed: 222222222222',
    );
    assert.equal(
      await refused({ forbiddenAccountIds: '["111111111111"]' }),
      'AWS account ID not allowed: 111111111111',
    );
    await open({ assumeRoles, allowedAccountIds: '["222222222222"]' });
  });

  it('refuses a missing or malformed region, and roles that are not a list', async () => {
    assert.match(await refused({}, { region: '' }), /Missing region configuration/);
    assert.match(await refused({ region: '' }), /Missing region configuration/);
    assert.match(await refused({ region: 'somewhere' }), /invalid AWS Region: somewhere/);
    assert.match(
      await refused({ assumeRole: '{"roleArn":"x"}' }),
      /invalid config key 'aws:assumeRole', should be 'aws:assumeRoles'/,
    );
    assert.match(await refused({ assumeRoles: '{"roleArn":"x"}' }), /must be an array/);
    assert.match(await refused({ defaultTags: '{' }), /defaultTags: expected JSON/);
  });

  it('names the same faults in checkConfig, before anything is configured', async () => {
    const { host } = createSandboxAws(newSettings());
    const provider = await host.load('aws', '7.48.0');
    const request = { ...identity('pulumi:providers:aws', 'env'), olds: {}, news: { assumeRole: '{}', region: 'x' } };
    const { failures } = await provider.checkConfig(request);
    assert.deepEqual(
      failures.map(({ property }) => property),
      ['assumeRole', 'region'],
    );
  });

  it('does not judge inputs that a preview does not know yet', async () => {
    const unknown = { assumeRoles: `[{"roleArn":"${UNKNOWN}"}]`, allowedAccountIds: UNKNOWN, region: UNKNOWN };
    const { provider } = await open({});
    const request = { ...identity('pulumi:providers:aws', 'env'), olds: {}, news: unknown };
    assert.deepEqual((await provider.checkConfig(request)).failures, []);
  });

  it('says what changed in its own inputs, never replacing', async () => {
    const { provider } = await open({});
    const request = { ...identity('pulumi:providers:aws', 'env'), id: '1', olds: {}, ignoreChanges: [] };
    const diff = await provider.diffConfig({
      ...request,
      oldInputs: { region: 'a', version: '1' },
      news: { region: 'b', version: '2' },
    });
    assert.deepEqual([diff.changes, diff.diffs, diff.replaces], ['some', ['region'], []]);
  });

  it('refuses to be used before it was configured', async () => {
    const { host } = createSandboxAws(newSettings());
    const provider = await host.load('aws', '7.48.0');
    await assert.rejects(provider.invoke({ tok: CALLER, args: {}, preview: false }), /before it was configured/);
  });

  describe('functions', () => {
    it('know the partition of the region', async () => {
      const china = await open({ region: 'cn-north-1' });
      const partition = await china.invoke('aws:index/getPartition:getPartition');
      assert.deepEqual([partition['partition'], partition['dnsSuffix']], ['aws-cn', 'amazonaws.com.cn']);
      const role = await china.role('r');
      assert.match(String(role.properties['arn']), /^arn:aws-cn:iam::111111111111:role\//);
    });

    it('find the account of a prebuilt image, by family and region', async () => {
      const account = await open({ region: 'eu-west-1' });
      const path = async (args: Properties) => (await account.invoke(IMAGE, args))['registryPath'];
      assert.equal(
        await path({ repositoryName: 'sagemaker-xgboost', imageTag: '1.7-1' }),
        '141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1',
      );
      assert.equal(
        await path({ repositoryName: 'blazingtext', region: 'us-east-2' }),
        '825641698319.dkr.ecr.us-east-2.amazonaws.com/blazingtext:1',
      );
      assert.match(
        String(await path({ repositoryName: 'pytorch-inference', region: 'eu-north-1' })),
        /^763104351884\./,
      );
    });

    it('refuse an unknown repository, and a region without the family', async () => {
      const account = await open({});
      const message = async (args: Properties) => (await failure(account.invoke(IMAGE, args))).message;
      assert.match(
        await message({ repositoryName: 'xgboosty' }),
        /expected repository_name to be one of .*"kmeans".* got xgboosty/,
      );
      assert.match(
        await message({ repositoryName: 'lda', region: 'eu-north-1' }),
        /no registry ID available for region \(eu-north-1\) and repository \(lda\)/,
      );
    });

    it('write a policy document as the real one does', async () => {
      const account = await open({});
      const source = JSON.stringify({
        Version: '2012-10-17',
        Statement: { Sid: 'A', Effect: 'Allow', Action: 'a:b', Resource: '*' },
      });
      const { json, minifiedJson } = await account.invoke(POLICY, {
        sourcePolicyDocuments: [source],
        statements: [
          {
            actions: ['s3:GetObject', 's3:PutObject'],
            resources: ['arn:aws:s3:::b/*'],
            principals: [{ type: 'Service', identifiers: ['x.amazonaws.com'] }],
            conditions: [{ test: 'StringEquals', variable: 'aws:SourceAccount', values: ['1'] }],
          },
          {
            sid: 'Own',
            effect: 'Deny',
            actions: ['*'],
            principals: [{ type: '*', identifiers: ['*'] }],
            notResources: ['x'],
          },
        ],
      });
      assert.deepEqual(JSON.parse(String(json)), {
        Version: '2012-10-17',
        Statement: [
          { Sid: 'A', Effect: 'Allow', Action: 'a:b', Resource: '*' },
          {
            Effect: 'Allow',
            Principal: { Service: 'x.amazonaws.com' },
            Action: ['s3:PutObject', 's3:GetObject'],
            Resource: 'arn:aws:s3:::b/*',
            Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
          },
          { Sid: 'Own', Effect: 'Deny', Principal: '*', Action: '*', NotResource: 'x' },
        ],
      });
      assert.equal(minifiedJson, JSON.stringify(JSON.parse(String(json))));
      assert.match(
        (await failure(account.invoke(POLICY, { sourcePolicyDocuments: [source, source] }))).message,
        /duplicate Sid \(A\)/,
      );
    });

    it('let a statement of an override take the place of one with its sid', async () => {
      const account = await open({});
      const override = JSON.stringify({ Statement: [{ Sid: 'A', Effect: 'Deny', Action: 'a:b', Resource: '*' }] });
      const { json } = await account.invoke(POLICY, {
        statements: [{ sid: 'A', actions: ['a:b'], resources: ['*'] }],
        overridePolicyDocuments: [override],
      });
      const { Statement: statements } = JSON.parse(String(json)) as { Statement: { Effect: string }[] };
      assert.deepEqual(
        statements.map(({ Effect: effect }) => effect),
        ['Deny'],
      );
    });

    it('find APIs by name', async () => {
      const account = await open({});
      const api = await account.create('aws:apigatewayv2/api:Api', 'api', { protocolType: 'HTTP', name: 'shop' });
      await account.create('aws:apigatewayv2/api:Api', 'other', { protocolType: 'HTTP' });
      assert.deepEqual((await account.invoke('aws:apigatewayv2/getApis:getApis', { name: 'shop' }))['ids'], [api.id]);
    });

    it('answer nothing while an argument is unknown', async () => {
      const account = await open({});
      assert.deepEqual(await account.invoke(IMAGE, { repositoryName: UNKNOWN }), {});
    });

    it('say which there are when asked for another', async () => {
      const account = await open({});
      await assert.rejects(
        account.invoke('aws:ec2/getAmi:getAmi'),
        /does not simulate aws:ec2\/getAmi.*getCallerIdentity/,
      );
    });
  });

  it('finds what was made but not recorded, by its derived id or by its inputs', async () => {
    const account = await open({ region: 'eu-west-1' });
    const environment = {
      name: 'dev',
      accountId: '',
      region: 'eu-west-1',
      deploymentRoleArn: '',
      externalId: 'mlops',
      permissionsBoundaryArn: '',
      organizationalUnitId: '',
      assetsBucket: '',
    } as const;
    const find = (type: string, inputs: Properties) => account.cloud.findCreated(environment, type, inputs);
    const api = await account.create('aws:apigatewayv2/api:Api', 'api', { protocolType: 'HTTP', name: 'shop' });
    assert.equal(await find(api.type, api.inputs), api.id);
    assert.equal(await find(api.type, { ...api.inputs, name: 'none' }), undefined);
    const news = { apiId: api.id, routeKey: 'POST /inference' };
    const route = await account.create('aws:apigatewayv2/route:Route', 'route', news);
    assert.equal(await find(route.type, route.inputs), route.id);
    const stage = await account.create('aws:apigatewayv2/stage:Stage', 'stage', { apiId: api.id, name: 'prod' });
    const found = await find(stage.type, stage.inputs);
    assert.equal(found, `${api.id}/prod`);
    const imported = await account.provider.read({
      ...identity(stage.type, 's'),
      id: found ?? '',
      properties: {},
      inputs: {},
      timeout: 0,
    });
    assert.deepEqual([imported.id, imported.properties], ['prod', stage.properties]);
    const prefixed = await account.create('aws:iam/role:Role', 'r', {
      namePrefix: 'p-',
      assumeRolePolicy: trust('x.amazonaws.com'),
    });
    assert.equal(await find(prefixed.type, prefixed.inputs), prefixed.id);
    const role = await account.role('Mixed-Case');
    assert.equal(await find(role.type, role.inputs), role.id);
    assert.equal(await find('aws:none/none:None', {}), undefined);
  });
});
