import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import pb from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import { createSandboxAws } from '../../sandbox/aws/sandbox-aws.ts';
import { serveProvider } from '../../sandbox/aws/serve.ts';
import { toProperties, toStruct } from '../../sandbox/message-fields.ts';
import type { Properties } from '../../sandbox/provider.ts';
import { UNKNOWN } from '../../sandbox/provider.ts';
import type { SandboxAwsSettings } from '../../sandbox/config.ts';
import { CONFIG, ENDPOINT, MODEL, ROLE, faultList, identity, newSettings, trust, until, variant } from './support.ts';

/** Calls one method of the service as the engine does, over a connection of its own. */
class Client {
  private readonly stub: InstanceType<typeof providerServices.ResourceProviderClient>;

  constructor(port: number) {
    // Without this the clients of one process share a connection, and the engine's do not.
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    this.stub = new providerServices.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  }

  call<Response>(method: string, request: unknown): Promise<Response> {
    const methods = this.stub as unknown as Record<string, (request: unknown, answer: Answer<Response>) => void>;
    return new Promise((resolve, reject) =>
      methods[method]!.call(this.stub, request, (error, response) => (error ? reject(error) : resolve(response!))),
    );
  }

  async configure(inputs: Properties) {
    const request = new pb.ConfigureRequest();
    request.setArgs(toStruct(inputs));
    request.setType('pulumi:providers:aws');
    return this.call<InstanceType<typeof pb.ConfigureResponse>>('configure', request);
  }

  async check(type: string, name: string, news: Properties) {
    const request = new pb.CheckRequest();
    request.setUrn(identity(type, name).urn);
    request.setNews(toStruct(news));
    request.setRandomseed(Buffer.from(name));
    const response = await this.call<InstanceType<typeof pb.CheckResponse>>('check', request);
    return { inputs: toProperties(response.getInputs()), failures: response.getFailuresList() };
  }

  async create(type: string, name: string, news: Properties, preview = false) {
    const { inputs } = await this.check(type, name, news);
    const request = new pb.CreateRequest();
    request.setUrn(identity(type, name).urn);
    request.setProperties(toStruct(inputs));
    request.setPreview(preview);
    const response = await this.call<InstanceType<typeof pb.CreateResponse>>('create', request);
    return { id: response.getId(), properties: toProperties(response.getProperties()), inputs };
  }

  async invoke(tok: string) {
    const request = new pb.InvokeRequest();
    request.setTok(tok);
    const response = await this.call<InstanceType<typeof pb.InvokeResponse>>('invoke', request);
    return toProperties(response.getReturn());
  }

  close(): void {
    this.stub.close();
  }
}

type Answer<Response> = (error: ServiceError | null, response?: Response) => void;

describe('sandbox AWS over gRPC, as the real engine calls it', () => {
  let server: Awaited<ReturnType<typeof serveProvider>>;
  let client: Client;
  let settings: SandboxAwsSettings;
  const clients: Client[] = [];

  const start = async (changes: Partial<SandboxAwsSettings> = {}) => {
    settings = newSettings(changes);
    server = await serveProvider(createSandboxAws(settings).host, 'aws');
    client = newClient();
    await client.configure({
      region: 'eu-west-1',
      allowedAccountIds: '["111111111111"]',
      skipRegionValidation: 'true',
    });
  };
  const newClient = () => {
    const made = new Client(server.port);
    clients.push(made);
    return made;
  };
  afterEach(async () => {
    clients.splice(0).forEach((each) => each.close());
    await server.close();
    await rm(settings.directory, { recursive: true, force: true });
  });

  const modelAndConfig = async () => {
    const role = await client.create(ROLE, 'role', { assumeRolePolicy: trust('sagemaker.amazonaws.com') });
    const executionRoleArn = role.properties['arn'] ?? '';
    const model = await client.create(MODEL, 'model', { executionRoleArn, primaryContainer: { image: 'x' } });
    const config = await client.create(CONFIG, 'config', { productionVariants: [variant(model.id)] });
    return { role, model, config };
  };

  it('shakes hands, attaches, says its version, and asks for unwrapped values', async () => {
    await start();
    const fresh = newClient();
    const hands = await fresh.call<InstanceType<typeof pb.ProviderHandshakeResponse>>(
      'handshake',
      new pb.ProviderHandshakeRequest(),
    );
    assert.equal(hands.getAcceptSecrets(), false);
    await fresh.call('attach', new pluginMessages.PluginAttach());
    const info = await fresh.call<InstanceType<typeof pluginMessages.PluginInfo>>(
      'getPluginInfo',
      new protobufEmpty.Empty(),
    );
    assert.equal(info.getVersion(), '7.48.0');
    const features = await fresh.configure({ region: 'eu-west-1' });
    assert.deepEqual(
      [features.getAcceptsecrets(), features.getAcceptresources(), features.getSupportspreview()],
      [false, false, true],
    );
    await fresh.call('cancel', new protobufEmpty.Empty());
  });

  it('has the version of the SDK that the programs use', async () => {
    await start();
    const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
    const info = await client.call<InstanceType<typeof pluginMessages.PluginInfo>>(
      'getPluginInfo',
      new protobufEmpty.Empty(),
    );
    assert.equal(info.getVersion(), manifest.dependencies['@pulumi/aws']);
  });

  it('takes a resource through its life, finding type and name in the URN where they are not sent', async () => {
    await start({ speed: 0.01 });
    const { model, config } = await modelAndConfig();
    const preview = await client.create(ENDPOINT, 'endpoint', { endpointConfigName: UNKNOWN }, true);
    assert.deepEqual([preview.id, preview.properties['arn']], ['', UNKNOWN]);
    const endpoint = await client.create(ENDPOINT, 'endpoint', { endpointConfigName: config.id });
    assert.match(endpoint.id, /^endpoint-[0-9a-f]{7}$/);

    const { urn } = identity(ENDPOINT, 'endpoint');
    const next = await client.create(CONFIG, 'next', { productionVariants: [variant(model.id)] });
    const news = { ...endpoint.inputs, endpointConfigName: next.id };
    const diff = new pb.DiffRequest();
    diff.setId(endpoint.id);
    diff.setUrn(urn);
    diff.setOlds(toStruct(endpoint.properties));
    diff.setOldInputs(toStruct(endpoint.inputs));
    diff.setNews(toStruct(news));
    const difference = await client.call<InstanceType<typeof pb.DiffResponse>>('diff', diff);
    assert.equal(difference.getChanges(), pb.DiffResponse.DiffChanges.DIFF_SOME);
    assert.deepEqual([difference.getDiffsList(), difference.getReplacesList()], [['endpointConfigName'], []]);
    const detail = difference.getDetaileddiffMap().get('endpointConfigName');
    assert.deepEqual([detail?.getKind(), detail?.getInputdiff()], [pb.PropertyDiff.Kind.UPDATE, true]);

    const update = new pb.UpdateRequest();
    update.setId(endpoint.id);
    update.setUrn(urn);
    update.setOlds(toStruct(endpoint.properties));
    update.setOldInputs(toStruct(endpoint.inputs));
    update.setNews(toStruct(news));
    const updated = await client.call<InstanceType<typeof pb.UpdateResponse>>('update', update);
    const properties = toProperties(updated.getProperties());
    assert.equal(properties['endpointConfigName'], next.id);

    const read = new pb.ReadRequest();
    read.setId(endpoint.id);
    read.setUrn(urn);
    const seen = await client.call<InstanceType<typeof pb.ReadResponse>>('read', read);
    assert.deepEqual([seen.getId(), toProperties(seen.getProperties())], [endpoint.id, properties]);

    const remove = new pb.DeleteRequest();
    remove.setId(endpoint.id);
    remove.setUrn(urn);
    remove.setProperties(toStruct(properties));
    await client.call('delete', remove);
    assert.equal((await client.call<InstanceType<typeof pb.ReadResponse>>('read', read)).getId(), '');
  });

  it('keeps the instances of several connections apart', async () => {
    await start();
    const other = newClient();
    const roleArn = 'arn:aws:iam::222222222222:role/deploy';
    await other.configure({ region: 'us-west-2', assumeRoles: JSON.stringify([{ roleArn }]) });
    const caller = 'aws:index/getCallerIdentity:getCallerIdentity';
    assert.equal((await client.invoke(caller))['accountId'], '111111111111');
    assert.equal((await other.invoke(caller))['accountId'], '222222222222');
    assert.equal((await client.invoke('aws:index/getRegion:getRegion'))['region'], 'eu-west-1');
  });

  it('sends check failures', async () => {
    await start();
    const { failures } = await client.check(ENDPOINT, 'endpoint', {});
    assert.deepEqual(
      failures.map((failure) => failure.getProperty()),
      ['endpointConfigName'],
    );
  });

  it('sends an error with the text of the provider', async () => {
    await start();
    const error = await client
      .create(ENDPOINT, 'e', { endpointConfigName: 'none' })
      .catch((caught: ServiceError) => caught);
    assert.ok(error instanceof Error);
    assert.equal(error.code, 2);
    assert.match(
      error.details,
      /^creating SageMaker AI Endpoint .*ValidationException: Could not find endpoint configuration "none"/,
    );
  });

  it('sends id and outputs of a resource that exists although its creation failed', async () => {
    await start({
      faults: faultList({ type: ENDPOINT, operation: 'create', action: 'partial', message: 'no instances' }),
    });
    const { config } = await modelAndConfig();
    const error = await client
      .create(ENDPOINT, 'e', { name: 'shop', endpointConfigName: config.id })
      .catch((caught: ServiceError) => caught);
    assert.ok(error instanceof Error);
    const [bytes] = error.metadata.get('grpc-status-details-bin');
    const [detail] = statusMessages.Status.deserializeBinary(bytes as Buffer).getDetailsList();
    assert.equal(detail?.getTypeName(), 'pulumirpc.ErrorResourceInitFailed');
    const failed = pb.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8());
    assert.equal(failed.getId(), 'shop');
    assert.equal(toProperties(failed.getProperties())['arn'], 'arn:aws:sagemaker:eu-west-1:111111111111:endpoint/shop');
    assert.match(failed.getReasonsList()[0] ?? '', /no instances/);
  });

  it('ends a call that hangs when the engine cancels', async () => {
    await start({ faults: faultList({ type: ROLE, operation: 'create', action: 'hang' }) });
    const call = client.create(ROLE, 'r', { assumeRolePolicy: trust('x') }).catch((caught: ServiceError) => caught);
    await until(async () => existsSync(join(settings.directory, 'faults')));
    await client.call('cancel', new protobufEmpty.Empty());
    const error = await call;
    assert.ok(error instanceof Error);
    assert.equal(error.code, 1);
  });

  it('says that it has no components', async () => {
    await start();
    const request = new pb.ConstructRequest();
    request.setType('aws:x:Y');
    const error = await client.call('construct', request).catch((caught: ServiceError) => caught);
    assert.equal((error as ServiceError).code, 12);
  });

  it('answers on loopback only, and no more once closed', async () => {
    await start();
    const { port } = server;
    await server.close();
    const refused = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(false));
      socket.on('error', () => resolve(true));
    });
    assert.equal(refused, true);
  });

  it('carries every kind of value there and back', () => {
    const properties: Properties = {
      nothing: null,
      no: false,
      zero: 0,
      half: 0.5,
      empty: '',
      list: [[], {}, null, 'x', [1]],
      nested: { empty: {}, deep: { value: [true] } },
      unknown: UNKNOWN,
    };
    assert.deepEqual(toProperties(toStruct(properties)), properties);
    assert.deepEqual(toProperties(toStruct({})), {});
    assert.deepEqual(toProperties(undefined), {});
  });
});
