/**
 * The one interface between a Pulumi engine and a resource provider, as the sandbox engine sees it.
 * It follows the `ResourceProvider` gRPC service method by method, so that an in-process provider (sandbox/aws)
 * and one attached over gRPC are the same to the engine.
 * @see https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/providers/README.html
 */

import type { Alias } from './engine/aliases.ts';

/** The value for "not known yet" in a preview, on the wire. */
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** The key that marks a special object (secret, asset, archive, resource reference, output value) on the wire. */
export const SIGNATURE = '4dabf18193072939515e22adb298388d';

export const SECRET = '1b47061264138c4ac30d75fd1eb44270';
export const ASSET = 'c44067f5952c0a294b673a41bacd8c17';
export const ARCHIVE = '0def7320c3a5731c473e5ecbe6d01bc7';
export const RESOURCE_REFERENCE = '5cf8f73096256a8f31e491e813e4eb8e';
export const OUTPUT_VALUE = 'd0e6a833031e9bbcd3f4e8bde6ca49a4';

/**
 * A property in wire form: plain JSON, with unknowns as {@link UNKNOWN} and special objects marked by {@link SIGNATURE}.
 */
export type Property = null | boolean | number | string | Property[] | { [key: string]: Property };
export type Properties = Record<string, Property>;

/** Part of every per-resource call. */
export interface ResourceIdentity {
  urn: string;
  /** The logical name: last part of the URN. */
  name: string;
  /** The type token, such as `aws:sagemaker/model:Model`. */
  type: string;
}

/** A provider's answer to Configure: which special values it takes (others are unwrapped by the engine first). */
export interface ProviderFeatures {
  acceptSecrets: boolean;
  acceptResources: boolean;
  acceptOutputs: boolean;
  /** When false, Create and Update are not called in a preview. */
  supportsPreview: boolean;
}

export interface CheckFailure {
  property: string;
  reason: string;
}

export type DiffKind = 'add' | 'add-replace' | 'delete' | 'delete-replace' | 'update' | 'update-replace';

export interface DiffResult {
  changes: 'none' | 'some' | 'unknown';
  /** Top-level properties that changed. */
  diffs?: string[];
  /** Property paths whose change means replacement. */
  replaces?: string[];
  stables?: string[];
  deleteBeforeReplace?: boolean;
  detailedDiff?: Record<string, { kind: DiffKind; inputDiff: boolean }>;
}

/**
 * Thrown by a provider call that failed.
 * `partial` is set if the resource exists nevertheless (`ErrorResourceInitFailed` on the wire): the engine keeps it in
 * the state with these reasons and tries again in the next operation.
 */
export class ProviderError extends Error {
  readonly partial?: { id: string; properties: Properties; inputs?: Properties; reasons: string[] };
  /** gRPC status code; default: 2 (UNKNOWN). */
  readonly code: number;

  constructor(message: string, options: { partial?: ProviderError['partial']; code?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ProviderError';
    this.partial = options.partial;
    this.code = options.code ?? 2;
  }
}

/** What programs, language hosts and components in providers are told of the operation that they are part of. */
export interface OperationContext {
  organization: string;
  project: string;
  stack: string;
  /** A preview. */
  dryRun: boolean;
  parallel: number;
  /** Secrets in the clear. */
  config: Record<string, string>;
  /** The keys of those that are secret. */
  configSecretKeys: string[];
}

/** Ends of a remote component's Construct call: the addresses that the provider registers children with. */
export interface ConstructRequest extends ResourceIdentity, OperationContext {
  parent: string;
  inputs: Properties;
  inputDependencies: Record<string, string[]>;
  monitorAddress: string;
  providers: Record<string, string>;
  dependencies: string[];
  protect: boolean;
  aliases: readonly Alias[];
}

/** What is compared, or changed from the one to the other. */
interface ChangeRequest extends ResourceIdentity {
  id: string;
  /** The old outputs. */
  olds: Properties;
  oldInputs: Properties;
  news: Properties;
  ignoreChanges: string[];
}

/** One provider instance: first `configure`, then calls; `close` ends it. */
export interface Provider {
  /** Whether `configure` gets secrets as such; otherwise unwrapped. */
  readonly takesSecretConfiguration?: boolean;
  /** What `configure` answers, for engines that ask before that; default: no special values. */
  readonly features?: ProviderFeatures;
  checkConfig(
    request: ResourceIdentity & { olds: Properties; news: Properties },
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diffConfig(request: ChangeRequest): Promise<DiffResult>;
  /**
   * @param request.inputs provider inputs; everything that is not a plain string arrives as JSON text, as the SDK encodes it.
   * @param request.urn absent for a default provider's lookups before it has one
   */
  configure(request: ResourceIdentity & { id: string; inputs: Properties }): Promise<ProviderFeatures>;
  check(
    request: ResourceIdentity & { olds: Properties; news: Properties; randomSeed: Uint8Array },
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(request: ChangeRequest): Promise<DiffResult>;
  /** @throws ProviderError */
  create(
    request: ResourceIdentity & { properties: Properties; timeout: number; preview: boolean },
  ): Promise<{ id: string; properties: Properties }>;
  /**
   * An empty `id` in the response means that the resource is gone, unless `exists` is set: for an import or a plain read, a
   * provider need not repeat the id.
   */
  read(
    request: ResourceIdentity & { id: string; properties: Properties; inputs: Properties; timeout: number },
  ): Promise<{ id: string; exists?: boolean; properties: Properties; inputs: Properties }>;
  update(request: ChangeRequest & { timeout: number; preview: boolean }): Promise<{ properties: Properties }>;
  delete(
    request: ResourceIdentity & { id: string; properties: Properties; oldInputs: Properties; timeout: number },
  ): Promise<void>;
  invoke(request: {
    tok: string;
    args: Properties;
    preview: boolean;
  }): Promise<{ return: Properties; failures: CheckFailure[] }>;
  construct?(
    request: ConstructRequest,
  ): Promise<{ urn: string; state: Properties; stateDependencies: Record<string, string[]> }>;
  call?(request: {
    tok: string;
    args: Properties;
    preview: boolean;
    monitorAddress: string;
  }): Promise<{ return: Properties; failures: CheckFailure[] }>;
  /** Ends a long running call as soon as possible. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}

/** Where the engine gets providers from: a fresh, unconfigured instance per provider resource. */
export interface ProviderHost {
  /** @throws if there is no provider for the package, listing those that there are */
  load(packageName: string, version: string): Promise<Provider>;
}

/** What a method of a provider is given. */
export type ProviderRequest<Method extends Exclude<keyof Provider, 'takesSecretConfiguration' | 'features'>> =
  Parameters<NonNullable<Provider[Method]>>[0];
