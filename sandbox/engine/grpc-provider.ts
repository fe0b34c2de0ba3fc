import type { ServiceError } from '@grpc/grpc-js';
import { credentials, status } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import pluginProto from '@pulumi/pulumi/proto/plugin_pb.js';
import { ResourceProviderClient } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import providerProto from '@pulumi/pulumi/proto/provider_pb.js';
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js';
import { accessed } from '../message-fields.ts';
import type { Exchange } from '../provider-messages.ts';
import { EXCHANGES, handshakeAnswer, toProviderError } from '../provider-messages.ts';
import type { Property, Provider, ProviderFeatures, ProviderRequest } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { MAX_MESSAGE_BYTES } from '../rpc-server.ts';
import { stripSecrets } from './properties.ts';
import { tokenPackage } from './urn.ts';

type Callback = (error: ServiceError | null, response?: Message) => void;

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
    await provider.#optional('attach', request);
    await provider.#optional('getPluginInfo', new emptyProto.Empty());
    return provider;
  }

  /** For a provider that was started for this operation. @param onClose ends its process */
  static async start(address: string, engine: string, onClose: () => void): Promise<GrpcProvider> {
    const provider = new GrpcProvider(address, onClose);
    await provider.#greet(engine);
    return provider;
  }

  async checkConfig(request: ProviderRequest<'checkConfig'>): ReturnType<Provider['checkConfig']> {
    const { request: asked, response } = EXCHANGES.checkConfig;
    const answer = await this.#optional('checkConfig', asked.write(request));
    return answer === undefined ? { inputs: request.news, failures: [] } : response.read(answer);
  }

  async diffConfig(request: ProviderRequest<'diffConfig'>): ReturnType<Provider['diffConfig']> {
    const { request: asked, response } = EXCHANGES.diffConfig;
    const answer = await this.#optional('diffConfig', asked.write(request));
    return answer === undefined ? { changes: 'unknown' } : response.read(answer);
  }

  async configure(request: ProviderRequest<'configure'>): ReturnType<Provider['configure']> {
    const { request: asked, response } = EXCHANGES.configure;
    const message = asked.write(request) as InstanceType<typeof providerProto.ConfigureRequest>;
    const packageName = tokenPackage(request.type.replace('pulumi:providers:', ''));
    for (const [key, value] of Object.entries(request.inputs)) {
      if (key !== 'version') {
        message
          .getVariablesMap()
          .set(`${packageName}:config:${key}`, configText(stripSecrets({ value })['value'] ?? null));
      }
    }
    message.setAcceptsecrets(true);
    message.setAcceptresources(true);
    message.setSendsOldInputs(true);
    message.setSendsOldInputsToDelete(true);
    // A provider that supports the handshake has already said what it accepts; this response is for older engines.
    const answer = response.read(await this.#call('configure', message));
    return this.#handshake ?? answer;
  }

  check(request: ProviderRequest<'check'>): ReturnType<Provider['check']> {
    return this.#exchange('check', EXCHANGES.check, request);
  }

  diff(request: ProviderRequest<'diff'>): ReturnType<Provider['diff']> {
    return this.#exchange('diff', EXCHANGES.diff, request);
  }

  create(request: ProviderRequest<'create'>): ReturnType<Provider['create']> {
    return this.#exchange('create', EXCHANGES.create, request);
  }

  async read(request: ProviderRequest<'read'>): ReturnType<Provider['read']> {
    const { id, properties, inputs } = await this.#exchange('read', EXCHANGES.read, request);
    return { id, exists: properties !== undefined, properties: properties ?? {}, inputs: inputs ?? request.inputs };
  }

  update(request: ProviderRequest<'update'>): ReturnType<Provider['update']> {
    return this.#exchange('update', EXCHANGES.update, request);
  }

  async delete(request: ProviderRequest<'delete'>): Promise<void> {
    await this.#exchange('delete', EXCHANGES.delete, request);
  }

  invoke(request: ProviderRequest<'invoke'>): ReturnType<Provider['invoke']> {
    return this.#exchange('invoke', EXCHANGES.invoke, request);
  }

  construct(request: ProviderRequest<'construct'>): ReturnType<NonNullable<Provider['construct']>> {
    return this.#exchange('construct', EXCHANGES.construct, request);
  }

  call(request: ProviderRequest<'call'>): ReturnType<NonNullable<Provider['call']>> {
    return this.#exchange('call', EXCHANGES.call, request);
  }

  async cancel(): Promise<void> {
    await this.#optional('cancel', new emptyProto.Empty());
  }

  async close(): Promise<void> {
    await this.cancel().catch(() => undefined);
    this.#client.close();
    this.#onClose();
  }

  async #greet(engine: string): Promise<void> {
    const message = new providerProto.ProviderHandshakeRequest();
    message.setEngineAddress(engine);
    message.setConfigureWithUrn(true);
    message.setSupportsViews(false);
    message.setSupportsRefreshBeforeUpdate(false);
    message.setInvokeWithPreview(true);
    const answer = await this.#optional('handshake', message);
    this.#handshake = answer && { ...handshakeAnswer.read(answer), supportsPreview: true };
  }

  async #exchange<Request, Response>(
    method: string,
    { request, response }: Exchange<Request, Response>,
    value: Request,
  ): Promise<Response> {
    return response.read(await this.#call(method, request.write(value)));
  }

  #call(method: string, message: Message): Promise<Message> {
    return new Promise((resolve, reject) => {
      const done: Callback = (error, response) => {
        if (error !== null || response === undefined) {
          reject(error === null ? new Error('the provider gave no answer') : toProviderError(error));
        } else {
          resolve(response);
        }
      };
      accessed(this.#client, method, message, done);
    });
  }

  /** For calls that a provider need not implement. @returns undefined if it does not */
  async #optional(method: string, message: Message): Promise<Message | undefined> {
    try {
      return await this.#call(method, message);
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
