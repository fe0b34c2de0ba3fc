/**
 * A Pulumi engine as a provider sees it while it constructs a component: records what is registered, gives it ids and
 * names, and keeps what is logged.
 */
import type { handleUnaryCall } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import engineServices from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import type { LogRequest } from '@pulumi/pulumi/proto/engine_pb.js';
import resourceServices from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import resourceMessages from '@pulumi/pulumi/proto/resource_pb.js';
import type * as resources from '@pulumi/pulumi/proto/resource_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import structs from 'google-protobuf/google/protobuf/struct_pb.js';

const FEATURES = new Set(['secrets', 'resourceReferences', 'outputValues', 'aliasSpecs', 'deletedWith']);

const ANSWERS: Readonly<Record<string, Record<string, string>>> = {
  getPartition: { partition: 'aws', dnsSuffix: 'amazonaws.com' },
  getRegion: { region: 'us-east-1' },
  getCallerIdentity: { accountId: '111111111111' },
  getPrebuiltEcrImage: { registryId: '811284229777' },
};

export interface Registration {
  type: string;
  name: string;
  parent: string;
  custom: boolean;
  protect: boolean;
  provider: string;
  providers: Record<string, string>;
  dependencies: string[];
  aliases: string[];
  /** On the wire. */
  inputs: Record<string, unknown>;
}

export class MonitorStandIn {
  readonly registered: Registration[] = [];
  /** URN → outputs that a component registers. */
  readonly outputs: Record<string, unknown> = {};
  readonly logged: string[] = [];
  readonly invoked: { token: string; provider: string }[] = [];
  readonly #server = new Server();
  #port = 0;

  static async start(): Promise<MonitorStandIn> {
    const monitor = new MonitorStandIn();
    await monitor.#listen();
    return monitor;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  clear(): void {
    this.registered.length = 0;
    this.logged.length = 0;
    this.invoked.length = 0;
  }

  /** @throws where there is not exactly one */
  find(type: string): Registration {
    const found = this.registered.filter((one) => one.type.endsWith(`:${type}`));
    if (found.length !== 1 || !found[0]) throw new Error(`${found.length} of ${type}`);
    return found[0];
  }

  close(): void {
    this.#server.forceShutdown();
  }

  async #listen(): Promise<void> {
    this.#server.addService(resourceServices.ResourceMonitorService, this.#monitor());
    const log: handleUnaryCall<LogRequest, unknown> = (call, answer) => {
      this.logged.push(call.request.getMessage());
      answer(null, new empty.Empty());
    };
    this.#server.addService(engineServices.EngineService, { log });
    this.#port = await new Promise((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  #monitor() {
    const supportsFeature: handleUnaryCall<resources.SupportsFeatureRequest, unknown> = (call, answer) => {
      const response = new resourceMessages.SupportsFeatureResponse();
      response.setHassupport(FEATURES.has(call.request.getId()));
      answer(null, response);
    };
    const invoke: handleUnaryCall<resources.ResourceInvokeRequest, unknown> = (call, answer) => {
      const token = call.request.getTok();
      this.invoked.push({ token, provider: call.request.getProvider() });
      const response = new resourceMessages.ResourceInvokeResponse();
      const urn = String(call.request.getArgs()?.toJavaScript().urn);
      const found: Record<string, structs.JavaScriptValue> =
        token === 'pulumi:pulumi:getResource' ? { urn, id: urn.split('::').at(-1) ?? '', state: {} } : {};
      response.setReturn(structs.Struct.fromJavaScript({ ...found, ...ANSWERS[token.split(':').at(-1) ?? ''] }));
      answer(null, response);
    };
    const registerResource: handleUnaryCall<resources.RegisterResourceRequest, unknown> = (call, answer) => {
      const { request } = call;
      const inputs = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
      const urn = `urn:pulumi:dev::program::${request.getType()}::${request.getName()}`;
      this.registered.push({
        type: request.getType(),
        name: request.getName(),
        parent: request.getParent(),
        custom: request.getCustom(),
        protect: request.getProtect() === true,
        provider: request.getProvider(),
        providers: Object.fromEntries(request.getProvidersMap().entries()),
        dependencies: request.getDependenciesList(),
        aliases: request.getAliasesList().map((alias) => alias.getUrn() || (alias.getSpec()?.getName() ?? '')),
        inputs,
      });
      const response = new resourceMessages.RegisterResourceResponse();
      response.setUrn(urn);
      if (request.getCustom()) response.setId(`${request.getName()}-id`);
      const named = request.getCustom() ? { name: `${request.getName()}-1234567` } : {};
      response.setObject(
        structs.Struct.fromJavaScript({ ...named, ...inputs } as Record<string, structs.JavaScriptValue>),
      );
      answer(null, response);
    };
    const registerResourceOutputs: handleUnaryCall<resources.RegisterResourceOutputsRequest, unknown> = (
      call,
      answer,
    ) => {
      this.outputs[call.request.getUrn()] = call.request.getOutputs()?.toJavaScript();
      answer(null, new empty.Empty());
    };
    return { supportsFeature, invoke, registerResource, registerResourceOutputs };
  }
}
