import { credentials } from '@grpc/grpc-js';
import { CallbacksClient } from '@pulumi/pulumi/proto/callback_grpc_pb.js';
import type { Callback, CallbackInvokeResponse } from '@pulumi/pulumi/proto/callback_pb.js';
import callbackProto from '@pulumi/pulumi/proto/callback_pb.js';
import type { RegisterResourceRequest, ResourceInvokeRequest } from '@pulumi/pulumi/proto/resource_pb.js';
import resourceProto from '@pulumi/pulumi/proto/resource_pb.js';
import { accessed, toProperties, toStruct } from '../message-fields.ts';
import type { Properties } from '../provider.ts';

import { createUrn } from './urn.ts';

/**
 * Lets the program change resources before they are made, through the callbacks that it serves.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/transforms/
 */
export class Transforms {
  readonly #stack: Callback[] = [];
  readonly #invoke: Callback[] = [];
  readonly #byUrn = new Map<string, { own: Callback[]; parent: string }>();
  readonly #clients = new Map<string, CallbacksClient>();

  addStackTransform(callback: Callback): void {
    this.#stack.push(callback);
  }

  addInvokeTransform(callback: Callback): void {
    this.#invoke.push(callback);
  }

  /** Applies a resource's own transforms, then its parents', then the stack's. @returns the request to go on with */
  async apply(
    request: RegisterResourceRequest,
    place: { stack: string; project: string },
  ): Promise<RegisterResourceRequest> {
    const parent = request.getParent();
    const own = request.getTransformsList();
    const urn = createUrn(place.stack, place.project, parent, request.getType(), request.getName());
    // A remote component comes twice: from the program, with transforms, and from its provider, without. They are for its
    // children, which come from the provider.
    this.#byUrn.set(urn, { own: own.length > 0 ? own : (this.#byUrn.get(urn)?.own ?? []), parent });
    const callbacks = [...own];
    for (let next = parent; next !== ''; next = this.#byUrn.get(next)?.parent ?? '') {
      callbacks.push(...(this.#byUrn.get(next)?.own ?? []));
    }
    callbacks.push(...this.#stack);
    let transformed = request;
    for (const callback of callbacks) {
      transformed = await this.#transform(callback, transformed);
    }
    return transformed;
  }

  async applyToInvoke(
    request: ResourceInvokeRequest,
  ): Promise<{ token: string; args: Properties; provider: string; version: string }> {
    let args = request.getArgs();
    let provider = request.getProvider();
    let version = request.getVersion();
    for (const callback of this.#invoke) {
      const message = new resourceProto.TransformInvokeRequest();
      message.setToken(request.getTok());
      message.setArgs(args);
      const options = new resourceProto.TransformInvokeOptions();
      options.setProvider(provider);
      options.setVersion(version);
      options.setPluginDownloadUrl(request.getPlugindownloadurl());
      message.setOptions(options);
      const answer = resourceProto.TransformInvokeResponse.deserializeBinary(
        await this.#call(callback, message.serializeBinary()),
      );
      args = answer.getArgs() ?? args;
      provider = answer.getOptions()?.getProvider() ?? provider;
      version = answer.getOptions()?.getVersion() ?? version;
    }
    return { token: request.getTok(), args: toProperties(args), provider, version };
  }

  close(): void {
    this.#clients.forEach((client) => client.close());
  }

  async #transform(callback: Callback, request: RegisterResourceRequest): Promise<RegisterResourceRequest> {
    const message = new resourceProto.TransformRequest();
    message.setType(request.getType());
    message.setName(request.getName());
    message.setCustom(request.getCustom());
    message.setParent(request.getParent());
    message.setProperties(request.getObject());
    message.setOptions(optionsOf(request));
    const answer = resourceProto.TransformResponse.deserializeBinary(
      await this.#call(callback, message.serializeBinary()),
    );
    const changed = request.clone() as RegisterResourceRequest;
    changed.setObject(answer.getProperties() ?? toStruct({}));
    const options = answer.getOptions();
    if (options !== undefined) {
      takeOptions(changed, options);
    }
    return changed;
  }

  #call(callback: Callback, body: Uint8Array): Promise<Uint8Array> {
    const target = callback.getTarget();
    const client = this.#clients.get(target) ?? new CallbacksClient(target, credentials.createInsecure());
    this.#clients.set(target, client);
    const request = new callbackProto.CallbackInvokeRequest();
    request.setToken(callback.getToken());
    request.setRequest(body);
    return new Promise((resolve, reject) => {
      client.invoke(request, (error: Error | null, response: CallbackInvokeResponse | undefined) => {
        if (error !== null || response === undefined) {
          reject(error ?? new Error('a transform gave no answer'));
        } else {
          resolve(response.getResponse_asU8());
        }
      });
    });
  }
}

type Options = InstanceType<typeof resourceProto.TransformResourceOptions>;

/** What both messages have, each under a name of its own. */
const SHARED: readonly (readonly [ofRequest: string, ofOptions: string])[] = [
  ['DependenciesList', 'DependsOnList'],
  ['IgnorechangesList', 'IgnoreChangesList'],
  ['ReplaceonchangesList', 'ReplaceOnChangesList'],
  ['Version', 'Version'],
  ['AliasesList', 'AliasesList'],
  ['Provider', 'Provider'],
  ['Customtimeouts', 'CustomTimeouts'],
  ['Plugindownloadurl', 'PluginDownloadUrl'],
  ['Deletedwith', 'DeletedWith'],
  ['AdditionalsecretoutputsList', 'AdditionalSecretOutputsList'],
  ['Importid', 'Import'],
  ['HidediffsList', 'HideDiffList'],
  ['ReplaceWithList', 'ReplaceWithList'],
];

function optionsOf(request: RegisterResourceRequest): Options {
  const options = new resourceProto.TransformResourceOptions();
  for (const [ofRequest, ofOptions] of SHARED) {
    accessed(options, `set${ofOptions}`, accessed(request, `get${ofRequest}`));
  }
  request.getProvidersMap().forEach((reference, name) => options.getProvidersMap().set(name, reference));
  const [protect, retain] = [request.getProtect(), request.getRetainondelete()];
  if (protect !== undefined) {
    options.setProtect(protect);
  }
  if (retain !== undefined) {
    options.setRetainOnDelete(retain);
  }
  if (request.getDeletebeforereplacedefined()) {
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  }
  return options;
}

function takeOptions(request: RegisterResourceRequest, options: Options): void {
  for (const [ofRequest, ofOptions] of SHARED) {
    accessed(request, `set${ofRequest}`, accessed(options, `get${ofOptions}`));
  }
  if (options.hasProtect()) {
    request.setProtect(options.getProtect() ?? false);
  }
  if (options.hasRetainOnDelete()) {
    request.setRetainondelete(options.getRetainOnDelete() ?? false);
  }
  if (options.hasDeleteBeforeReplace()) {
    request.setDeletebeforereplace(options.getDeleteBeforeReplace() ?? false);
    request.setDeletebeforereplacedefined(true);
  }
}
