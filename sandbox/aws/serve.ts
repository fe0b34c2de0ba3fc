/**
 * The sandbox's providers for the real Pulumi CLI: the `ResourceProvider` gRPC service on loopback, which the CLI is
 * pointed at with `PULUMI_DEBUG_PROVIDERS=aws:PORT`.
 * @see https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
 */
import { status } from '@grpc/grpc-js';
import type { UntypedServiceImplementation, handleUnaryCall } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerServices from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import type { Exchange } from '../provider-messages.ts';
import { EXCHANGES, handshakeAnswer, toServiceError } from '../provider-messages.ts';
import type { Provider, ProviderHost } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { createRpcServer, listen } from '../rpc-server.ts';

/** Of `@pulumi/aws` in package.json. */
const VERSION = '7.48.0';

/**
 * Serves one package of a host on a free port.
 * @param options.version what GetPluginInfo says; the engine compares it with the SDK's
 * @returns the port, and `close`, which ends running calls and the server.
 */
export async function serveProvider(
  host: ProviderHost,
  packageName: string,
  { version = VERSION }: { version?: string } = {},
): Promise<{ port: number; close(): Promise<void> }> {
  const instances = new Instances(() => host.load(packageName, version));
  const server = createRpcServer();
  server.addService(providerServices.ResourceProviderService, handlers(instances, packageName, version));
  return {
    port: await listen(server),
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
  const handler =
    (work: (request: Message, peer: string) => Promise<Message>): handleUnaryCall<Message, Message> =>
    (call, answer) => {
      work(call.request, call.getPeer()).then(
        (response) => answer(null, response),
        (error: unknown) => answer(toServiceError(error)),
      );
    };
  const exchanges = Object.entries(EXCHANGES).map(([method, exchange]) => [
    method,
    handler(async (request, peer) =>
      answered(method, exchange as Exchange<unknown, object>, request, await instances.of(peer)),
    ),
  ]);
  return {
    ...Object.fromEntries(exchanges),
    // What a provider says here, an engine does not take from `configure` any more.
    handshake: handler(async (_request, peer) => {
      const { features } = await instances.of(peer);
      return handshakeAnswer.write(features ?? { acceptSecrets: false, acceptResources: false, acceptOutputs: false });
    }),
    attach: handler(async () => new protobufEmpty.Empty()),
    getPluginInfo: handler(async () => {
      const info = new pluginMessages.PluginInfo();
      info.setVersion(version);
      return info;
    }),
    getSchema: handler(async () => {
      const response = new messages.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: packageName, version }));
      return response;
    }),
    cancel: handler(async (_request, peer) => {
      await instances.cancel(peer);
      return new protobufEmpty.Empty();
    }),
  };
}

async function answered(
  name: string,
  { request, response }: Exchange<unknown, object>,
  message: Message,
  provider: Provider,
): Promise<Message> {
  const method = (provider as unknown as Record<string, ((request: unknown) => Promise<object>) | undefined>)[name];
  if (!method) throw new ProviderError(`This provider has no ${name}.`, { code: status.UNIMPLEMENTED });
  const answer = (await method.call(provider, request.read(message))) ?? {};
  // Without properties the engine knows that there is no such resource, be it one to import.
  if (name === 'read' && 'id' in answer && answer.id === '') return response.write({ id: '' });
  return response.write(answer);
}
