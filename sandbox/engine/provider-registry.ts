import { randomUUID } from 'node:crypto';
import type { CheckFailure, DiffResult, Properties, Provider, ProviderHost } from '../provider.ts';
import { UNKNOWN } from '../provider.ts';
import { inheritSecrets, stripSecrets } from './properties.ts';
import { identity, isKnown, ProviderClient } from './provider-client.ts';
import type { ResourceState } from './state.ts';
import { isProviderType, parseReference, providerPackage, urnType } from './urn.ts';

/** The provider resources of one operation: each is one provider instance, loaded when first needed. */
export class ProviderRegistry {
  readonly #host: ProviderHost;
  readonly #preview: boolean;
  readonly #olds: ResourceState[];
  /** Loaded and checked, not yet configured. */
  readonly #checked = new Map<string, Provider>();
  /** Checked inputs of provider resources, by URN. */
  readonly #inputs = new Map<string, Properties>();
  /** By provider reference. */
  readonly #clients = new Map<string, Promise<ProviderClient>>();
  readonly #instances = new Set<Provider>();

  constructor(host: ProviderHost, olds: ResourceState[], preview: boolean) {
    this.#host = host;
    this.#preview = preview;
    this.#olds = olds;
  }

  /** Checks the inputs of a provider resource. `__internal` is the engine's own and never reaches a provider. */
  async check(
    urn: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
    const provider = await this.#load(urn, news);
    this.#checked.set(urn, provider);
    const answer = await provider.checkConfig({
      ...identity(urn),
      olds: providerInputs(olds),
      news: providerInputs(news),
    });
    const internal = news['__internal'];
    const inputs = {
      ...(internal !== undefined && { __internal: internal }),
      ...inheritSecrets(answer.inputs, news),
    };
    this.#inputs.set(urn, inputs);
    return { inputs, failures: answer.failures };
  }

  async diff(urn: string, old: ResourceState, news: Properties, ignoreChanges: string[]): Promise<DiffResult> {
    return isKnown(news) ? this.#diff(urn, old, news, ignoreChanges) : { changes: 'unknown' };
  }

  /** Configures a provider resource. @returns its id: the old one, a new one, or unknown in a preview */
  async configure(urn: string, inputs: Properties, options: { id?: string; preview: boolean }): Promise<string> {
    const id = options.id ?? (options.preview ? UNKNOWN : randomUUID());
    const client = this.#configure(urn, id, inputs, this.#checked.get(urn));
    this.#clients.set(`${urn}::${id}`, client);
    await client;
    return id;
  }

  /** Continues with an unchanged provider; one that is already loaded is not configured again. */
  async same(urn: string, inputs: Properties, id: string): Promise<void> {
    if (this.#clients.has(`${urn}::${id}`)) {
      await this.#clients.get(`${urn}::${id}`);
    } else {
      await this.configure(urn, inputs, { id, preview: false });
    }
  }

  /** @throws when the reference names no provider of this operation or of the state */
  get(reference: string): Promise<ProviderClient> {
    const known = this.#clients.get(reference);
    if (known !== undefined) {
      return known;
    }
    const { urn, id } = parseReference(reference);
    const state = this.#olds.find((old) => old.urn === urn && old.id === id && isProviderType(old.type));
    if (state === undefined) {
      return Promise.reject(new Error(`unknown provider ${reference}`));
    }
    const client = this.#configure(urn, id, state.inputs ?? {}, undefined);
    this.#clients.set(reference, client);
    return client;
  }

  /** Loads the provider of an old resource before it is needed. */
  async ensure(reference: string | undefined): Promise<void> {
    if (reference !== undefined && reference !== '') {
      await this.get(reference);
    }
  }

  /** Asks a new provider whether it can continue with resources that another one of its package created. */
  async diffBetween(urn: string, old: ResourceState): Promise<DiffResult> {
    return this.#diff(urn, old, this.#inputs.get(urn) ?? {}, []);
  }

  async cancel(): Promise<void> {
    await Promise.allSettled([...this.#instances].map((provider) => provider.cancel()));
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#instances].map((provider) => provider.close()));
  }

  async #diff(urn: string, old: ResourceState, news: Properties, ignoreChanges: string[]): Promise<DiffResult> {
    const provider = this.#checked.get(urn);
    if (provider === undefined) {
      return { changes: 'unknown' };
    }
    return provider.diffConfig({
      ...identity(urn),
      id: '',
      olds: providerInputs(old.outputs ?? {}),
      oldInputs: providerInputs(old.inputs ?? {}),
      news: providerInputs(news),
      ignoreChanges,
    });
  }

  async #configure(
    urn: string,
    id: string,
    inputs: Properties,
    checked: Provider | undefined,
  ): Promise<ProviderClient> {
    const provider = checked ?? (await this.#load(urn, inputs));
    if (!isKnown(inputs)) {
      return new ProviderClient(provider, undefined, this.#preview);
    }
    const features = await provider.configure({
      ...identity(urn),
      id,
      inputs: provider.takesSecretConfiguration === true ? providerOutputs(inputs) : providerInputs(inputs),
    });
    return new ProviderClient(provider, features, this.#preview);
  }

  async #load(urn: string, { version }: Properties): Promise<Provider> {
    const provider = await this.#host.load(providerPackage(urnType(urn)), typeof version === 'string' ? version : '');
    this.#instances.add(provider);
    return provider;
  }
}

function providerInputs(inputs: Properties): Properties {
  const { __internal: _internal, ...others } = inputs;
  return stripSecrets(others);
}

/** @returns a provider's outputs: its inputs, without the engine's own. */
export function providerOutputs(inputs: Properties): Properties {
  const { __internal: _internal, ...others } = inputs;
  return others;
}
