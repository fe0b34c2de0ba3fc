/** The sandbox AWS as a Pulumi provider: what the engine calls, method by method. */
import type { SandboxAwsSettings } from '../config.ts';
import type { DiffResult, Properties, Provider, ProviderRequest, ResourceIdentity } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { AwsRefusal, resourceError } from './aws-errors.ts';
import { checkResource } from './check.ts';
import { diffResource } from './diff.ts';
import type { Fault, FaultOperation } from './faults.ts';
import { Faults, strike } from './faults.ts';
import { refuseFenced } from './fence.ts';
import { invokeFunction } from './functions.ts';
import type { Call } from './lifecycle.ts';
import {
  createResource,
  deleteResource,
  locate,
  nameOf,
  previewCreate,
  previewUpdate,
  readBack,
  updateResource,
} from './lifecycle.ts';
import { prefixedName } from './naming.ts';
import type { Scope } from './partitions.ts';
import { isRegion, scopeOf } from './partitions.ts';
import { isAbsent, same, text } from './properties.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { checkProviderInputs, readProviderInputs } from './provider-settings.ts';
import { requireType } from './registry.ts';
import type { ResourceType } from './resource-type.ts';
import { Store } from './store.ts';

const VERBS = { create: 'creating', update: 'updating', delete: 'deleting', read: 'reading' } as const;

export class AwsProvider implements Provider {
  private readonly sandbox: SandboxAwsSettings;
  private readonly store: Store;
  private readonly faults: Faults;
  private readonly ending = new AbortController();
  private settings: ProviderSettings | undefined;

  constructor(sandbox: SandboxAwsSettings) {
    this.sandbox = sandbox;
    this.store = new Store(sandbox.directory);
    this.faults = new Faults(sandbox.faults, sandbox.directory);
  }

  async checkConfig({ news }: ProviderRequest<'checkConfig'>) {
    return { inputs: news, failures: checkProviderInputs(news) };
  }

  /** Every change of a provider is one in place: its resources then react through their own region and tags. */
  async diffConfig({ oldInputs, olds, news, ignoreChanges }: ProviderRequest<'diffConfig'>): Promise<DiffResult> {
    const before = Object.keys(oldInputs).length > 0 ? oldInputs : olds;
    const keys = new Set([...Object.keys(before), ...Object.keys(news)]);
    const diffs = [...keys]
      .filter((key) => key !== 'version' && !ignoreChanges.includes(key) && !same(before[key], news[key]))
      .sort();
    return { changes: diffs.length > 0 ? 'some' : 'none', diffs, replaces: [] };
  }

  async configure({ urn, type, inputs }: ProviderRequest<'configure'>) {
    await this.withFault('configure', type || 'pulumi:providers:aws', urn, undefined, async () => {
      this.settings = readProviderInputs(inputs, this.sandbox);
    });
    return { acceptSecrets: false, acceptResources: false, acceptOutputs: false, supportsPreview: true };
  }

  async check(request: ProviderRequest<'check'>) {
    const type = requireType(request.type);
    return this.withFault('check', request.type, request.urn, undefined, async () =>
      checkResource(type, request, this.configured()),
    );
  }

  async diff(request: ProviderRequest<'diff'>): Promise<DiffResult> {
    const type = requireType(request.type);
    return this.withFault('diff', request.type, request.urn, undefined, async () => {
      const before = oldInputsOf(request);
      return diffResource(type, before, request.news, request.ignoreChanges);
    });
  }

  async create(request: ProviderRequest<'create'>) {
    const type = requireType(request.type);
    if (request.preview) return { id: '', properties: previewCreate(type, request.properties) };
    const scope = this.scope(request.properties);
    const chosen = prefixedName(type.autoName, request.properties);
    const name = nameOf(type, { ...request.properties, ...chosen });
    return this.withFault('create', request.type, request.urn, name, (fault) =>
      createResource(this.callOn(type, request, scope, fault), request.properties, chosen),
    );
  }

  async read(request: ProviderRequest<'read'>) {
    const type = requireType(request.type);
    const [id, region] = splitImportId(request.id);
    const known = { ...request.inputs, ...request.properties };
    const scope = this.scope(region ? { region } : known);
    return this.withFault('read', request.type, request.urn, id, async () => {
      const found = await locate(type, this.store, scope, id, known);
      return found ? { id: found.id, ...readBack(type, found, request) } : { id: '', properties: {}, inputs: {} };
    });
  }

  async update(request: ProviderRequest<'update'>) {
    const type = requireType(request.type);
    const oldInputs = oldInputsOf(request);
    if (request.preview) return { properties: previewUpdate(type, request.news, oldInputs, request.olds) };
    const scope = this.scope({ ...oldInputs, ...request.olds });
    return this.withFault('update', request.type, request.urn, request.id, async (fault) => {
      const before = await locate(type, this.store, scope, request.id, { ...oldInputs, ...request.olds });
      if (!before) throw new ProviderError(`updating ${type.title} (${request.id}): it does not exist any more`);
      return updateResource(this.callOn(type, request, scope, fault), before, request.news);
    });
  }

  async delete(request: ProviderRequest<'delete'>): Promise<void> {
    const type = requireType(request.type);
    const known = { ...request.oldInputs, ...request.properties };
    const scope = this.scope(known);
    await this.withFault('delete', request.type, request.urn, request.id, async (fault) => {
      const before = await locate(type, this.store, scope, request.id, known);
      // What is gone already is what was wanted.
      if (before) await deleteResource(this.callOn(type, request, scope, fault), before);
    });
  }

  async invoke(request: ProviderRequest<'invoke'>) {
    return this.withFault('invoke', request.tok, '', undefined, () =>
      invokeFunction(request.tok, request.args, this.configured(), this.store),
    );
  }

  async cancel(): Promise<void> {
    this.ending.abort();
  }

  async close(): Promise<void> {
    this.ending.abort();
  }

  private configured(): ProviderSettings {
    if (!this.settings) throw new ProviderError('The sandbox AWS provider is used before it was configured.');
    return this.settings;
  }

  /** Where a resource lives: its own region goes before the provider's. */
  private scope(properties: Properties): Scope {
    const { accountId, region } = this.configured();
    return scopeOf(accountId, text(properties, 'region') || region);
  }

  private callOn(type: ResourceType, request: ResourceIdentity, scope: Scope, fault: Fault | undefined): Call {
    const { store, ending, sandbox } = this;
    return {
      type,
      urn: request.urn,
      caller: this.configured().callerArn,
      scope,
      store,
      signal: ending.signal,
      speed: sandbox.speed,
      faults: this.faults,
      ...(fault && { fault }),
    };
  }

  /** Runs a call, struck by the fault that is armed for it, if any. @throws ProviderError for what AWS refuses */
  private async withFault<T>(
    operation: FaultOperation,
    type: string,
    urn: string,
    name: string | undefined,
    work: (fault: Fault | undefined) => Promise<T>,
  ): Promise<T> {
    const fault = await this.faults.take(operation, type, urn);
    const { signal } = this.ending;
    try {
      if (fault?.when === 'before') await strike(fault, signal);
      // AWS decides on each call anew whether the session may make it.
      if (this.settings && operation in VERBS) {
        await refuseFenced(this.sandbox.directory, this.settings.callerArn, `${operation} ${type}`);
      }
      const result = await work(fault);
      if (fault?.when === 'after') await strike(fault, signal);
      return result;
    } catch (error) {
      throw error instanceof AwsRefusal ? worded(operation, type, name, error) : error;
    }
  }
}

/** A refusal in the real provider's words. */
function worded(
  operation: FaultOperation,
  token: string,
  name: string | undefined,
  refusal: AwsRefusal,
): ProviderError {
  if (name === undefined || !(operation in VERBS)) {
    return new ProviderError(`${operation} ${token}: api error ${refusal.code}: ${refusal.message}`, {
      cause: refusal,
    });
  }
  const verb = operation as keyof typeof VERBS;
  const { title, service, api } = requireType(token);
  const call = api[verb] ?? (verb === 'read' ? `Describe${title.split(' ').at(-1) ?? ''}` : api.create);
  return resourceError(VERBS[verb], { title, name, sdkId: service.sdkId, operation: call }, refusal);
}

/** The old inputs; an engine that does not send them sends the old outputs, of which the inputs are a part. */
function oldInputsOf({
  oldInputs,
  olds,
  news,
}: {
  oldInputs: Properties;
  olds: Properties;
  news: Properties;
}): Properties {
  if (Object.keys(oldInputs).length > 0) return oldInputs;
  return Object.fromEntries(Object.entries(olds).filter(([key, value]) => key in news && !isAbsent(value)));
}

/** `name@eu-west-1` names a resource of another region than the provider's. */
function splitImportId(id: string): [id: string, region?: string] {
  const cut = id.lastIndexOf('@');
  const region = id.slice(cut + 1);
  return cut > 0 && isRegion(region) ? [id.slice(0, cut), region] : [id];
}
