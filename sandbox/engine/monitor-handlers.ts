import { status } from '@grpc/grpc-js';
import type { Callback } from '@pulumi/pulumi/proto/callback_pb.js';
import type {
  DeploymentInfo,
  ReadResourceRequest,
  ReadResourceResponse,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
  ResourceCallRequest,
  ResourceInvokeRequest,
  ResourceInvokeResponse,
  SupportsFeatureRequest,
  SupportsFeatureResponse,
} from '@pulumi/pulumi/proto/resource_pb.js';
import type { CallResponse, CheckFailure as FailureMessage } from '@pulumi/pulumi/proto/provider_pb.js';
import providerProto from '@pulumi/pulumi/proto/provider_pb.js';
import resourceProto from '@pulumi/pulumi/proto/resource_pb.js';
import type { Empty } from 'google-protobuf/google/protobuf/empty_pb.js';
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js';
import { codec, toProperties, toStruct } from '../message-fields.ts';
import { contextFields, failure } from '../provider-messages.ts';
import type { CheckFailure, Properties } from '../provider.ts';
import { UNKNOWN } from '../provider.ts';
import type { MonitoredDeployment } from './deployment-options.ts';
import { contextOf } from './deployment-options.ts';
import { messageOf } from './cli-error.ts';
import { deniedPackage } from './default-providers.ts';
import { MonitorError } from '../rpc-server.ts';
import { forCaller, goalOfRead, goalOfRequest } from './monitor-requests.ts';
import { flattenOutputValue, mapProperties } from './properties.ts';
import { Transforms } from './transforms.ts';
import { createUrn, isProviderType, tokenPackage } from './urn.ts';

/** This engine's features, by their names from before `GetDeploymentInfo`. */
const FEATURES = new Map([
  ['secrets', 0],
  ['resourceReferences', 1],
  ['outputValues', 2],
  ['aliasSpecs', 3],
  ['deletedWith', 5],
  ['replaceWith', 6],
  ['transforms', 7],
  ['invokeTransforms', 8],
]);

const deploymentInfo = codec(resourceProto.DeploymentInfo, contextFields);

/** Answers the calls of one program to the resource monitor. */
export class MonitorHandlers {
  readonly #deployment: MonitoredDeployment;
  readonly #transforms = new Transforms();

  constructor(deployment: MonitoredDeployment) {
    this.#deployment = deployment;
  }

  deploymentInfo(): Promise<DeploymentInfo> {
    const info = deploymentInfo.write(contextOf(this.#deployment.options)) as DeploymentInfo;
    info.setSupportedfeaturesList([...FEATURES.values()]);
    return Promise.resolve(info);
  }

  supportsFeature(request: SupportsFeatureRequest): Promise<SupportsFeatureResponse> {
    const response = new resourceProto.SupportsFeatureResponse();
    response.setHassupport(FEATURES.has(request.getId()));
    return Promise.resolve(response);
  }

  async registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const deployment = this.#deployment;
    await deployment.ready();
    const transformed = await this.#transforms.apply(request, deployment.options);
    if (transformed.getRemote()) {
      return this.#construct(transformed);
    }
    const goal = goalOfRequest(transformed, deployment.options);
    if (goal.custom && !isProviderType(goal.type) && goal.provider === '') {
      goal.provider = await deployment.defaultProvider(
        tokenPackage(goal.type),
        transformed.getVersion(),
        transformed.getPlugindownloadurl(),
      );
    }
    const { state, failed, unknown } = await deployment.register(goal);
    if ((failed === true || unknown === true) && !transformed.getSupportsresultreporting()) {
      throw new MonitorError('resource registration failed', status.INTERNAL);
    }
    // A component's old outputs may refer to resources that are not registered yet.
    const outputs = goal.custom ? (state.outputs ?? {}) : {};
    const response = new resourceProto.RegisterResourceResponse();
    response.setUrn(goal.urn);
    response.setId(state.id ?? '');
    response.setObject(this.#answer(outputs, transformed.getAcceptsecrets(), transformed.getAcceptresources()));
    response.setUnknown(unknown ?? false);
    if (failed === true) {
      response.setResult(resourceProto.Result.FAIL);
    }
    return response;
  }

  registerResourceOutputs(request: RegisterResourceOutputsRequest): Promise<Empty> {
    const outputs = mapProperties(toProperties(request.getOutputs()), flattenOutputValue);
    this.#deployment.registerOutputs(request.getUrn(), outputs);
    return Promise.resolve(new emptyProto.Empty());
  }

  async readResource(request: ReadResourceRequest): Promise<ReadResourceResponse> {
    const deployment = this.#deployment;
    await deployment.ready();
    const goal = goalOfRead(request, deployment.options);
    if (goal.provider === '') {
      goal.provider = await deployment.defaultProvider(
        tokenPackage(goal.type),
        request.getVersion(),
        request.getPlugindownloadurl(),
      );
    }
    const { state, failed, unknown } = await deployment.read(goal, request.getId());
    const response = new resourceProto.ReadResourceResponse();
    response.setUrn(goal.urn);
    response.setUnknown(unknown ?? state.id === '');
    if (failed === true) {
      response.setResult(resourceProto.Result.FAIL);
    }
    response.setProperties(this.#answer(state.outputs ?? {}, request.getAcceptsecrets(), request.getAcceptresources()));
    return response;
  }

  async invoke(request: ResourceInvokeRequest): Promise<ResourceInvokeResponse> {
    const deployment = this.#deployment;
    await deployment.ready();
    const { token, args, provider, version } = await this.#transforms.applyToInvoke(request);
    const plain = mapProperties(args, flattenOutputValue);
    if (token === 'pulumi:pulumi:getResource') {
      return invokeResponse({ return: this.#getResource(plain), failures: [], unknown: false }, request);
    }
    const reference =
      provider !== ''
        ? provider
        : await deployment.defaultProvider(tokenPackage(token), version, request.getPlugindownloadurl());
    const denied = deniedPackage(reference);
    if (denied !== undefined) {
      throw new MonitorError(`Default provider for '${denied}' disabled. '${token}' must use an explicit provider.`);
    }
    const client = await deployment.provider(reference);
    const answer = await client
      .invoke({ tok: token, args: plain, preview: deployment.options.preview })
      .catch((error: unknown) => {
        throw new MonitorError(`invocation of ${token} returned an error: ${messageOf(error)}`);
      });
    return invokeResponse(answer, request);
  }

  async call(request: ResourceCallRequest): Promise<CallResponse> {
    const deployment = this.#deployment;
    await deployment.ready();
    const reference =
      request.getProvider() !== ''
        ? request.getProvider()
        : await deployment.defaultProvider(
            tokenPackage(request.getTok()),
            request.getVersion(),
            request.getPlugindownloadurl(),
          );
    const { provider } = await deployment.provider(reference);
    if (provider.call === undefined) {
      throw new MonitorError(`the provider of ${request.getTok()} has no methods to call`, status.UNIMPLEMENTED);
    }
    const answer = await provider.call({
      tok: request.getTok(),
      args: toProperties(request.getArgs()),
      preview: deployment.options.preview,
      monitorAddress: deployment.monitorAddress,
    });
    const response = new providerProto.CallResponse();
    response.setReturn(toStruct(answer.return));
    response.setFailuresList(answer.failures.map(failure.write) as FailureMessage[]);
    return response;
  }

  registerStackTransform(callback: Callback): Promise<Empty> {
    this.#transforms.addStackTransform(callback);
    return Promise.resolve(new emptyProto.Empty());
  }

  registerStackInvokeTransform(callback: Callback): Promise<Empty> {
    this.#transforms.addInvokeTransform(callback);
    return Promise.resolve(new emptyProto.Empty());
  }

  async shutdown(): Promise<Empty> {
    await this.#deployment.finish();
    return new emptyProto.Empty();
  }

  close(): void {
    this.#transforms.close();
  }

  async #construct(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const deployment = this.#deployment;
    const { options } = deployment;
    const type = request.getType();
    const packageName = tokenPackage(type);
    const reference =
      request.getProvidersMap().get(packageName) ??
      (request.getProvider() !== ''
        ? request.getProvider()
        : await deployment.defaultProvider(packageName, request.getVersion(), request.getPlugindownloadurl()));
    const { provider } = await deployment.provider(reference);
    if (provider.construct === undefined) {
      throw new MonitorError(`the provider for ${packageName} has no components`, status.UNIMPLEMENTED);
    }
    const { dependencies, propertyDependencies, protect, aliases } = goalOfRequest(request, options);
    const answer = await provider.construct({
      urn: createUrn(options.stack, options.project, request.getParent(), type, request.getName()),
      name: request.getName(),
      type,
      parent: request.getParent(),
      inputs: toProperties(request.getObject()),
      inputDependencies: propertyDependencies,
      monitorAddress: deployment.monitorAddress,
      ...contextOf(options),
      providers: Object.fromEntries(request.getProvidersMap().entries()),
      dependencies,
      protect,
      aliases,
    });
    const response = new resourceProto.RegisterResourceResponse();
    response.setUrn(answer.urn);
    response.setObject(this.#answer(answer.state, request.getAcceptsecrets(), request.getAcceptresources()));
    for (const [key, urns] of Object.entries(answer.stateDependencies)) {
      const list = new resourceProto.RegisterResourceResponse.PropertyDependencies();
      list.setUrnsList(urns);
      response.getPropertydependenciesMap().set(key, list);
    }
    return response;
  }

  #answer(properties: Properties, secrets: boolean, resources: boolean): ReturnType<typeof toStruct> {
    return toStruct(forCaller(properties, { secrets, resources }));
  }

  #getResource(args: Properties): Properties {
    const { urn } = args;
    const state = this.#deployment.find(typeof urn === 'string' ? urn : '');
    if (state === undefined) {
      throw new MonitorError(`unknown resource ${String(urn)}`);
    }
    const id = state.id === '' && this.#deployment.options.preview ? UNKNOWN : (state.id ?? '');
    return { urn: state.urn, id, state: state.outputs ?? {} };
  }
}

function invokeResponse(
  answer: { return: Properties; failures: CheckFailure[]; unknown: boolean },
  request: ResourceInvokeRequest,
): ResourceInvokeResponse {
  const response = new resourceProto.ResourceInvokeResponse();
  response.setReturn(toStruct(forCaller(answer.return, { secrets: true, resources: request.getAcceptresources() })));
  response.setFailuresList(answer.failures.map(failure.write) as FailureMessage[]);
  response.setUnknown(answer.unknown);
  return response;
}
