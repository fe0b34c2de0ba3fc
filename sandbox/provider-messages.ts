/**
 * The calls of Pulumi's `ResourceProvider` service as messages: for the engine, which calls providers in other processes
 * (engine/grpc-provider.ts), and for the providers that a real CLI calls (aws/serve.ts).
 * @see https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
 */
import type { ServiceError, StatusObject } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import protobufAny from 'google-protobuf/google/protobuf/any_pb.js';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import aliasMessages from '@pulumi/pulumi/proto/alias_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import type { Alias } from './engine/aliases.ts';
import { urnName, urnType } from './engine/urn.ts';
import type { Codec, Field, Fields } from './message-fields.ts';
import { accessed, codec, list, listOf, map, mapOf, optionalStruct, plain, struct } from './message-fields.ts';
import type {
  CheckFailure,
  DiffKind,
  DiffResult,
  OperationContext,
  Properties,
  Provider,
  ProviderFeatures,
  ProviderRequest,
} from './provider.ts';
import { ProviderError } from './provider.ts';

/** One call. */
export interface Exchange<Request, Response> {
  request: Codec<Request>;
  response: Codec<Response>;
}

/** The same in every message that carries it. */
export const contextFields: Fields<OperationContext> = {
  organization: plain('Organization'),
  project: plain('Project'),
  stack: plain('Stack'),
  dryRun: plain('Dryrun'),
  parallel: plain('Parallel'),
  config: map('Config'),
  configSecretKeys: list('Configsecretkeys'),
};

/** Not every engine sends type and name; both are in the URN. */
function ofUrn(name: string, part: (urn: string) => string): Field<string> {
  const { read, write } = plain<string>(name);
  return { read: (message) => read(message) || part(urn.read(message)), write };
}

const urn = plain<string>('Urn');
const identity = { urn, name: ofUrn('Name', urnName), type: ofUrn('Type', urnType) };
const resource = { ...identity, id: plain<string>('Id') };
const timeout = plain<number>('Timeout');
const preview = plain<boolean>('Preview');
const change = {
  ...resource,
  olds: struct('Olds'),
  oldInputs: struct('OldInputs'),
  news: struct('News'),
  ignoreChanges: list<string>('Ignorechanges'),
};

export const failure = codec<CheckFailure>(messages.CheckFailure, {
  property: plain('Property'),
  reason: plain('Reason'),
});
const failures = listOf('Failures', failure);
const checked = codec<{ inputs: Properties; failures: CheckFailure[] }>(messages.CheckResponse, {
  inputs: struct('Inputs'),
  failures,
});

/** A value of an enumeration, whose numbers count from zero. */
function oneOf<T>(name: string, values: readonly [T, ...T[]]): Field<T> {
  const { read, write } = plain<number>(name);
  return {
    read: (message) => values[read(message)] ?? values[0],
    write: (message, value) => write(message, values.indexOf(value)),
  };
}

const KINDS: [DiffKind, ...DiffKind[]] = ['add', 'add-replace', 'delete', 'delete-replace', 'update', 'update-replace'];
const details = mapOf(
  'Detaileddiff',
  codec<{ kind: DiffKind; inputDiff: boolean }>(messages.PropertyDiff, {
    kind: oneOf('Kind', KINDS),
    inputDiff: plain('Inputdiff'),
  }),
);
const hasDetails = plain<boolean>('Hasdetaileddiff');
const difference: Exchange<ProviderRequest<'diff'>, DiffResult> = {
  request: codec<ProviderRequest<'diff'>>(messages.DiffRequest, change),
  response: codec<DiffResult>(messages.DiffResponse, {
    changes: oneOf('Changes', ['unknown', 'none', 'some']),
    diffs: list('Diffs'),
    replaces: list('Replaces'),
    stables: list('Stables'),
    deleteBeforeReplace: plain('Deletebeforereplace'),
    detailedDiff: {
      read: (message) => (hasDetails.read(message) ? details.read(message) : undefined),
      write: (message, value) => {
        hasDetails.write(message, true);
        details.write(message, value ?? {});
      },
    },
  }),
};

type Answered = Awaited<ReturnType<Provider['invoke']>>;
type ConstructAnswer = Awaited<ReturnType<NonNullable<Provider['construct']>>>;
const answered = { return: struct('Return'), failures };

/** As it is on the wire: without properties there is no such resource, be it one to import. */
interface ReadAnswer {
  id: string;
  properties?: Properties;
  inputs?: Properties;
}

/** An absent value is an empty one on the wire. */
function optional<T>(name: string): Field<T | undefined> {
  const { read, write } = plain<T | undefined>(name);
  return { read: (message) => read(message) || undefined, write };
}

const aliasSpec = codec<Exclude<Alias, string>>(aliasMessages.Alias.Spec, {
  name: optional('Name'),
  type: optional('Type'),
  stack: optional('Stack'),
  project: optional('Project'),
  parentUrn: optional('Parenturn'),
  noParent: optional('Noparent'),
});
const specOf = plain<Message | undefined>('Spec');

/** An alias is a URN, or the parts that differ. */
export const alias: Codec<Alias> = {
  read: (message) => {
    const spec = specOf.read(message);
    return spec === undefined ? urn.read(message) : aliasSpec.read(spec);
  },
  write: (value) => {
    const message = new aliasMessages.Alias();
    if (typeof value === 'string') urn.write(message, value);
    else specOf.write(message, aliasSpec.write(value));
    return message;
  },
};

/** The URNs that something depends on. */
const urns = (create: new () => Message): Codec<string[]> => {
  const { read, write } = codec<{ all: string[] }>(create, { all: list('Urns') });
  return { read: (message) => read(message).all, write: (all) => write({ all }) };
};

/** Every call that passes properties. What an engine says of itself when it configures a provider, it adds to the request. */
export const EXCHANGES = {
  checkConfig: {
    request: codec<ProviderRequest<'checkConfig'>>(messages.CheckRequest, {
      ...identity,
      olds: struct('Olds'),
      news: struct('News'),
    }),
    response: checked,
  },
  diffConfig: difference,
  configure: {
    request: codec<ProviderRequest<'configure'>>(messages.ConfigureRequest, { ...resource, inputs: struct('Args') }),
    response: codec<ProviderFeatures>(messages.ConfigureResponse, {
      acceptSecrets: plain('Acceptsecrets'),
      acceptResources: plain('Acceptresources'),
      acceptOutputs: plain('Acceptoutputs'),
      supportsPreview: plain('Supportspreview'),
    }),
  },
  check: {
    request: codec<ProviderRequest<'check'>>(messages.CheckRequest, {
      ...identity,
      olds: struct('Olds'),
      news: struct('News'),
      randomSeed: {
        read: (message) => accessed(message, 'getRandomseed_asU8') as Uint8Array,
        write: plain<Uint8Array>('Randomseed').write,
      },
    }),
    response: checked,
  },
  diff: difference,
  create: {
    request: codec<ProviderRequest<'create'>>(messages.CreateRequest, {
      ...identity,
      properties: struct('Properties'),
      timeout,
      preview,
    }),
    response: codec<Awaited<ReturnType<Provider['create']>>>(messages.CreateResponse, {
      id: plain('Id'),
      properties: struct('Properties'),
    }),
  },
  read: {
    request: codec<ProviderRequest<'read'>>(messages.ReadRequest, {
      ...resource,
      properties: struct('Properties'),
      inputs: struct('Inputs'),
      timeout,
    }),
    response: codec<ReadAnswer>(messages.ReadResponse, {
      id: plain('Id'),
      properties: optionalStruct('Properties'),
      inputs: optionalStruct('Inputs'),
    }),
  },
  update: {
    request: codec<ProviderRequest<'update'>>(messages.UpdateRequest, { ...change, timeout, preview }),
    response: codec<Awaited<ReturnType<Provider['update']>>>(messages.UpdateResponse, {
      properties: struct('Properties'),
    }),
  },
  delete: {
    request: codec<ProviderRequest<'delete'>>(messages.DeleteRequest, {
      ...resource,
      properties: struct('Properties'),
      oldInputs: struct('OldInputs'),
      timeout,
    }),
    response: codec<object>(protobufEmpty.Empty, {}),
  },
  invoke: {
    request: codec<ProviderRequest<'invoke'>>(messages.InvokeRequest, {
      tok: plain('Tok'),
      args: struct('Args'),
      preview,
    }),
    response: codec<Answered>(messages.InvokeResponse, answered),
  },
  construct: {
    request: codec<ProviderRequest<'construct'>>(messages.ConstructRequest, {
      // A component has none before its provider registers it.
      urn: { read: () => '', write: () => undefined },
      name: plain('Name'),
      type: plain('Type'),
      parent: plain('Parent'),
      inputs: struct('Inputs'),
      inputDependencies: mapOf('Inputdependencies', urns(messages.ConstructRequest.PropertyDependencies)),
      monitorAddress: plain('Monitorendpoint'),
      ...contextFields,
      providers: map('Providers'),
      dependencies: list('Dependencies'),
      protect: plain('Protect'),
      aliases: listOf('Aliases', alias),
    }),
    response: codec<ConstructAnswer>(messages.ConstructResponse, {
      urn,
      state: struct('State'),
      stateDependencies: mapOf('Statedependencies', urns(messages.ConstructResponse.PropertyDependencies)),
    }),
  },
  call: {
    request: codec<ProviderRequest<'call'>>(messages.CallRequest, {
      tok: plain('Tok'),
      args: struct('Args'),
      preview: plain('Dryrun'),
      monitorAddress: plain('Monitorendpoint'),
    }),
    response: codec<Answered>(messages.CallResponse, answered),
  },
};

/** What a provider says before it is configured. */
export const handshakeAnswer = codec<Omit<ProviderFeatures, 'supportsPreview'>>(messages.ProviderHandshakeResponse, {
  acceptSecrets: plain('AcceptSecrets'),
  acceptResources: plain('AcceptResources'),
  acceptOutputs: plain('AcceptOutputs'),
});

const partial = codec<NonNullable<ProviderError['partial']>>(messages.ErrorResourceInitFailed, {
  id: plain('Id'),
  properties: struct('Properties'),
  inputs: optionalStruct('Inputs'),
  reasons: list('Reasons'),
});
const PARTIAL = 'pulumirpc.ErrorResourceInitFailed';
const DETAILS = 'grpc-status-details-bin';

/**
 * The error that the engine understands. Of a resource that exists all the same, its id, outputs and the reasons travel
 * in gRPC's status details.
 * @see https://grpc.io/docs/guides/error/#richer-error-model
 */
export function toServiceError(error: unknown): Partial<StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  const code = error instanceof ProviderError ? error.code : status.UNKNOWN;
  if (error instanceof ProviderError && error.partial) {
    const detail = new protobufAny.Any();
    detail.pack(partial.write(error.partial).serializeBinary(), PARTIAL);
    const details = new statusMessages.Status();
    details.setCode(code);
    details.setMessage(message);
    details.addDetails(detail);
    metadata.add(DETAILS, Buffer.from(details.serializeBinary()));
  }
  return { code, details: message, metadata };
}

/** The same, as the engine gets it. */
export function toProviderError(error: ServiceError): ProviderError {
  const [bytes] = error.metadata.get(DETAILS);
  const all = bytes instanceof Uint8Array ? statusMessages.Status.deserializeBinary(bytes).getDetailsList() : [];
  const detail = all.find((each) => each.getTypeUrl().endsWith(PARTIAL));
  const found = detail && partial.read(messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8()));
  return new ProviderError(error.details, { code: error.code, cause: error, ...(found && { partial: found }) });
}
