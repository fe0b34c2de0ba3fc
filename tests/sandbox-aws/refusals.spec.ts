import assert from 'node:assert/strict';
import { Account, CONFIG, ENDPOINT, MODEL, ROLE, failure, trust, variant } from './support.ts';

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});
const ATTACHMENT = 'aws:iam/rolePolicyAttachment:RolePolicyAttachment';

describe('sandbox AWS: what it refuses', () => {
  let account: Account;
  beforeEach(async () => {
    account = await Account.open();
  });
  afterEach(() => account.remove());

  const refused = async (call: Promise<unknown>): Promise<string> => (await failure(call)).message;

  it('words a refusal as the real provider does, with operation, status, request id and code', async () => {
    const message = await refused(account.create(ENDPOINT, 'e', { name: 'shop', endpointConfigName: 'none' }));
    assert.match(
      message,
      /^creating SageMaker AI Endpoint \(shop\): operation error SageMaker: CreateEndpoint, https response error StatusCode: 400, RequestID: [0-9a-f-]{36}, api error ValidationException: Could not find endpoint configuration "none"\.$/,
    );
  });

  it('refuses a second resource of the same name, with the code of each service', async () => {
    const role = { name: 'twin', assumeRolePolicy: trust('lambda.amazonaws.com') };
    await account.create(ROLE, 'one', role);
    assert.match(
      await refused(account.create(ROLE, 'two', { ...role, name: 'TWIN' })),
      /409.*EntityAlreadyExists: Role with name TWIN/,
    );
    await account.create('aws:cloudwatch/logGroup:LogGroup', 'one', { name: '/twin' });
    const again = account.create('aws:cloudwatch/logGroup:LogGroup', 'two', { name: '/twin' });
    assert.match(await refused(again), /ResourceAlreadyExistsException/);
  });

  it('lets a put overwrite where AWS does', async () => {
    const topic = await account.create('aws:sns/topic:Topic', 'one', { name: 'news' });
    const again = await account.create('aws:sns/topic:Topic', 'two', { name: 'news', displayName: 'News' });
    assert.equal(again.id, topic.id);
    assert.equal((await account.read(topic)).properties['displayName'], 'News');
  });

  it('refuses a model whose role is missing, or is not for SageMaker', async () => {
    const primaryContainer = { image: 'x:1' };
    const missing = account.create(MODEL, 'm', {
      executionRoleArn: 'arn:aws:iam::111111111111:role/none',
      primaryContainer,
    });
    assert.match(await refused(missing), /ValidationException: Could not assume role/);
    const lambda = await account.role('lambda', 'lambda.amazonaws.com');
    const wrong = account.create(MODEL, 'm', { executionRoleArn: lambda.properties['arn'] ?? '', primaryContainer });
    assert.match(await refused(wrong), /ValidationException: Could not assume role/);
  });

  it('refuses a configuration whose model is missing', async () => {
    const config = account.create(CONFIG, 'c', { productionVariants: [variant('none')] });
    assert.match(await refused(config), /ValidationException: Could not find model "none"/);
  });

  it("applies SageMaker's stricter names only at creation", async () => {
    const name = 'm'.repeat(70);
    assert.deepEqual(
      (await account.check(MODEL, name, { executionRoleArn: 'arn:aws:iam::111111111111:role/r' })).failures,
      [],
    );
    const role = await account.role('r');
    const model = account.create(MODEL, name, {
      executionRoleArn: role.properties['arn'] ?? '',
      primaryContainer: { image: 'x' },
    });
    assert.match(await refused(model), /ValidationException: .*length less than or equal to 63/);
  });

  it('refuses to delete a configuration that an endpoint uses, and lets go once the endpoint has moved', async () => {
    const { model, config, endpoint } = await account.endpoint();
    assert.match(
      await refused(account.delete(config)),
      /DeleteEndpointConfig.*ValidationException.*while endpoint "endpoint-/,
    );
    const next = await account.config(model.id, 'next');
    await account.update(endpoint, { endpointConfigName: next.id });
    await account.delete(config);
    assert.equal((await account.read(config)).id, '');
  });

  it('refuses to delete a role that still has policies, and counts forceDetachPolicies', async () => {
    const role = await account.role('r');
    const inline = await account.create('aws:iam/rolePolicy:RolePolicy', 'p', { role: role.id, policy: POLICY });
    assert.match(await refused(account.delete(role)), /409.*DeleteConflict: .*must delete policies first/);
    await account.delete(inline);
    const arn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    await account.create(ATTACHMENT, 'a', { role: role.id, policyArn: arn });
    assert.match(await refused(account.delete(role)), /DeleteConflict: .*must detach all policies first/);
    const changed = await account.update(role, { forceDetachPolicies: true });
    await account.delete({ ...role, properties: changed.properties });
    assert.equal((await account.read(role)).id, '');
  });

  it('refuses to attach a policy that does not exist, and to delete one that is attached', async () => {
    const role = await account.role('r');
    const arn = 'arn:aws:iam::111111111111:policy/none';
    assert.match(
      await refused(account.create(ATTACHMENT, 'a', { role: role.id, policyArn: arn })),
      /404.*NoSuchEntity/,
    );
    const policy = await account.create('aws:iam/policy:Policy', 'p', { policy: POLICY });
    await account.create(ATTACHMENT, 'a', { role: role.id, policyArn: policy.id });
    assert.match(await refused(account.delete(policy)), /DeleteConflict/);
  });

  it('refuses a trust policy that is no policy, or names a role that does not exist', async () => {
    const nobody = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111111111111:role/none' },
      Action: 'sts:AssumeRole',
    };
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [nobody] });
    assert.match(
      await refused(account.create(ROLE, 'r', { assumeRolePolicy: document })),
      /MalformedPolicyDocument: Invalid principal/,
    );
    assert.match(await refused(account.create(ROLE, 'r', { assumeRolePolicy: '[]' })), /MalformedPolicyDocument/);
  });

  it('refuses to delete a bucket with objects, unless forceDestroy was in the state before', async () => {
    const bucket = await account.create('aws:s3/bucket:Bucket', 'assets');
    const content = { bucket: bucket.id, key: 'a//b', content: 'hello' };
    const object = await account.create('aws:s3/bucketObjectv2:BucketObjectv2', 'o', content);
    assert.equal(object.id, `${bucket.id}/a/b`);
    assert.match(await refused(account.delete(bucket)), /409.*BucketNotEmpty/);
    await account.update(bucket, { forceDestroy: true });
    await account.delete(bucket);
    assert.equal((await account.read(object)).id, '');
  });

  it('keeps bucket names unique over all accounts', async () => {
    await account.create('aws:s3/bucket:Bucket', 'b', { bucket: 'taken' });
    assert.match(
      await refused(account.create('aws:s3/bucket:Bucket', 'c', { bucket: 'taken' })),
      /BucketAlreadyOwnedByYou/,
    );
    const roleArn = 'arn:aws:iam::222222222222:role/x';
    const other = await Account.open(
      { directory: account.settings.directory },
      { assumeRoles: JSON.stringify([{ roleArn }]) },
    );
    assert.match(await refused(other.create('aws:s3/bucket:Bucket', 'c', { bucket: 'taken' })), /BucketAlreadyExists/);
  });

  it('refuses to delete a rule with targets', async () => {
    const rule = await account.create('aws:cloudwatch/eventRule:EventRule', 'r', {
      scheduleExpression: 'rate(1 hour)',
    });
    const arn = 'arn:aws:lambda:us-east-1:111111111111:function:f';
    const target = await account.create('aws:cloudwatch/eventTarget:EventTarget', 't', { rule: rule.id, arn });
    assert.match(await refused(account.delete(rule)), /Rule can't be deleted since it has targets/);
    await account.delete(target);
    await account.delete(rule);
  });

  it('keeps the name of a deleted secret taken, unless the recovery window is 0', async () => {
    const type = 'aws:secretsmanager/secret:Secret';
    const open = await Account.open({ speed: 0.001 });
    try {
      await open.delete(await open.create(type, 's', { name: 'kept', recoveryWindowInDays: 7 }));
      assert.match(
        await refused(open.create(type, 's', { name: 'kept' })),
        /InvalidRequestException.*scheduled for deletion/,
      );
      await open.delete(await open.create(type, 's', { name: 'free', recoveryWindowInDays: 0 }));
      await open.create(type, 's', { name: 'free' });
    } finally {
      await open.remove();
    }
  });

  it('refuses a schedule for an endpoint without data capture', async () => {
    const { endpoint } = await account.endpoint();
    const role = await account.role('monitor');
    const definition = await account.create('aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition', 'd', {
      roleArn: role.properties['arn'] ?? '',
      dataQualityAppSpecification: { imageUri: 'x' },
      dataQualityJobInput: { endpointInput: { endpointName: endpoint.id } },
      dataQualityJobOutputConfig: { monitoringOutputs: { s3Output: { s3Uri: 's3://b/o' } } },
      jobResources: { clusterConfig: { instanceCount: 1, instanceType: 'ml.m5.large', volumeSizeInGb: 20 } },
    });
    const schedule = account.create('aws:sagemaker/monitoringSchedule:MonitoringSchedule', 's', {
      monitoringScheduleConfig: {
        monitoringType: 'DataQuality',
        monitoringJobDefinitionName: definition.id,
        scheduleConfig: { scheduleExpression: 'cron(0 * ? * * *)' },
      },
    });
    assert.match(await refused(schedule), /Data capture is not enabled/);
  });

  it('deletes what is gone already without a word', async () => {
    const role = await account.role('r');
    await account.delete(role);
    await account.delete(role);
  });
});
