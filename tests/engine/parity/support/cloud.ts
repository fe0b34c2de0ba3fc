/** The cloud that both engines work on: a provider whose behaviour follows from what a resource is given. */
import type {
  CheckFailure,
  DiffKind,
  DiffResult,
  Properties,
  Provider,
  ProviderHost,
} from '../../../../sandbox/provider.ts';
import { ProviderError } from '../../../../sandbox/provider.ts';

/** Which call fails, and how often: `create a`, `delete b`. */
export interface Failure {
  message: string;
  /** Reasons: the resource exists, but did not become ready. */
  unready?: string[];
  times?: number;
}

export interface CloudOptions {
  /** Whether a diff tells each difference by its path. Default: only names of properties. */
  detailed?: boolean;
  acceptSecrets?: boolean;
  supportsPreview?: boolean;
}

/**
 * Everything a resource is given it keeps. A changed input that begins with `replace` asks for replacement, `first: true`
 * for deletion before creation, `refuse` is refused by check; `token` comes back as an output along with `arn`.
 */
export class Cloud implements ProviderHost {
  readonly calls: string[] = [];
  readonly existing = new Map<string, { name: string; properties: Properties }>();
  readonly failures = new Map<string, Failure>();
  /** Called before each call of a method: waits, or cancels the operation. */
  before: (call: string) => Promise<void> | void = () => undefined;
  readonly #options: CloudOptions;
  readonly #counts = new Map<string, number>();

  constructor(options: CloudOptions = {}) {
    this.#options = options;
  }

  /** Somebody changes a resource by hand; `undefined` removes it. */
  drift(name: string, change: Properties | undefined): void {
    for (const [id, found] of this.existing) {
      if (found.name !== name) continue;
      if (change === undefined) this.existing.delete(id);
      else found.properties = { ...found.properties, ...change };
    }
  }

  load(): Promise<Provider> {
    return Promise.resolve({
      checkConfig: ({ news }) => Promise.resolve({ inputs: news, failures: [] }),
      diffConfig: ({ oldInputs, news }) => Promise.resolve(this.#compare(oldInputs, news)),
      configure: ({ name, inputs }) => {
        this.calls.push(`configure ${name} ${JSON.stringify(inputs)}`);
        const { acceptSecrets = true, supportsPreview = true } = this.#options;
        return Promise.resolve({ acceptSecrets, acceptResources: true, acceptOutputs: false, supportsPreview });
      },
      check: async ({ name, olds, news }) => {
        await this.#call('check', name, { olds, news });
        const failures: CheckFailure[] =
          news['refuse'] === undefined ? [] : [{ property: 'refuse', reason: 'is never right' }];
        return { inputs: news, failures };
      },
      diff: async ({ name, id, oldInputs, news, ignoreChanges }) => {
        await this.#call('diff', name, { id, oldInputs, news, ignoreChanges });
        return this.#compare(oldInputs, news);
      },
      create: async ({ name, properties, preview, timeout }) => {
        const id = preview ? '' : this.#newId(name);
        const outputs = preview ? properties : { ...properties, arn: `arn:${id}` };
        await this.#call('create', name, { properties, preview, timeout }, () => {
          if (!preview) this.existing.set(id, { name, properties: outputs });
          return { id, properties: outputs };
        });
        if (!preview) this.existing.set(id, { name, properties: outputs });
        return { id, properties: outputs };
      },
      read: async ({ name, id, inputs }) => {
        const found = this.existing.get(id);
        const { arn: _arn, ...given } = found?.properties ?? {};
        await this.#call('read', name, { id, inputs }, () => ({ id, properties: found?.properties ?? {} }));
        return found === undefined
          ? { id: '', properties: {}, inputs: {} }
          : { id, properties: found.properties, inputs: given };
      },
      update: async ({ name, id, oldInputs, news, preview, ignoreChanges, timeout }) => {
        const properties = { ...news, arn: `arn:${id}` };
        await this.#call('update', name, { id, oldInputs, news, preview, ignoreChanges, timeout }, () => ({
          id,
          properties,
        }));
        if (!preview) this.existing.set(id, { name, properties });
        return { properties };
      },
      delete: async ({ name, id, oldInputs, timeout }) => {
        await this.#call('delete', name, { id, oldInputs, timeout });
        this.existing.delete(id);
      },
      invoke: async ({ tok, args, preview }) => {
        await this.#call('invoke', tok, { args, preview });
        const { refuse } = args;
        return {
          return: { ...args, answer: 42 },
          failures: refuse === undefined ? [] : [{ property: 'refuse', reason: 'is never right' }],
        };
      },
      cancel: () => Promise.resolve(),
      close: () => Promise.resolve(),
    });
  }

  async #call(
    method: string,
    name: string,
    request: object,
    unready?: () => { id: string; properties: Properties },
  ): Promise<void> {
    this.calls.push(`${method} ${name} ${JSON.stringify(request)}`);
    await this.before(`${method} ${name}`);
    const failure = this.failures.get(`${method} ${name}`);
    const preview = 'preview' in request && request.preview === true;
    if (failure === undefined || failure.times === 0 || preview) return;
    if (failure.times !== undefined) failure.times -= 1;
    throw new ProviderError(failure.message, {
      ...(failure.unready && unready && { partial: { ...unready(), reasons: failure.unready } }),
    });
  }

  #newId(name: string): string {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${name}-id-${count}`;
  }

  #compare(olds: Properties, news: Properties): DiffResult {
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
    const diffs = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    const replaces = diffs.filter((key) => key.startsWith('replace'));
    const kind = (key: string): DiffKind => {
      const plain = !(key in olds) ? 'add' : key in news ? 'update' : 'delete';
      return replaces.includes(key) ? `${plain}-replace` : plain;
    };
    return {
      changes: diffs.length > 0 ? 'some' : 'none',
      diffs,
      replaces,
      deleteBeforeReplace: news['first'] === true,
      ...(this.#options.detailed === true && {
        detailedDiff: Object.fromEntries(diffs.map((key) => [key, { kind: kind(key), inputDiff: true }])),
      }),
    };
  }
}
