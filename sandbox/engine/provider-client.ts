import { randomBytes } from 'node:crypto';
import type {
  CheckFailure,
  DiffResult,
  Properties,
  Provider,
  ProviderFeatures,
  ResourceIdentity,
} from '../provider.ts';
import { ProviderError, UNKNOWN } from '../provider.ts';
import { completeAssets, elideAssets } from './assets.ts';
import { containsUnknown, inheritSecrets, stripResourceReferences, stripSecrets } from './properties.ts';
import type { ResourceState } from './state.ts';
import { urnName, urnType } from './urn.ts';

/** What a provider is asked to do with one resource. Timeouts are in seconds, 0 for the provider's own. */
interface ResourceCall {
  urn: string;
  timeout?: number;
}

/**
 * One configured provider as the engine uses it: converts values to the form it accepts, keeps secrets secret in its
 * responses, and answers itself when a preview must not call it.
 */
export class ProviderClient {
  readonly provider: Provider;
  readonly #features: ProviderFeatures;
  /** False in a preview whose provider configuration is not known yet: then the provider cannot be called. */
  readonly #configured: boolean;
  /** Only a preview knows values that are not known yet; what such a value is left out of goes without it. */
  readonly #preview: boolean;

  constructor(provider: Provider, features: ProviderFeatures | undefined, preview: boolean) {
    this.provider = provider;
    this.#preview = preview;
    this.#configured = features !== undefined;
    this.#features = features ?? {
      acceptSecrets: false,
      acceptResources: false,
      acceptOutputs: false,
      supportsPreview: false,
    };
  }

  async check(
    call: ResourceCall & { olds: Properties; news: Properties },
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }> {
    if (!this.#configured) {
      return { inputs: call.news, failures: [] };
    }
    const answer = await this.provider.check({
      ...identity(call.urn),
      olds: this.#outgoing(call.olds),
      news: this.#outgoing(this.#preview ? call.news : withoutUnknowns(call.news)),
      randomSeed: randomBytes(32),
    });
    return { inputs: this.#incoming(answer.inputs, call.news), failures: answer.failures };
  }

  async diff(
    call: ResourceCall & { old: ResourceState; news: Properties; ignoreChanges: string[] },
  ): Promise<DiffResult> {
    if (!this.#configured) {
      return { changes: 'unknown' };
    }
    return this.provider.diff({
      ...identity(call.urn),
      id: call.old.id ?? '',
      olds: elideAssets(this.#outgoing(call.old.outputs ?? {})),
      oldInputs: elideAssets(this.#outgoing(call.old.inputs ?? {})),
      news: elideAssets(this.#outgoing(call.news)),
      ignoreChanges: call.ignoreChanges,
    });
  }

  async create(
    call: ResourceCall & { inputs: Properties; preview: boolean },
  ): Promise<{ id: string; properties: Properties }> {
    if (call.preview && !this.#features.supportsPreview) {
      return { id: '', properties: {} };
    }
    const answer = await this.#guarded(call.inputs, () =>
      this.provider.create({
        ...identity(call.urn),
        properties: this.#outgoing(call.inputs),
        timeout: call.timeout ?? 0,
        preview: call.preview,
      }),
    );
    if (!call.preview && answer.id === '') {
      throw new ProviderError(`provider for ${urnType(call.urn)} returned an empty resource.ID from create`);
    }
    return { id: answer.id, properties: this.#incoming(answer.properties, call.inputs) };
  }

  async update(
    call: ResourceCall & { old: ResourceState; news: Properties; ignoreChanges: string[]; preview: boolean },
  ): Promise<{ properties: Properties }> {
    if (call.preview && !this.#features.supportsPreview) {
      return { properties: {} };
    }
    const answer = await this.#guarded(call.news, () =>
      this.provider.update({
        ...identity(call.urn),
        id: call.old.id ?? '',
        olds: elideAssets(this.#outgoing(call.old.outputs ?? {})),
        oldInputs: elideAssets(this.#outgoing(call.old.inputs ?? {})),
        news: this.#outgoing(call.news),
        ignoreChanges: call.ignoreChanges,
        timeout: call.timeout ?? 0,
        preview: call.preview,
      }),
    );
    return { properties: this.#incoming(answer.properties, call.news) };
  }

  async read(
    call: ResourceCall & { id: string; inputs: Properties; outputs: Properties },
  ): Promise<{ id: string; exists: boolean; properties: Properties; inputs: Properties }> {
    const answer = await this.#guarded(call.inputs, () =>
      this.provider.read({
        ...identity(call.urn),
        id: call.id,
        properties: elideAssets(this.#outgoing(call.outputs)),
        inputs: elideAssets(this.#outgoing(call.inputs)),
        timeout: call.timeout ?? 0,
      }),
    );
    return {
      id: answer.id,
      exists: answer.exists ?? answer.id !== '',
      inputs: this.#incoming(answer.inputs, call.inputs),
      properties: this.#incoming(answer.properties, { ...call.inputs, ...call.outputs }),
    };
  }

  async delete(call: ResourceCall & { old: ResourceState }): Promise<void> {
    await this.provider.delete({
      ...identity(call.urn),
      id: call.old.id ?? '',
      properties: elideAssets(this.#outgoing(call.old.outputs ?? {})),
      oldInputs: elideAssets(this.#outgoing(call.old.inputs ?? {})),
      timeout: call.timeout ?? 0,
    });
  }

  async invoke(call: {
    tok: string;
    args: Properties;
    preview: boolean;
  }): Promise<{ return: Properties; failures: CheckFailure[]; unknown: boolean }> {
    if (!this.#configured) {
      return { return: {}, failures: [], unknown: true };
    }
    const answer = await this.provider.invoke({ ...call, args: this.#outgoing(call.args) });
    return { ...answer, unknown: false };
  }

  #outgoing(properties: Properties): Properties {
    const plain = this.#features.acceptSecrets ? properties : stripSecrets(properties);
    return this.#features.acceptResources ? plain : stripResourceReferences(plain);
  }

  #incoming(properties: Properties, sent: Properties): Properties {
    const complete = completeAssets(properties);
    return this.#features.acceptSecrets ? complete : inheritSecrets(complete, sent);
  }

  /** A resource that was created but did not become ready is kept, so its secrets must stay secret too. */
  async #guarded<T>(sent: Properties, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ProviderError && error.partial !== undefined) {
        const { partial } = error;
        throw new ProviderError(error.message, {
          code: error.code,
          cause: error,
          partial: {
            ...partial,
            properties: this.#incoming(partial.properties, sent),
            ...(partial.inputs && { inputs: this.#incoming(partial.inputs, sent) }),
          },
        });
      }
      throw error;
    }
  }
}

export function identity(urn: string): ResourceIdentity {
  return { urn, name: urnName(urn), type: urnType(urn) };
}

/** @returns whether a provider with this configuration can be configured now. */
export function isKnown(inputs: Properties): boolean {
  return !Object.values(inputs).some((value) => value === UNKNOWN || containsUnknown(value));
}

function withoutUnknowns(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== UNKNOWN && !containsUnknown(value)),
  );
}
