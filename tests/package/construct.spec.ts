/** The provider's gRPC service, as an engine calls it: metadata, faults of inputs, and what a component registers in a preview. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { ServiceError } from '@grpc/grpc-js';
import { credentials } from '@grpc/grpc-js';
import errorMessages from '@pulumi/pulumi/proto/errors_pb.js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import aliasMessages from '@pulumi/pulumi/proto/alias_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import packageJson from '../../package.json' with { type: 'json' };
import { OUTPUT_VALUE, SECRET, SIGNATURE, UNKNOWN } from '../../sandbox/provider.ts';
import { MonitorStandIn } from './monitor-stand-in.ts';
import type { ProviderProcess } from './provider-process.ts';
import { startProvider } from './provider-process.ts';

type Json = structs.JavaScriptValue;
type Callback<Response> = (error: ServiceError | null, response: Response) => void;

const URN = 'urn:pulumi:dev::program';
const INPUTS: Record<string, Json> = {
  assetsBucket: 'assets',
  modelFramework: 'xgboost',
  modelFrameworkVersion: '1.7-1',
  modelArtifactLocation: 'churn/model.tar.gz',
  inferenceInstance: 'ml.m5.large',
  dataCaptureLocation: 'captured/churn',
};

function answerOf<Response>(call: (done: Callback<Response>) => void): Promise<Response> {
  return new Promise((resolve, reject) => call((error, response) => (error ? reject(error) : resolve(response))));
}

/** What an engine reads from the error, beside its message. */
function propertyErrors(error: ServiceError): [string, string][] {
  const [binary] = error.metadata.get('grpc-status-details-bin');
  const [detail] = statusMessages.Status.deserializeBinary(binary as Uint8Array).getDetailsList();
  assert.equal(detail?.getTypeName(), 'pulumirpc.InputPropertiesError');
  const details = errorMessages.InputPropertiesError.deserializeBinary(detail.getValue_asU8());
  return details.getErrorsList().map((one) => [one.getPropertyPath(), one.getReason()]);
}

describe('the provider of the Pulumi package', function () {
  this.timeout(120_000);
  let provider: ProviderProcess;
  let client: ResourceProviderClient;
  let monitor: MonitorStandIn;
  /** Types of what is registered where every input is known. */
  let known: string[];

  before(async () => {
    monitor = await MonitorStandIn.start();
    provider = await startProvider();
    client = new ResourceProviderClient(`127.0.0.1:${provider.port}`, credentials.createInsecure());
    const attach = new pluginMessages.PluginAttach();
    attach.setAddress(monitor.address);
    await answerOf((done) => client.attach(attach, done));
  });

  beforeEach(() => monitor.clear());

  after(async () => {
    client?.close();
    await provider?.stop();
    monitor?.close();
  });

  /** @param fill what differs from a preview of a `RealtimeInference` */
  async function construct(
    inputs: Record<string, Json>,
    fill: (request: InstanceType<typeof messages.ConstructRequest>) => void = () => undefined,
  ): Promise<Record<string, Json>> {
    const request = new messages.ConstructRequest();
    request.setProject('program');
    request.setStack('dev');
    request.setDryrun(true);
    request.setParallel(8);
    request.setMonitorendpoint(monitor.address);
    request.setType('mlops:index:RealtimeInference');
    request.setName('churn');
    request.setAcceptsOutputValues(true);
    request.setInputs(structs.Struct.fromJavaScript(inputs));
    fill(request);
    const response = await answerOf<InstanceType<typeof messages.ConstructResponse>>((done) =>
      client.construct(request, done),
    );
    assert.equal(response.getUrn(), `${URN}::${request.getType()}::${request.getName()}`);
    return (response.getState()?.toJavaScript() ?? {}) as Record<string, Json>;
  }

  async function refused(inputs: Record<string, Json>, type = 'RealtimeInference'): Promise<ServiceError> {
    const error = await construct(inputs, (request) => request.setType(`mlops:index:${type}`)).then(
      () => assert.fail('it was constructed'),
      (one: ServiceError) => one,
    );
    assert.deepEqual(monitor.registered, []);
    return error;
  }

  it('says its version and hands out the schema', async () => {
    const info = await answerOf<InstanceType<typeof pluginMessages.PluginInfo>>((done) =>
      client.getPluginInfo(new empty.Empty(), done),
    );
    assert.equal(info.getVersion(), packageJson.version);
    const schema = await answerOf<InstanceType<typeof messages.GetSchemaResponse>>((done) =>
      client.getSchema(new messages.GetSchemaRequest(), done),
    );
    assert.equal(schema.getSchema(), readFileSync(new URL('../../package/schema.json', import.meta.url), 'utf8'));
  });

  it('needs no settings, and takes secrets and outputs', async () => {
    const answer = await answerOf<InstanceType<typeof messages.ConfigureResponse>>((done) =>
      client.configure(new messages.ConfigureRequest(), done),
    );
    assert.ok(answer.getAcceptsecrets() && answer.getAcceptoutputs());
  });

  it('refuses a component that it does not have, naming those it has', async () => {
    assert.match((await refused(INPUTS, 'RealTime')).message, /no component mlops:index:RealTime.*RealtimeInference, /);
  });

  it('refuses wrong inputs by property, before anything is registered', async () => {
    const { dataCaptureLocation: _dropped, ...others } = INPUTS;
    const error = await refused({ ...others, endpoint: { instanceCount: 0 }, inferenceInstance: UNKNOWN });
    const found = Object.fromEntries(propertyErrors(error));
    assert.deepEqual(Object.keys(found).sort(), ['dataCaptureLocation', 'endpoint.instanceCount', 'inferenceInstance']);
    assert.match(found.inferenceInstance ?? '', /must be known in a preview/);
    assert.match(error.message, /RealtimeInference: 3 invalid inputs: .*dataCaptureLocation is required/);
  });

  it('registers the component, the blueprint’s own within it, and its resources within that', async () => {
    await construct(INPUTS);
    known = monitor.registered.map(({ type }) => type).sort();
    const [outer, inner] = monitor.registered;
    assert.deepEqual([outer?.type, outer?.custom], ['mlops:index:RealtimeInference', false]);
    assert.equal(inner?.type, 'mlops:realtime-inference:RealtimeInference');
    assert.equal(inner.parent, `${URN}::${outer?.type}::churn`);
    assert.equal(monitor.find('Endpoint').parent, `${URN}::${inner.type}::churn`);
    assert.deepEqual(monitor.find('Model').inputs.primaryContainer, {
      image: '811284229777.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1',
      modelDataUrl: 's3://assets/churn/model.tar.gz',
    });
  });

  it('shows every resource in a preview that does not know a bucket or key, and what is made of them as unknown', async () => {
    const state = await construct({
      ...INPUTS,
      assetsBucket: UNKNOWN,
      dataCaptureLocation: UNKNOWN,
      kmsKeyArn: UNKNOWN,
    });
    assert.deepEqual(monitor.registered.map(({ type }) => type).sort(), known);
    assert.match(JSON.stringify(state.dataCaptureLocation), new RegExp(UNKNOWN));
    const config = JSON.stringify(monitor.find('EndpointConfiguration').inputs.dataCaptureConfig);
    assert.match(config, new RegExp(`"destinationS3Uri":"${UNKNOWN}"`));
    const { primaryContainer } = monitor.find('Model').inputs as { primaryContainer: Record<string, string> };
    assert.equal(primaryContainer.modelDataUrl, UNKNOWN);
    assert.match(primaryContainer.image ?? '', /xgboost/, 'what is known in a property stays known');
    assert.doesNotMatch(JSON.stringify([monitor.registered, state]), /04da6b54[0-9a-f]{4}(?!-)/);
  });

  it('keeps secret what is made of a secret, and nothing else', async () => {
    const secret = { [SIGNATURE]: SECRET, value: 'hush-bucket/churn' };
    const state = await construct({ ...INPUTS, dataCaptureLocation: secret });
    const plain = (value: unknown): string =>
      JSON.stringify(value, (_key, one: unknown) =>
        typeof one === 'object' && one !== null && Reflect.get(one, SIGNATURE) === SECRET ? '(secret)' : one,
      );
    const texts = monitor.registered.map(({ inputs }) => plain(inputs)).join('\n');
    assert.doesNotMatch(texts, /hush/);
    assert.match(texts, /"destinationS3Uri":"\(secret\)"/);
    assert.match(texts, /"modelDataUrl":"s3:\/\/assets/);
    assert.equal(Reflect.get(state.dataCaptureLocation as object, SIGNATURE), SECRET);
  });

  it('makes every resource wait for those that the inputs come from, and for those that the component depends on', async () => {
    const bucket = `${URN}::aws:s3/bucket:Bucket::assets`;
    const other = `${URN}::aws:s3/bucket:Bucket::other`;
    const value = { [SIGNATURE]: OUTPUT_VALUE, value: 'assets', dependencies: [bucket] };
    await construct({ ...INPUTS, assetsBucket: value }, (request) => request.setDependenciesList([other]));
    const custom = monitor.registered.filter((one) => one.custom);
    assert.ok(custom.length > 10);
    for (const { name, dependencies } of custom) {
      assert.ok(dependencies.includes(bucket) && dependencies.includes(other), `${name}: ${dependencies.join(', ')}`);
    }
  });

  it('hands on provider, protection and aliases', async () => {
    // Of the stand-in, the id of a resource is its name.
    const provider = `${URN}::pulumi:providers:aws::eu::eu`;
    await construct(INPUTS, (request) => {
      request.getProvidersMap().set('aws', provider);
      request.setProtect(true);
      const alias = new aliasMessages.Alias();
      alias.setUrn(`${URN}::mlops:index:RealtimeInference::former`);
      request.setAliasesList([alias]);
    });
    for (const { name, custom, provider: own, protect } of monitor.registered) {
      assert.equal(protect, true, name);
      if (custom) assert.equal(own, provider, name);
    }
    assert.deepEqual(
      monitor.invoked.filter(({ token, provider: own }) => token.startsWith('aws:') && own !== provider),
      [],
    );
    assert.deepEqual(monitor.registered[0]?.aliases, [`${URN}::mlops:index:RealtimeInference::former`]);
  });
});
