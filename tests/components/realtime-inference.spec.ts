import assert from 'node:assert/strict';
import type * as pulumi from '@pulumi/pulumi';
import { describe, it } from 'mocha';
import type { BlueprintContext } from '../../blueprints/blueprint.ts';
import { program } from '../../blueprints/realtime-inference/program.ts';
import { realtimeBuiltin, realtimeCustom } from '../../blueprints/realtime-inference/index.ts';
import { bundleText } from '../../blueprints/shared/lambda/lambda-bundle.ts';
import type { Answers, Registered, Run } from '../../blueprints/testing.ts';
import { RANDOM, run } from '../../blueprints/testing.ts';

const NAME = 'mlops-pipeline-my-model-name-postfix';
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012';
const PACKAGE = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group/1';
const BOUNDARY = 'arn:aws:iam::111111111111:policy/boundary';

const builtin = (changes: Record<string, unknown> = {}, context: Partial<BlueprintContext> = {}, answers?: Answers) =>
  run(program, { ...realtimeBuiltin.example, ...changes }, context, answers);
const custom = (changes: Record<string, unknown> = {}) => run(program, { ...realtimeCustom.example, ...changes });

/** A request as the schema of an installation with a model registry leaves it. */
const registered = () => {
  const {
    model_framework: _f,
    model_framework_version: _v,
    model_artifact_location: _l,
    ...rest
  } = realtimeBuiltin.example;
  return run(program, { ...rest, model_package_name: PACKAGE });
};

const container = (made: Run) => made.find('Model').inputs.primaryContainer;
const statements = (made: Run, role: 'execution' | 'inference') =>
  (
    JSON.parse(String(made.find('RolePolicy', `${NAME}-${role}-policy`).inputs.policy)) as {
      Statement: { Sid: string }[];
    }
  ).Statement;
const sids = (made: Run, role: 'execution' | 'inference') => statements(made, role).map((statement) => statement.Sid);
const summary = ({ type, name }: Registered) => `${type.split(':').at(-1)} ${name}`;

describe('the real-time component', () => {
  it('makes exactly these resources, all of them its children, with the provider of the environment', async () => {
    const { resources } = await builtin();
    const [component, children] = [
      resources.filter((one) => one.type.startsWith('mlops:')),
      resources.filter((one) => one.type.startsWith('aws:')),
    ];
    assert.deepEqual(component.map(summary), [`RealtimeInference ${NAME}`]);
    assert.equal(component[0]?.type, 'mlops:realtime-inference:RealtimeInference');
    assert.deepEqual(children.map(summary).sort(), [
      `Api ${NAME}-api`,
      `Endpoint ${NAME}-endpoint`,
      `EndpointConfiguration ${NAME}-endpoint-config`,
      `Function ${NAME}-inference`,
      `Integration ${NAME}-api-integration`,
      `LogGroup ${NAME}-api-access-log`,
      `LogGroup ${NAME}-inference-log`,
      `Model ${NAME}-model`,
      `Permission ${NAME}-api-permission`,
      `Role ${NAME}-execution-role`,
      `Role ${NAME}-inference-role`,
      `RolePolicy ${NAME}-execution-policy`,
      `RolePolicy ${NAME}-inference-policy`,
      `Route ${NAME}-api-route`,
      `Stage ${NAME}-api-stage`,
    ]);
    assert.deepEqual(new Set(children.map((one) => one.parent)), new Set([NAME]));
    assert.deepEqual(new Set(children.map((one) => one.provider)), new Set(['place']));
  });

  it('gives the stack its outputs, the names of the original among them', async () => {
    const { outputs } = await builtin();
    assert.deepEqual(outputs, {
      endpointName: 'my-builtin-endpoint',
      inferenceUrl: 'https://abc.execute-api.us-east-1.amazonaws.com/prod/inference',
      modelName: `${NAME}-model-${RANDOM}`,
      endpointConfigName: `${NAME}-endpoint-config-${RANDOM}`,
      executionRoleArn: `arn:aws:iam::111111111111:role/${NAME}-execution-role-${RANDOM}`,
      inferenceFunctionName: `${NAME}-inference-${RANDOM}`,
      inferenceRoleArn: `arn:aws:iam::111111111111:role/${NAME}-inference-role-${RANDOM}`,
      dataCaptureLocation: 's3://my-bucket/my-prefix/my-builtin-endpoint/',
      SageMakerModelName: `${NAME}-model-${RANDOM}`,
      SageMakerEndpointConfigName: `${NAME}-endpoint-config-${RANDOM}`,
      SageMakerEndpointName: 'my-builtin-endpoint',
      EndpointDataCaptureLocation:
        'https://s3.console.aws.amazon.com/s3/buckets/my-bucket?region=us-east-1&prefix=my-prefix%2Fmy-builtin-endpoint%2F',
    });
    for (const key of realtimeBuiltin.keyOutputs ?? []) assert.ok(key in outputs, key);
    assert.ok((realtimeBuiltin.endpointOutput ?? '') in outputs);
  });

  describe('model', () => {
    it('takes the image of a built-in algorithm from the registry of the region, and the artifact from the assets', async () => {
      const made = await builtin();
      assert.deepEqual(made.find('Model').inputs, {
        executionRoleArn: `arn:aws:iam::111111111111:role/${NAME}-execution-role-${RANDOM}`,
        primaryContainer: {
          image: '811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1',
          modelDataUrl: 's3://assets-bucket/path/to/model.tar.gz',
        },
        tags: { model_name: 'my-model-name' },
      });
      const lookup = made.calls.find((call) => call.token.endsWith('getPrebuiltEcrImage'));
      assert.deepEqual(lookup?.inputs, { repositoryName: 'blazingtext', imageTag: '1', region: 'us-east-1' });
    });

    it('asks for the repository itself where the look-up knows it', async () => {
      const made = await builtin({ model_framework_version: '1.7-1' });
      const lookup = made.calls.find((call) => call.token.endsWith('getPrebuiltEcrImage'));
      assert.equal(lookup?.inputs.repositoryName, 'sagemaker-xgboost');
      assert.equal(lookup?.inputs.imageTag, '1.7-1');
      assert.match(JSON.stringify(container(made)), /\/sagemaker-xgboost:1\.7-1"/);
    });

    it('takes the partition’s own registry host', async () => {
      const made = await builtin(
        {},
        { region: 'cn-north-1' },
        {
          getPartition: () => ({ partition: 'aws-cn', dnsSuffix: 'amazonaws.com.cn' }),
        },
      );
      assert.match(JSON.stringify(container(made)), /"811284229777\.dkr\.ecr\.cn-north-1\.amazonaws\.com\.cn\//);
      assert.match(JSON.stringify(statements(made, 'execution')), /arn:aws-cn:s3:::assets-bucket/);
      assert.doesNotMatch(JSON.stringify(statements(made, 'execution')), /"arn:aws:/);
    });

    it('takes a custom image as it is, and asks for no other', async () => {
      const made = await custom();
      assert.deepEqual(container(made), {
        image: '111111111111.dkr.ecr.us-east-1.amazonaws.com/my-algorithm:1',
        modelDataUrl: 's3://assets-bucket/path/to/model.tar.gz',
      });
      assert.ok(!made.calls.some((call) => call.token.endsWith('getPrebuiltEcrImage')));
    });

    it('takes a model package in place of image and artifact', async () => {
      const made = await registered();
      assert.deepEqual(container(made), { modelPackageName: PACKAGE });
      assert.ok(!made.calls.some((call) => call.token.endsWith('getPrebuiltEcrImage')));
    });

    it('is made when its role may read the artifact', async () => {
      const { dependencies } = (await builtin()).find('Model');
      assert.deepEqual(dependencies, [`${NAME}-execution-policy`, `${NAME}-execution-role`]);
    });
  });

  describe('endpoint', () => {
    it('captures every request and answer of one instance', async () => {
      assert.deepEqual((await builtin()).find('EndpointConfiguration').inputs, {
        productionVariants: [
          {
            variantName: 'AllTraffic',
            modelName: `${NAME}-model-${RANDOM}`,
            instanceType: 'ml.m5.large',
            initialInstanceCount: 1,
            initialVariantWeight: 1,
          },
        ],
        dataCaptureConfig: {
          enableCapture: true,
          initialSamplingPercentage: 100,
          destinationS3Uri: 's3://my-bucket/my-prefix',
          captureOptions: [{ captureMode: 'Output' }, { captureMode: 'Input' }],
          captureContentTypeHeader: {
            csvContentTypes: ['text/csv'],
            jsonContentTypes: ['application/json', 'application/jsonlines'],
          },
        },
        tags: { 'endpoint-config-name': 'my-model-name-endpoint-config' },
      });
    });

    it('encrypts captured data and the volume with a given key', async () => {
      const { inputs } = (await builtin({ kms_key_arn: KEY })).find('EndpointConfiguration');
      assert.equal(inputs.kmsKeyArn, KEY);
      assert.equal((inputs.dataCaptureConfig as Record<string, unknown>).kmsKeyId, KEY);
    });

    it('asks for no key on a volume that the hardware encrypts', async () => {
      const { inputs } = (await builtin({ kms_key_arn: KEY, inference_instance: 'ml.g4dn.xlarge' })).find(
        'EndpointConfiguration',
      );
      assert.ok(!('kmsKeyArn' in inputs));
      assert.equal((inputs.dataCaptureConfig as Record<string, unknown>).kmsKeyId, KEY);
    });

    it('has the requested name, and is created before its predecessor with another name is deleted', async () => {
      const endpoint = (await builtin()).find('Endpoint');
      assert.deepEqual(endpoint.inputs, {
        endpointConfigName: `${NAME}-endpoint-config-${RANDOM}`,
        name: 'my-builtin-endpoint',
        tags: { 'endpoint-name': 'my-model-name-endpoint' },
      });
      assert.equal(endpoint.deleteBeforeReplace, false);
    });

    it('is named by the provider otherwise', async () => {
      const made = await builtin({ endpoint_name: undefined });
      assert.deepEqual(made.find('Endpoint').inputs, {
        endpointConfigName: `${NAME}-endpoint-config-${RANDOM}`,
        tags: { 'endpoint-name': 'my-model-name-endpoint' },
      });
      assert.equal(made.outputs.endpointName, `${NAME}-endpoint-${RANDOM}`);
    });

    it('moves from configuration to configuration: what is replaced has a generated name', async () => {
      const made = await builtin();
      for (const type of ['Model', 'EndpointConfiguration']) {
        assert.ok(!('name' in made.find(type).inputs), type);
        assert.notEqual(made.find(type).deleteBeforeReplace, true, type);
      }
      assert.deepEqual(made.find('EndpointConfiguration').references, { productionVariants: [`${NAME}-model`] });
      assert.deepEqual(made.find('Endpoint').references, { endpointConfigName: [`${NAME}-endpoint-config`] });
    });
  });

  describe('roles', () => {
    it('keep the old policy along with the new one until an update is complete', async () => {
      const made = await builtin();
      for (const role of ['execution', 'inference']) {
        const policy = made.find('RolePolicy', `${NAME}-${role}-policy`);
        assert.deepEqual(policy.replaceOnChanges, ['policy']);
        assert.ok(!('name' in policy.inputs));
      }
    });

    it('have the installation’s permissions boundary where there is one, and none elsewhere', async () => {
      const bounded = await builtin({}, { permissionsBoundaryArn: BOUNDARY });
      const free = await builtin();
      for (const role of ['execution', 'inference']) {
        assert.equal(bounded.find('Role', `${NAME}-${role}-role`).inputs.permissionsBoundary, BOUNDARY);
        assert.ok(!('permissionsBoundary' in free.find('Role', `${NAME}-${role}-role`).inputs));
      }
    });

    it('have only the statements that apply', async () => {
      const rest = ['WriteCapturedData', 'WriteLogs', 'WriteMetrics'];
      const read = ['ReadModelArtifact', 'ListModelArtifact', 'PullImage', 'LogInToRegistry'];
      assert.deepEqual(sids(await builtin(), 'execution'), [...read, ...rest]);
      assert.deepEqual(sids(await registered(), 'execution'), ['ReadModelPackage', ...read, ...rest]);
      assert.deepEqual(sids(await builtin({ kms_key_arn: KEY }), 'execution'), [
        ...read,
        ...rest,
        'UseKey',
        'LetVolumesUseKey',
      ]);
      assert.deepEqual(sids(await builtin({ kms_key_arn: KEY }), 'inference'), ['InvokeEndpoint', 'WriteLog']);
    });
  });

  describe('inference function', () => {
    it('knows its endpoint, has its log and its permissions before it runs, and ends with the gateway', async () => {
      const fn = (await builtin()).find('Function');
      const { code, ...inputs } = fn.inputs;
      assert.deepEqual(inputs, {
        description: `POST /inference for ${NAME}`,
        role: `arn:aws:iam::111111111111:role/${NAME}-inference-role-${RANDOM}`,
        runtime: 'nodejs22.x',
        architectures: ['arm64'],
        handler: 'index.handler',
        memorySize: 256,
        timeout: 30,
        environment: {
          variables: { SAGEMAKER_ENDPOINT_NAME: 'my-builtin-endpoint', ALLOW_DETAILED_ERROR_MESSAGE: 'No' },
        },
        loggingConfig: { logFormat: 'JSON', logGroup: `${NAME}-inference-log-${RANDOM}` },
      });
      assert.deepEqual(fn.dependencies, [
        `${NAME}-endpoint`,
        `${NAME}-inference-log`,
        `${NAME}-inference-policy`,
        `${NAME}-inference-role`,
      ]);
      const assets = await (code as pulumi.asset.AssetArchive).assets;
      assert.deepEqual(Object.keys(assets), ['index.mjs']);
      assert.equal(
        await (assets['index.mjs'] as pulumi.asset.StringAsset).text,
        bundleText(new URL('../../blueprints/realtime-inference/handler.ts', import.meta.url)),
      );
    });

    it('tells reasons where the installation allows it', async () => {
      const { inputs } = (await builtin({}, { allowDetailedErrorMessage: true })).find('Function');
      assert.match(JSON.stringify(inputs.environment), /"ALLOW_DETAILED_ERROR_MESSAGE":"Yes"/);
    });

    it('logs to groups that end with the stack and forget after 30 days', async () => {
      const made = await builtin();
      assert.deepEqual(made.find('LogGroup', `${NAME}-inference-log`).inputs, { retentionInDays: 30 });
      assert.deepEqual(made.find('LogGroup', `${NAME}-api-access-log`).inputs, {
        name: `/aws/vendedlogs/apigateway/${NAME}-${NAME}-api-id`,
        retentionInDays: 30,
      });
    });
  });

  describe('HTTP API', () => {
    it('has one route, for signed callers, to the function', async () => {
      const made = await builtin();
      assert.equal(made.find('Api').inputs.protocolType, 'HTTP');
      assert.deepEqual(made.find('Integration').inputs, {
        apiId: `${NAME}-api-id`,
        integrationType: 'AWS_PROXY',
        integrationUri: `arn:aws:lambda:us-east-1:111111111111:function:${NAME}-inference-${RANDOM}`,
        payloadFormatVersion: '2.0',
      });
      assert.deepEqual(made.find('Route').inputs, {
        apiId: `${NAME}-api-id`,
        routeKey: 'POST /inference',
        target: `integrations/${NAME}-api-integration-id`,
        authorizationType: 'AWS_IAM',
      });
    });

    it('has a throttled stage that logs every access as JSON, once the route is there', async () => {
      const stage = (await builtin()).find('Stage');
      const { accessLogSettings, ...inputs } = stage.inputs;
      assert.deepEqual(inputs, {
        apiId: `${NAME}-api-id`,
        name: 'prod',
        autoDeploy: true,
        defaultRouteSettings: { throttlingRateLimit: 1000, throttlingBurstLimit: 500 },
      });
      const { destinationArn, format } = accessLogSettings as { destinationArn: string; format: string };
      assert.match(destinationArn, /:log-group:\/aws\/vendedlogs\/apigateway\//);
      const fields = JSON.parse(format) as Record<string, string>;
      for (const key of [
        'requestId',
        'ip',
        'user',
        'caller',
        'requestTime',
        'httpMethod',
        'status',
        'responseLength',
      ]) {
        assert.match(fields[key] ?? '', /^\$context\./, key);
      }
      assert.ok(stage.dependencies.includes(`${NAME}-api-route`));
    });

    it('may call the function for this route of this stage only', async () => {
      assert.deepEqual((await builtin()).find('Permission').inputs, {
        action: 'lambda:InvokeFunction',
        function: `${NAME}-inference-${RANDOM}`,
        principal: 'apigateway.amazonaws.com',
        sourceArn: 'arn:aws:execute-api:us-east-1:111111111111:abc/prod/POST/inference',
      });
    });
  });

  describe('names', () => {
    it('keep SageMaker’s and IAM’s limits for the longest pipeline id', async () => {
      const pipelineId = `mlops-pipeline-${'a'.repeat(40)}-byompipelinerealtimebuiltin`;
      const { resources } = await builtin({ endpoint_name: undefined }, { pipelineId });
      const longest: Record<string, number> = {
        Model: 63,
        EndpointConfiguration: 63,
        Endpoint: 63,
        Role: 64,
        Function: 64,
      };
      for (const [type, limit] of Object.entries(longest)) {
        const named = resources.filter((one) => one.type.endsWith(`:${type}`));
        assert.ok(named.length > 0, type);
        for (const one of named) assert.ok(`${one.name}-${RANDOM}`.length <= limit, one.name);
      }
    });

    it('begin with the pipeline id, and are the same every time', async () => {
      const names = async () => (await builtin({ model_name: 'Another' })).resources.map((one) => one.urn).sort();
      const first = await names();
      assert.deepEqual(await names(), first);
      assert.ok(first.some((urn) => urn.endsWith(`::${NAME}-model`)));
    });
  });
});
