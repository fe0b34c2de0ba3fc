import type { ServiceError } from '@grpc/grpc-js';
import { credentials, status } from '@grpc/grpc-js';
import pluginProto from '@pulumi/pulumi/proto/plugin_pb.js';
import { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import type { CheckFailure as CheckFailureMessage, DiffResponse } from '@pulumi/pulumi/proto/provider_pb.js';
import providerProto from '@pulumi/pulumi/proto/provider_pb.js';
import statusProto from '@pulumi/pulumi/proto/status_pb.js';
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js';
import type {
  CheckFailure,
  DiffKind,
  DiffResult,
  Properties,
  Property,
  Provider,
  ProviderFeatures,
} from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { aliasMessage, toProperties, toStruct } from './monitor-requests.ts';
import { stripSecrets } from './properties.ts';
import { MAX_MESSAGE_BYTES } from './rpc-server.ts';
import { tokenPackage } from './urn.ts';

const DIFF_KINDS: DiffKind[] = ['add', 'add-replace', 'delete', 'delete-replace', 'update', 'update-replace'];

type Callback<Response> = (error: ServiceError | null, response?: Response) => void;

/** A provider in another process, over the `ResourceProvider` gRPC service. */
export class GrpcProvider implements Provider {
  readonly #client: ResourceProviderClient;
  readonly #onClose: () => void;
  readonly takesSecretConfiguration = true;
  #handshake?: ProviderFeatures;

  private constructor(address: string, onClose: () => void) {
    this.#client = new ResourceProviderClient(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    });
    this.#onClose = onClose;
  }

  /** For a provider that runs already. @param engine the address at which it finds us */
  static async attach(address: string, engine: string): Promise<GrpcProvider> {
    const provider = await GrpcProvider.start(address, engine, () => undefined);
    const request = new pluginProto.PluginAttach();
    request.setAddress(engine);
    await provider.#optional((done) => provider.#client.attach(request, done));
    await provider.#identify();
    return provider;
  }

  /** For a provider that was started for this operation. @param onClose ends its process */
  static async start(address: string, engine: string, onClose: () => void): Promise<GrpcProvider> {
    const provider = new GrpcProvider(address, onClose);
    await provider.#greet(engine);
    return provider;
  }

  async checkConfig(request: Parameters<Provider['checkConfig']>[0]): ReturnType<Provider['checkConfig']> {
    const message = this.#checkRequest(request);
    const response = await this.#optional<InstanceType<typeof providerProto.CheckResponse>>((done) =>
      this.#client.checkConfig(message, done),
    );
    return response === undefined
      ? { inputs: request.news, failures: [] }
      : { inputs: toProperties(response.getInputs()), failures: response.getFailuresList().map(failure) };
  }

  async diffConfig(request: Parameters<Provider['diffConfig']>[0]): ReturnType<Provider['diffConfig']> {
    const message = this.#diffRequest(request);
    const response = await this.#optional<DiffResponse>((done) => this.#client.diffConfig(message, done));
    return response === undefined ? { changes: 'unknown' } : diffResult(response);
  }

  async configure(request: Parameters<Provider['configure']>[0]): ReturnType<Provider['configure']> {
    const message = new providerProto.ConfigureRequest();
    const packageName = tokenPackage(request.type.replace('pulumi:providers:', ''));
    for (const [key, value] of Object.entries(request.inputs)) {
      if (key !== 'version') {
        message
          .getVariablesMap()
          .set(`${packageName}:config:${key}`, configText(stripSecrets({ value })['value'] ?? null));
      }
    }
    message.setArgs(toStruct(request.inputs));
    message.setAcceptsecrets(true);
    message.setAcceptresources(true);
    message.setSendsOldInputs(true);
    message.setSendsOldInputsToDelete(true);
    message.setId(request.id);
    message.setUrn(request.urn);
    message.setName(request.name);
    message.setType(request.type);
    const response = await this.#call<InstanceType<typeof providerProto.ConfigureResponse>>((done) =>
      this.#client.configure(message, done),
    );
    // A provider that supports the handshake has already said what it accepts; this response is for older engines.
    const { acceptSecrets, acceptResources, acceptOutputs } = this.#handshake ?? {
      acceptSecrets: response.getAcceptsecrets(),
      acceptResources: response.getAcceptresources(),
      acceptOutputs: response.getAcceptoutputs(),
    };
    const supportsPreview = this.#handshake === undefined ? response.getSupportspreview() : true;
    return { acceptSecrets, acceptResources, acceptOutputs, supportsPreview };
  }

  async check(request: Parameters<Provider['check']>[0]): ReturnType<Provider['check']> {
    const message = this.#checkRequest(request);
    message.setRandomseed(request.randomSeed);
    const response = await this.#call<InstanceType<typeof providerProto.CheckResponse>>((done) =>
      this.#client.check(message, done),
    );
    return { inputs: toProperties(response.getInputs()), failures: response.getFailuresList().map(failure) };
  }

  async diff(request: Parameters<Provider['diff']>[0]): Promise<DiffResult> {
    const message = this.#diffRequest(request);
    return diffResult(await this.#call<DiffResponse>((done) => this.#client.diff(message, done)));
  }

  async create(request: Parameters<Provider['create']>[0]): ReturnType<Provider['create']> {
    const message = new providerProto.CreateRequest();
    message.setUrn(request.urn);
    message.setName(request.name);
    message.setType(request.type);
    message.setProperties(toStruct(request.properties));
    message.setTimeout(request.timeout);
    message.setPreview(request.preview);
    const response = await this.#call<InstanceType<typeof providerProto.CreateResponse>>((done) =>
      this.#client.create(message, done),
    );
    return { id: response.getId(), properties: toProperties(response.getProperties()) };
  }

  async read(request: Parameters<Provider['read']>[0]): ReturnType<Provider['read']> {
    const message = new providerProto.ReadRequest();
    message.setId(request.id);
    message.setUrn(request.urn);
    message.setName(request.name);
    message.setType(request.type);
    message.setProperties(toStruct(request.properties));
    message.setInputs(toStruct(request.inputs));
    message.setTimeout(request.timeout);
    const response = await this.#call<InstanceType<typeof providerProto.ReadResponse>>((done) =>
      this.#client.read(message, done),
    );
    const inputs = response.getInputs();
    return {
      id: response.getId(),
      exists: response.getProperties() !== undefined,
      properties: toProperties(response.getProperties()),
      inputs: inputs === undefined ? request.inputs : toProperties(inputs),
    };
  }

  async update(request: Parameters<Provider['update']>[0]): ReturnType<Provider['update']> {
    const message = new providerProto.UpdateRequest();
    message.setId(request.id);
    message.setUrn(request.urn);
    message.setName(request.name);
    message.setType(request.type);
    message.setOlds(toStruct(request.olds));
    message.setOldInputs(toStruct(request.oldInputs));
    message.setNews(toStruct(request.news));
    message.setTimeout(request.timeout);
    message.setIgnorechangesList(request.ignoreChanges);
    message.setPreview(request.preview);
    const response = await this.#call<InstanceType<typeof providerProto.UpdateResponse>>((done) =>
      this.#client.update(message, done),
    );
    return { properties: toProperties(response.getProperties()) };
  }

  async delete(request: Parameters<Provider['delete']>[0]): Promise<void> {
    const message = new providerProto.DeleteRequest();
    message.setId(request.id);
    message.setUrn(request.urn);
    message.setName(request.name);
    message.setType(request.type);
    message.setProperties(toStruct(request.properties));
    message.setOldInputs(toStruct(request.oldInputs));
    message.setTimeout(request.timeout);
    await this.#call((done) => this.#client.delete(message, done));
  }

  async invoke(request: Parameters<Provider['invoke']>[0]): ReturnType<Provider['invoke']> {
    const message = new providerProto.InvokeRequest();
    message.setTok(request.tok);
    message.setArgs(toStruct(request.args));
    message.setPreview(request.preview);
    const response = await this.#call<InstanceType<typeof providerProto.InvokeResponse>>((done) =>
      this.#client.invoke(message, done),
    );
    return { return: toProperties(response.getReturn()), failures: response.getFailuresList().map(failure) };
  }

  async construct(
    request: Parameters<NonNullable<Provider['construct']>>[0],
  ): ReturnType<NonNullable<Provider['construct']>> {
    const message = new providerProto.ConstructRequest();
    message.setProject(request.project);
    message.setStack(request.stack);
    message.setOrganization(request.organization);
    message.setDryrun(request.dryRun);
    message.setParallel(request.parallel);
    message.setMonitorendpoint(request.monitorAddress);
    message.setType(request.type);
    message.setName(request.name);
    message.setParent(request.parent);
    message.setInputs(toStruct(request.inputs));
    message.setDependenciesList(request.dependencies);
    message.setProtect(request.protect);
    message.setAliasesList(request.aliases.map(aliasMessage));
    message.setConfigsecretkeysList(request.configSecretKeys);
    Object.entries(request.config).forEach(([key, value]) => message.getConfigMap().set(key, value));
    Object.entries(request.providers).forEach(([key, value]) => message.getProvidersMap().set(key, value));
    for (const [key, urns] of Object.entries(request.inputDependencies)) {
      const list = new providerProto.ConstructRequest.PropertyDependencies();
      list.setUrnsList(urns);
      message.getInputdependenciesMap().set(key, list);
    }
    const response = await this.#call<InstanceType<typeof providerProto.ConstructResponse>>((done) =>
      this.#client.construct(message, done),
    );
    const dependencies = [...response.getStatedependenciesMap().entries()];
    return {
      urn: response.getUrn(),
      state: toProperties(response.getState()),
      stateDependencies: Object.fromEntries(dependencies.map(([key, list]) => [key, list.getUrnsList()])),
    };
  }

  async call(request: Parameters<NonNullable<Provider['call']>>[0]): ReturnType<NonNullable<Provider['call']>> {
    const message = new providerProto.CallRequest();
    message.setTok(request.tok);
    message.setArgs(toStruct(request.args));
    message.setDryrun(request.preview);
    message.setMonitorendpoint(request.monitorAddress);
    const response = await this.#call<InstanceType<typeof providerProto.CallResponse>>((done) =>
      this.#client.call(message, done),
    );
    return { return: toProperties(response.getReturn()), failures: response.getFailuresList().map(failure) };
  }

  async cancel(): Promise<void> {
    await this.#optional((done) => this.#client.cancel(new emptyProto.Empty(), done));
  }

  async close(): Promise<void> {
    await this.cancel().catch(() => undefined);
    this.#client.close();
    this.#onClose();
  }

  async #identify(): Promise<void> {
    await this.#optional((done) => this.#client.getPluginInfo(new emptyProto.Empty(), done));
  }

  async #greet(engine: string): Promise<void> {
    const message = new providerProto.ProviderHandshakeRequest();
    message.setEngineAddress(engine);
    message.setConfigureWithUrn(true);
    message.setSupportsViews(false);
    message.setSupportsRefreshBeforeUpdate(false);
    message.setInvokeWithPreview(true);
    const response = await this.#optional<InstanceType<typeof providerProto.ProviderHandshakeResponse>>((done) =>
      this.#client.handshake(message, done),
    );
    this.#handshake = response && {
      acceptSecrets: response.getAcceptSecrets(),
      acceptResources: response.getAcceptResources(),
      acceptOutputs: response.getAcceptOutputs(),
      supportsPreview: true,
    };
  }

  #checkRequest(request: {
    urn: string;
    name: string;
    type: string;
    olds: Properties;
    news: Properties;
  }): InstanceType<typeof providerProto.CheckRequest> {
    const message = new providerProto.CheckRequest();
    message.setUrn(request.urn);
    message.setName(request.name);
    message.setType(request.type);
    message.setOlds(toStruct(request.olds));
    message.setNews(toStruct(request.news));
    return message;
  }

  #diffRequest(request: Parameters<Provider['diff']>[0]): InstanceType<typeof providerProto.DiffRequest> {
    const message = new providerProto.DiffRequest();
    message.setId(request.id);
    message.setUrn(request.urn);
    message.setName(request.name);
    message.setType(request.type);
    message.setOlds(toStruct(request.olds));
    message.setOldInputs(toStruct(request.oldInputs));
    message.setNews(toStruct(request.news));
    message.setIgnorechangesList(request.ignoreChanges);
    return message;
  }

  #call<Response>(send: (done: Callback<Response>) => unknown): Promise<Response> {
    return new Promise((resolve, reject) => {
      send((error, response) => {
        if (error !== null || response === undefined) {
          reject(error === null ? new Error('the provider gave no answer') : providerError(error));
        } else {
          resolve(response);
        }
      });
    });
  }

  /** For calls that a provider need not implement. @returns undefined if it does not */
  async #optional<Response>(send: (done: Callback<Response>) => unknown): Promise<Response | undefined> {
    try {
      return await this.#call(send);
    } catch (error) {
      if (error instanceof ProviderError && error.code === status.UNIMPLEMENTED) {
        return undefined;
      }
      throw error;
    }
  }
}

function configText(value: Property): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function failure(message: CheckFailureMessage): CheckFailure {
  return { property: message.getProperty(), reason: message.getReason() };
}

function diffResult(response: DiffResponse): DiffResult {
  const changes = (['unknown', 'none', 'some'] as const)[response.getChanges()] ?? 'unknown';
  const details = [...response.getDetaileddiffMap().entries()].map(([path, diff]) => {
    return [path, { kind: DIFF_KINDS[diff.getKind()] ?? 'update', inputDiff: diff.getInputdiff() }] as const;
  });
  return {
    changes,
    diffs: response.getDiffsList(),
    replaces: response.getReplacesList(),
    stables: response.getStablesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    ...(response.getHasdetaileddiff() && { detailedDiff: Object.fromEntries(details) }),
  };
}

/** Decodes the details of a failed call: a resource that exists although it did not become ready. */
function providerError(error: ServiceError): ProviderError {
  const [details] = error.metadata.get('grpc-status-details-bin');
  const any =
    details instanceof Uint8Array
      ? statusProto.Status.deserializeBinary(details)
          .getDetailsList()
          .find((detail) => detail.getTypeUrl().endsWith('pulumirpc.ErrorResourceInitFailed'))
      : undefined;
  if (any === undefined) {
    return new ProviderError(error.details, { code: error.code, cause: error });
  }
  const failed = providerProto.ErrorResourceInitFailed.deserializeBinary(any.getValue_asU8());
  return new ProviderError(error.details, {
    code: error.code,
    cause: error,
    partial: {
      id: failed.getId(),
      properties: toProperties(failed.getProperties()),
      ...(failed.hasInputs() && { inputs: toProperties(failed.getInputs()) }),
      reasons: failed.getReasonsList(),
    },
  });
}
