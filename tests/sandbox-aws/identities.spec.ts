import assert from 'node:assert/strict';
import { simulatedTypes } from '../../sandbox/aws/registry.ts';
import type { Made } from './support.ts';
import { Account, failure, trust } from './support.ts';
import { containers, database, network } from './world-cloud.ts';
import { messaging, storage } from './world-data.ts';
import { A, POLICY, World, out } from './world.ts';

describe('sandbox AWS: ids, ARNs and outputs of every type', () => {
  let account: Account;
  before(async () => {
    account = await Account.open({}, { region: 'eu-west-1' });
  });
  after(() => account.remove());

  it('are those of AWS, come back by a read, show no difference, and can be deleted in reverse order', async () => {
    const world = new World(account);
    await identityAndKeys(world);
    const { role, functionName, functionArn } = await compute(world);
    await httpApi(world, functionArn);
    await storage(world, functionName);
    await messaging(world, functionArn);
    await sagemaker(world, role);
    await tools(world);
    const cloud = await network(world);
    await containers(world, cloud);
    await database(world, cloud);

    const types = new Set(world.made.map(({ type }) => type));
    assert.deepEqual(
      simulatedTypes().filter((type) => !types.has(type)),
      [],
    );

    for (const made of world.made.toReversed()) {
      await account.delete(made);
      assert.equal((await account.read(made)).id, '', made.type);
    }
    const journal = await account.journal();
    assert.equal(journal.filter((line) => line.startsWith('create')).length, world.made.length);
    assert.equal(journal.filter((line) => line.startsWith('delete')).length, world.made.length);
  });

  async function identityAndKeys(world: World): Promise<void> {
    const role = await world.make(
      'aws:iam/role:Role',
      { name: 'app', path: '/team/', assumeRolePolicy: trust('apigateway.amazonaws.com') },
      'app',
      {
        arn: `arn:aws:iam::${A}:role/team/app`,
        uniqueId: /^AROA[A-Z2-7]{17}$/,
        createDate: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      },
    );
    await world.make('aws:iam/rolePolicy:RolePolicy', { name: 'inline', role: role.id, policy: POLICY }, 'app:inline');
    const policy = await world.make(
      'aws:iam/policy:Policy',
      { name: 'p', policy: POLICY },
      `arn:aws:iam::${A}:policy/p`,
      {
        arn: `arn:aws:iam::${A}:policy/p`,
        policyId: /^ANPA/,
      },
    );
    const attached = `app/arn:aws:iam::${A}:policy/p`;
    await world.make(
      'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
      { role: role.id, policyArn: policy.id },
      attached,
    );
    const key = await world.make('aws:kms/key:Key', {}, /^[0-9a-f-]{36}$/, {
      arn: new RegExp(`^arn:aws:kms:eu-west-1:${A}:key/`),
    });
    const keyArn = `arn:aws:kms:eu-west-1:${A}:key/${key.id}`;
    await world.make('aws:kms/alias:Alias', { name: 'alias/a', targetKeyId: key.id }, 'alias/a', {
      arn: `arn:aws:kms:eu-west-1:${A}:alias/a`,
      targetKeyArn: keyArn,
    });
    const secret = await world.make(
      'aws:secretsmanager/secret:Secret',
      { name: 's', recoveryWindowInDays: 0 },
      new RegExp(`^arn:aws:secretsmanager:eu-west-1:${A}:secret:s-[a-z0-9]{6}$`),
    );
    await world.make(
      'aws:secretsmanager/secretVersion:SecretVersion',
      { secretId: secret.id, secretString: 'x' },
      /\|[0-9a-f-]{36}$/,
      {
        secretArn: secret.id,
      },
    );
  }

  async function compute(world: World) {
    const role = await world.make(
      'aws:iam/role:Role',
      { name: 'fn', assumeRolePolicy: trust('lambda.amazonaws.com') },
      'fn',
    );
    const sagemakerRole = await world.make(
      'aws:iam/role:Role',
      { name: 'sm', assumeRolePolicy: trust('sagemaker.amazonaws.com') },
      'sm',
    );
    const functionArn = `arn:aws:lambda:eu-west-1:${A}:function:f`;
    const invokeArn = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
    const settings = { handler: 'i.h', runtime: 'nodejs22.x', s3Bucket: 'b', s3Key: 'k' };
    await world.make('aws:lambda/function:Function', { name: 'f', role: out(role, 'arn'), ...settings }, 'f', {
      arn: functionArn,
      invokeArn,
      qualifiedArn: `${functionArn}:$LATEST`,
      version: '$LATEST',
    });
    const permission = { action: 'lambda:InvokeFunction', function: functionArn, principal: 's3.amazonaws.com' };
    await world.make('aws:lambda/permission:Permission', { ...permission, statementId: 'allow' }, 'allow');
    const md5 = '99914b932bd37a50b983c5e7c90ae93b';
    await world.make('aws:lambda/invocation:Invocation', { functionName: 'f', input: '{}' }, `f,$LATEST,${md5}`);
    await world.make('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig', { functionName: 'f' }, 'f');
    return { role: sagemakerRole, functionName: 'f', functionArn };
  }

  async function httpApi(world: World, functionArn: string): Promise<void> {
    const api = await world.make('aws:apigatewayv2/api:Api', { protocolType: 'HTTP' }, /^[a-z0-9]{10}$/);
    assert.equal(out(api, 'apiEndpoint'), `https://${api.id}.execute-api.eu-west-1.amazonaws.com`);
    assert.equal(out(api, 'executionArn'), `arn:aws:execute-api:eu-west-1:${A}:${api.id}`);
    const proxy = { apiId: api.id, integrationType: 'AWS_PROXY', integrationUri: functionArn };
    const wrong = account.create('aws:apigatewayv2/integration:Integration', 'x', {
      ...proxy,
      integrationUri: `${functionArn}x`,
    });
    assert.match((await failure(wrong)).message, /BadRequestException: Invalid function/);
    const integration = await world.make('aws:apigatewayv2/integration:Integration', proxy, /^[a-z0-9]{7}$/);
    const route = { apiId: api.id, routeKey: 'POST /inference', target: `integrations/${integration.id}` };
    await world.make('aws:apigatewayv2/route:Route', route, /^[a-z0-9]{7}$/);
    assert.match(
      (await failure(account.create('aws:apigatewayv2/route:Route', 'again', route))).message,
      /409.*ConflictException/,
    );
    assert.match((await failure(account.delete(integration))).message, /409.*ConflictException/);
    await world.make('aws:apigatewayv2/stage:Stage', { apiId: api.id, name: 'prod' }, 'prod', {
      arn: `arn:aws:apigateway:eu-west-1::/apis/${api.id}/stages/prod`,
      executionArn: `arn:aws:execute-api:eu-west-1:${A}:${api.id}/prod`,
      invokeUrl: `https://${api.id}.execute-api.eu-west-1.amazonaws.com/prod`,
    });
  }

  async function sagemaker(world: World, role: Made): Promise<void> {
    const arn = (rest: string) => `arn:aws:sagemaker:eu-west-1:${A}:${rest}`;
    const roleArn = out(role, 'arn');
    await world.make(
      'aws:sagemaker/model:Model',
      { name: 'M', executionRoleArn: roleArn, primaryContainer: { image: 'x' } },
      'M',
      { arn: arn('model/m') },
    );
    const productionVariants = [
      { modelName: 'M', variantName: 'v', instanceType: 'ml.m5.large', initialInstanceCount: 1 },
    ];
    const dataCaptureConfig = {
      enableCapture: true,
      initialSamplingPercentage: 100,
      destinationS3Uri: 's3://b/p',
      captureOptions: [{ captureMode: 'Input' }],
    };
    const config = { name: 'c', productionVariants, dataCaptureConfig };
    await world.make('aws:sagemaker/endpointConfiguration:EndpointConfiguration', config, 'c', {
      arn: arn('endpoint-config/c'),
    });
    await world.make('aws:sagemaker/endpoint:Endpoint', { name: 'e', endpointConfigName: 'c' }, 'e', {
      arn: arn('endpoint/e'),
    });

    const scaling = {
      serviceNamespace: 'sagemaker',
      resourceId: 'endpoint/e/variant/v',
      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
    };
    const wrong = account.create('aws:appautoscaling/target:Target', 'x', {
      ...scaling,
      resourceId: 'endpoint/e/variant/w',
      minCapacity: 1,
      maxCapacity: 2,
    });
    assert.match((await failure(wrong)).message, /ValidationException/);
    await world.make(
      'aws:appautoscaling/target:Target',
      { ...scaling, minCapacity: 1, maxCapacity: 2 },
      scaling.resourceId,
    );
    const policy = { ...scaling, name: 'p', policyType: 'TargetTrackingScaling' };
    await world.make('aws:appautoscaling/policy:Policy', policy, 'p', {
      arn: new RegExp(
        `^arn:aws:autoscaling:eu-west-1:${A}:scalingPolicy:[0-9a-f-]{36}:resource/sagemaker/endpoint/e/variant/v:policyName/p$`,
      ),
    });

    const definition = {
      name: 'dq',
      roleArn,
      dataQualityAppSpecification: { imageUri: 'x' },
      dataQualityJobInput: { endpointInput: { endpointName: 'e' } },
      dataQualityJobOutputConfig: { monitoringOutputs: { s3Output: { s3Uri: 's3://b/o' } } },
      jobResources: { clusterConfig: { instanceCount: 1, instanceType: 'ml.m5.large', volumeSizeInGb: 20 } },
    };
    await world.make('aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition', definition, 'dq', {
      arn: arn('data-quality-job-definition/dq'),
    });
    const monitoringScheduleConfig = {
      monitoringType: 'DataQuality',
      monitoringJobDefinitionName: 'dq',
      scheduleConfig: { scheduleExpression: 'cron(0 0/6 ? * * *)' },
    };
    await world.make(
      'aws:sagemaker/monitoringSchedule:MonitoringSchedule',
      { name: 's', monitoringScheduleConfig },
      's',
      {
        arn: arn('monitoring-schedule/s'),
      },
    );
    const group = { modelPackageGroupName: 'g' };
    await world.make('aws:sagemaker/modelPackageGroup:ModelPackageGroup', group, 'g', {
      arn: arn('model-package-group/g'),
    });
    await world.make(
      'aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy',
      { ...group, resourcePolicy: POLICY },
      'g',
    );
    const desiredState = JSON.stringify({
      JobDefinitionName: 'mq',
      ModelQualityAppSpecification: { ImageUri: 'analyzer' },
      ModelQualityJobInput: { GroundTruthS3Input: { S3Uri: 's3://b/truth' } },
      ModelQualityJobOutputConfig: {
        MonitoringOutputs: [{ S3Output: { S3Uri: 's3://b/out', LocalPath: '/opt/out' } }],
      },
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 20 } },
      RoleArn: roleArn,
    });
    const typeName = 'AWS::SageMaker::ModelQualityJobDefinition';
    await world.make(
      'aws:cloudcontrol/resource:Resource',
      { typeName, desiredState },
      arn('model-quality-job-definition/mq'),
    );
  }

  async function tools(world: World): Promise<void> {
    await world.make('aws:ecr/repository:Repository', { name: 'team/app' }, 'team/app', {
      arn: `arn:aws:ecr:eu-west-1:${A}:repository/team/app`,
      repositoryUrl: `${A}.dkr.ecr.eu-west-1.amazonaws.com/team/app`,
    });
    await world.make(
      'aws:ecr/repositoryPolicy:RepositoryPolicy',
      { repository: 'team/app', policy: POLICY },
      'team/app',
    );
    const lifecycle = { repository: 'team/app', policy: '{"rules":[]}' };
    await world.make('aws:ecr/lifecyclePolicy:LifecyclePolicy', lifecycle, 'team/app', { registryId: A });
    const build = await world.make(
      'aws:iam/role:Role',
      { name: 'cb', assumeRolePolicy: trust('codebuild.amazonaws.com') },
      'cb',
    );
    const project = {
      name: 'cb',
      artifacts: { type: 'CODEPIPELINE' },
      source: { type: 'CODEPIPELINE' },
      environment: { computeType: 'BUILD_GENERAL1_SMALL', image: 'x', type: 'LINUX_CONTAINER' },
      serviceRole: out(build, 'arn'),
    };
    await world.make('aws:codebuild/project:Project', project, `arn:aws:codebuild:eu-west-1:${A}:project/cb`);
    const pipe = await world.make(
      'aws:iam/role:Role',
      { name: 'cp', assumeRolePolicy: trust('codepipeline.amazonaws.com') },
      'cp',
    );
    const action = { owner: 'AWS', version: '1' };
    const source = { ...action, name: 's', category: 'Source', provider: 'S3', outputArtifacts: ['code'] };
    const builds = { ...action, name: 'b', category: 'Build', provider: 'CodeBuild', inputArtifacts: ['code'] };
    const stages = [
      { name: 'Source', actions: [source] },
      { name: 'Build', actions: [builds] },
    ];
    const pipeline = { name: 'cp', roleArn: out(pipe, 'arn'), artifactStores: [{ location: 'b', type: 'S3' }], stages };
    const token = 'aws:codepipeline/pipeline:Pipeline';
    await world.make(token, pipeline, 'cp', { arn: `arn:aws:codepipeline:eu-west-1:${A}:cp` });
    const reversed = account.create(token, 'x', { ...pipeline, name: 'x', stages: stages.toReversed() });
    assert.match((await failure(reversed)).message, /InvalidStructureException/);
  }
});
