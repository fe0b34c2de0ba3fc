/**
 * The sandbox's providers for the real Pulumi CLI: the `ResourceProvider` gRPC service on loopback, which the CLI is
 * pointed at with `PULUMI_DEBUG_PROVIDERS=aws:PORT`.
 * @see https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
 */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { UntypedServiceImplementation, handleUnaryCall } from '@grpc/grpc-js';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as pb from '@pulumi/pulumi/proto/provider_pb.js';
import type { ConstructRequest, Provider, ProviderHost, ResourceIdentity } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { fromStruct, toDiffResponse, toFailures, toServiceError, toStruct } from './wire.ts';

export interface ServeOptions {
  /** Loopback port; 0 (default) = any free one. */
  port?: number;
  /** What GetPluginInfo says; the engine compares it with the SDK's. Default: that of `@pulumi/aws` in package.json. */
  version?: string;
}

const VERSION = '7.48.0';

/** Every method of a provider takes a message and gives one; the peer tells the instances apart. */
type Method<Request, Response> = (request: Request, provider: Provider) => Promise<Response>;

/**
 * Serves one package of a host.
 * @returns the port, and `close`, which ends running calls and the server.
 */
export async function serveProvider(
  host: ProviderHost,
  packageName: string,
  options: ServeOptions = {},
): Promise<{ port: number; close(): Promise<void> }> {
  const version = options.version ?? VERSION;
  const instances = new Instances(() => host.load(packageName, version));
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(providerServices.ResourceProviderService, handlers(instances, packageName, version));
  const port = await new Promise<number>((resolve, reject) => {
    const address = `127.0.0.1:${options.port ?? 0}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error
        ? reject(new Error(`Cannot serve the ${packageName} provider on ${address}`, { cause: error }))
        : resolve(bound),
    );
  });
  return {
    port,
    async close() {
      await instances.close();
      server.forceShutdown();
    },
  };
}

/** The engine opens one connection per provider resource and tells them apart by nothing else. */
class Instances {
  private readonly byPeer = new Map<string, Promise<Provider>>();
  private readonly load: () => Promise<Provider>;

  constructor(load: () => Promise<Provider>) {
    this.load = load;
  }

  of(peer: string): Promise<Provider> {
    let instance = this.byPeer.get(peer);
    if (!instance) {
      instance = this.load();
      this.byPeer.set(peer, instance);
    }
    return instance;
  }

  /** A cancelled instance gets no further calls, so that it can be forgotten. */
  async cancel(peer: string): Promise<void> {
    const instance = this.byPeer.get(peer);
    this.byPeer.delete(peer);
    await (await instance)?.cancel();
  }

  async close(): Promise<void> {
    const all = [...this.byPeer.values()];
    this.byPeer.clear();
    await Promise.allSettled(all.map(async (instance) => (await instance).close()));
  }
}

function handlers(instances: Instances, packageName: string, version: string): UntypedServiceImplementation {
  const method =
    <Request, Response>(work: Method<Request, Response>): handleUnaryCall<Request, Response> =>
    (call, answer) => {
      instances
        .of(call.getPeer())
        .then((provider) => work(call.request, provider))
        .then(
          (response) => answer(null, response),
          (error: unknown) => answer(toServiceError(error)),
        );
    };
  const cancel: handleUnaryCall<unknown, unknown> = (call, answer) => {
    instances.cancel(call.getPeer()).then(
      () => answer(null, new protobufEmpty.Empty()),
      (error: unknown) => answer(toServiceError(error)),
    );
  };
  return {
    handshake: method(handshake),
    attach: method(async () => new protobufEmpty.Empty()),
    getPluginInfo: method(async () => {
      const info = new pluginMessages.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    getSchema: method(async () => {
      const response = new messages.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: packageName, version }));
      return response;
    }),
    checkConfig: method(checkConfig),
    diffConfig: method(diffConfig),
    configure: method(configure),
    check: method(check),
    diff: method(diff),
    create: method(create),
    read: method(read),
    update: method(update),
    delete: method(remove),
    invoke: method(invoke),
    construct: method(construct),
    call: method(callMethod),
    cancel,
  };
}

/** Older engines send neither type nor name; both are in the URN. */
function identity(request: { getUrn(): string; getName(): string; getType(): string }): ResourceIdentity {
  const urn = request.getUrn();
  const [, , types = '', name = ''] = urn.split('::');
  return { urn, name: request.getName() || name, type: request.getType() || (types.split('$').at(-1) ?? '') };
}

/** What a provider says here, an engine does not take from `configure` any more. */
async function handshake(_request: unknown, { features }: Provider): Promise<pb.ProviderHandshakeResponse> {
  const response = new messages.ProviderHandshakeResponse();
  response.setAcceptSecrets(features?.acceptSecrets ?? false);
  response.setAcceptResources(features?.acceptResources ?? false);
  response.setAcceptOutputs(features?.acceptOutputs ?? false);
  return response;
}

async function checkConfig(request: pb.CheckRequest, provider: Provider): Promise<pb.CheckResponse> {
  const { inputs, failures } = await provider.checkConfig({
    ...identity(request),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
  });
  return checked(inputs, failures);
}

async function check(request: pb.CheckRequest, provider: Provider): Promise<pb.CheckResponse> {
  const { inputs, failures } = await provider.check({
    ...identity(request),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    randomSeed: request.getRandomseed_asU8(),
  });
  return checked(inputs, failures);
}

function checked(inputs: Parameters<typeof toStruct>[0], failures: Parameters<typeof toFailures>[0]): pb.CheckResponse {
  const response = new messages.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(toFailures(failures));
  return response;
}

const differences = (request: pb.DiffRequest): Parameters<Provider['diff']>[0] => ({
  ...identity(request),
  id: request.getId(),
  olds: fromStruct(request.getOlds()),
  oldInputs: fromStruct(request.getOldInputs()),
  news: fromStruct(request.getNews()),
  ignoreChanges: request.getIgnorechangesList(),
});

async function diffConfig(request: pb.DiffRequest, provider: Provider): Promise<pb.DiffResponse> {
  return toDiffResponse(await provider.diffConfig(differences(request)));
}

async function diff(request: pb.DiffRequest, provider: Provider): Promise<pb.DiffResponse> {
  return toDiffResponse(await provider.diff(differences(request)));
}

async function configure(request: pb.ConfigureRequest, provider: Provider): Promise<pb.ConfigureResponse> {
  const features = await provider.configure({
    urn: request.getUrn() ?? '',
    name: request.getName() ?? '',
    type: request.getType() ?? '',
    id: request.getId() ?? '',
    inputs: fromStruct(request.getArgs()),
  });
  const response = new messages.ConfigureResponse();
  response.setAcceptsecrets(features.acceptSecrets);
  response.setAcceptresources(features.acceptResources);
  response.setAcceptoutputs(features.acceptOutputs);
  response.setSupportspreview(features.supportsPreview);
  return response;
}

async function create(request: pb.CreateRequest, provider: Provider): Promise<pb.CreateResponse> {
  const { id, properties } = await provider.create({
    ...identity(request),
    properties: fromStruct(request.getProperties()),
    timeout: request.getTimeout(),
    preview: request.getPreview(),
  });
  const response = new messages.CreateResponse();
  response.setId(id);
  response.setProperties(toStruct(properties));
  return response;
}

async function read(request: pb.ReadRequest, provider: Provider): Promise<pb.ReadResponse> {
  const { id, properties, inputs } = await provider.read({
    ...identity(request),
    id: request.getId(),
    properties: fromStruct(request.getProperties()),
    inputs: fromStruct(request.getInputs()),
    timeout: request.getTimeout(),
  });
  const response = new messages.ReadResponse();
  // Without properties the engine knows that there is no such resource, be it one to import.
  if (id === '') return response;
  response.setId(id);
  response.setProperties(toStruct(properties));
  response.setInputs(toStruct(inputs));
  return response;
}

async function update(request: pb.UpdateRequest, provider: Provider): Promise<pb.UpdateResponse> {
  const { properties } = await provider.update({
    ...identity(request),
    id: request.getId(),
    olds: fromStruct(request.getOlds()),
    oldInputs: fromStruct(request.getOldInputs()),
    news: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
    timeout: request.getTimeout(),
    preview: request.getPreview(),
  });
  const response = new messages.UpdateResponse();
  response.setProperties(toStruct(properties));
  return response;
}

async function remove(
  request: pb.DeleteRequest,
  provider: Provider,
): Promise<InstanceType<typeof protobufEmpty.Empty>> {
  await provider.delete({
    ...identity(request),
    id: request.getId(),
    properties: fromStruct(request.getProperties()),
    oldInputs: fromStruct(request.getOldInputs()),
    timeout: request.getTimeout(),
  });
  return new protobufEmpty.Empty();
}

async function invoke(request: pb.InvokeRequest, provider: Provider): Promise<pb.InvokeResponse> {
  const answer = await provider.invoke({
    tok: request.getTok(),
    args: fromStruct(request.getArgs()),
    preview: request.getPreview(),
  });
  const response = new messages.InvokeResponse();
  response.setReturn(toStruct(answer.return));
  response.setFailuresList(toFailures(answer.failures));
  return response;
}

async function construct(request: pb.ConstructRequest, provider: Provider): Promise<pb.ConstructResponse> {
  if (!provider.construct)
    throw new ProviderError(`${request.getType()} is no component of this provider`, { code: 12 });
  const { urn, state, stateDependencies } = await provider.construct(constructRequest(request));
  const response = new messages.ConstructResponse();
  response.setUrn(urn);
  response.setState(toStruct(state));
  for (const [key, urns] of Object.entries(stateDependencies)) {
    const dependencies = new messages.ConstructResponse.PropertyDependencies();
    dependencies.setUrnsList(urns);
    response.getStatedependenciesMap().set(key, dependencies);
  }
  return response;
}

function constructRequest(request: pb.ConstructRequest): ConstructRequest {
  const inputDependencies: Record<string, string[]> = {};
  request.getInputdependenciesMap().forEach((value, key) => void (inputDependencies[key] = value.getUrnsList()));
  return {
    urn: '',
    name: request.getName(),
    type: request.getType(),
    parent: request.getParent(),
    inputs: fromStruct(request.getInputs()),
    inputDependencies,
    monitorAddress: request.getMonitorendpoint(),
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    config: Object.fromEntries(request.getConfigMap().entries()),
    configSecretKeys: request.getConfigsecretkeysList(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
    providers: Object.fromEntries(request.getProvidersMap().entries()),
    dependencies: request.getDependenciesList(),
    protect: request.getProtect() === true,
    aliases: request.getAliasesList().map((alias) => alias.getUrn()),
  };
}

async function callMethod(request: pb.CallRequest, provider: Provider): Promise<pb.CallResponse> {
  if (!provider.call) throw new ProviderError(`${request.getTok()} is no method of this provider`, { code: 12 });
  const answer = await provider.call({
    tok: request.getTok(),
    args: fromStruct(request.getArgs()),
    preview: request.getDryrun(),
    monitorAddress: request.getMonitorendpoint(),
  });
  const response = new messages.CallResponse();
  response.setReturn(toStruct(answer.return));
  response.setFailuresList(toFailures(answer.failures));
  return response;
}
