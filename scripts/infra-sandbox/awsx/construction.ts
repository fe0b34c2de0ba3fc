/** One Construct call: what a remote component registers with the engine that asked for it, as parent and children. */
import { createRequire } from 'node:module';
import { credentials } from '@grpc/grpc-js';
import type { Alias } from '@pulumi/pulumi/proto/alias_pb.js';
import { ResourceMonitorClient } from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import type { RegisterResourceResponse, ResourceInvokeResponse } from '@pulumi/pulumi/proto/resource_pb.js';
import resourceProto from '@pulumi/pulumi/proto/resource_pb.js';
import type { Struct } from 'google-protobuf/google/protobuf/struct_pb.js';
import structProto from 'google-protobuf/google/protobuf/struct_pb.js';
import { alias } from '../../../sandbox/provider-messages.ts';
import { flattenOutputValue, mapProperties } from '../../../sandbox/engine/properties.ts';
import type { ConstructRequest, Properties, Property } from '../../../sandbox/provider.ts';
import { ProviderError, RESOURCE_REFERENCE, SIGNATURE, UNKNOWN } from '../../../sandbox/provider.ts';

/** Children are of the version of the SDK that the program uses, so that they share its default provider. */
const AWS_VERSION = String((createRequire(import.meta.url)('@pulumi/aws/package.json') as { version: string }).version);
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** A resource that the engine has taken. */
export interface Made {
  readonly urn: string;
  /** Empty for a component; {@link UNKNOWN} in the preview of a creation. */
  readonly id: Property;
  readonly outputs: Properties;
  /** What stands for it among a component's outputs. */
  readonly reference: Property;
}

export interface ChildOptions {
  parent?: Made;
  dependsOn?: readonly Made[];
}

export class Construction {
  readonly request: ConstructRequest;
  readonly #monitor: ResourceMonitorClient;
  /** What the component was given comes from these; so its children cannot be without them. */
  readonly #given: readonly string[];

  constructor(request: ConstructRequest) {
    // Values that carry their own dependencies come as such; those are in `inputDependencies` too.
    this.request = { ...request, inputs: mapProperties(request.inputs, flattenOutputValue) };
    this.#given = [...new Set([...request.dependencies, ...Object.values(request.inputDependencies).flat()])];
    this.#monitor = new ResourceMonitorClient(request.monitorAddress, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    });
  }

  /** The component that was asked for, or one inside it. */
  async component(type: string, name: string, parent?: Made): Promise<Made> {
    const message = new resourceProto.RegisterResourceRequest();
    message.setType(type);
    message.setName(name);
    message.setCustom(false);
    message.setParent(parent?.urn ?? this.request.parent);
    message.setObject(toStruct({}));
    if (parent === undefined) message.setAliasesList(this.request.aliases.map(alias.write) as Alias[]);
    return this.#register(message);
  }

  /** A resource of AWS. @param inputs left out where undefined */
  async child(
    type: string,
    name: string,
    inputs: Record<string, Property | undefined>,
    { parent, dependsOn = [] }: ChildOptions,
  ): Promise<Made> {
    const message = new resourceProto.RegisterResourceRequest();
    message.setType(type);
    message.setName(name);
    message.setCustom(true);
    message.setParent(parent?.urn ?? '');
    message.setVersion(AWS_VERSION);
    message.setProvider(this.request.providers['aws'] ?? '');
    message.setObject(toStruct(given(inputs)));
    message.setDependenciesList([...new Set([...this.#given, ...dependsOn.map(({ urn }) => urn)])]);
    message.setAcceptsecrets(true);
    message.setAcceptresources(true);
    message.setSupportspartialvalues(true);
    return this.#register(message);
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const message = new resourceProto.ResourceInvokeRequest();
    message.setTok(token);
    message.setArgs(toStruct(args));
    message.setVersion(AWS_VERSION);
    message.setProvider(this.request.providers['aws'] ?? '');
    const response = await new Promise<ResourceInvokeResponse>((resolve, reject) => {
      this.#monitor.invoke(message, (error: Error | null, answer: ResourceInvokeResponse) =>
        error ? reject(error) : resolve(answer),
      );
    });
    const [failure] = response.getFailuresList();
    if (failure) throw new ProviderError(`invoking ${token}: ${failure.getReason()}`);
    return toProperties(response.getReturn());
  }

  /** Ends the call: outputs of the component, each with the children that it comes from. */
  async answer(
    component: Made,
    outputs: Record<string, { value: Property | undefined; from: readonly Made[] }>,
  ): Promise<{ urn: string; state: Properties; stateDependencies: Record<string, string[]> }> {
    const state = given(Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value])));
    await this.outputs(component, state);
    const stateDependencies = Object.fromEntries(
      Object.entries(outputs).map(([key, { from }]) => [key, from.map(({ urn }) => urn)]),
    );
    return { urn: component.urn, state, stateDependencies };
  }

  async outputs(component: Made, outputs: Properties): Promise<void> {
    const message = new resourceProto.RegisterResourceOutputsRequest();
    message.setUrn(component.urn);
    message.setOutputs(toStruct(outputs));
    await new Promise<void>((resolve, reject) => {
      this.#monitor.registerResourceOutputs(message, (error: Error | null) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    this.#monitor.close();
  }

  async #register(message: InstanceType<typeof resourceProto.RegisterResourceRequest>): Promise<Made> {
    const response = await new Promise<RegisterResourceResponse>((resolve, reject) => {
      this.#monitor.registerResource(message, (error: Error | null, answer: RegisterResourceResponse) =>
        error ? reject(error) : resolve(answer),
      );
    });
    const urn = response.getUrn();
    const id = message.getCustom() ? response.getId() || UNKNOWN : '';
    return {
      urn,
      id,
      outputs: toProperties(response.getObject()),
      reference: {
        [SIGNATURE]: RESOURCE_REFERENCE,
        urn,
        ...(message.getCustom() && { id, packageVersion: AWS_VERSION }),
      },
    };
  }
}

function given(properties: Record<string, Property | undefined>): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter((entry): entry is [string, Property] => entry[1] !== undefined),
  );
}

function toStruct(properties: Properties): Struct {
  return structProto.Struct.fromJavaScript(properties as Record<string, structProto.JavaScriptValue>);
}

function toProperties(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}
