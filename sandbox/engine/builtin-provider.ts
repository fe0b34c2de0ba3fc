import type { Properties, Provider } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { containsSecret } from './properties.ts';
import { STACK_REFERENCE_TYPE } from './urn.ts';

/** @returns the outputs of another stack, secrets marked. @throws if there is no such stack */
export type StackLookup = (name: string) => Promise<Properties>;

/**
 * The engine's own provider: references to the outputs of other stacks.
 * @see https://www.pulumi.com/docs/iac/concepts/stacks/#stackreferences
 */
export class BuiltinProvider implements Provider {
  readonly #lookup: StackLookup;

  constructor(lookup: StackLookup) {
    this.#lookup = lookup;
  }

  checkConfig({ news }: { news: Properties }): ReturnType<Provider['checkConfig']> {
    return Promise.resolve({ inputs: news, failures: [] });
  }

  diffConfig(): ReturnType<Provider['diffConfig']> {
    return Promise.resolve({ changes: 'none' });
  }

  configure(): ReturnType<Provider['configure']> {
    return Promise.resolve({ acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: true });
  }

  check({ type, news }: Parameters<Provider['check']>[0]): ReturnType<Provider['check']> {
    if (type !== STACK_REFERENCE_TYPE) {
      return Promise.reject(new ProviderError(`unrecognized resource type '${type}'`));
    }
    const failures =
      news['name'] === undefined ? [{ property: 'name', reason: 'missing required property "name"' }] : [];
    return Promise.resolve({ inputs: news, failures });
  }

  diff({ oldInputs, news }: Parameters<Provider['diff']>[0]): ReturnType<Provider['diff']> {
    const same = oldInputs['name'] === news['name'];
    return Promise.resolve(same ? { changes: 'none' } : { changes: 'some', diffs: ['name'], replaces: ['name'] });
  }

  async create({ properties }: Parameters<Provider['create']>[0]): ReturnType<Provider['create']> {
    const name = String(properties['name']);
    return { id: name, properties: await this.#read(name) };
  }

  async read({ id, type, properties }: Parameters<Provider['read']>[0]): ReturnType<Provider['read']> {
    if (type !== STACK_REFERENCE_TYPE) {
      throw new ProviderError(`unrecognized resource type '${type}'`);
    }
    const name = typeof properties['name'] === 'string' ? properties['name'] : id;
    return { id, properties: await this.#read(name), inputs: { name } };
  }

  async update({ news }: Parameters<Provider['update']>[0]): ReturnType<Provider['update']> {
    return { properties: await this.#read(String(news['name'])) };
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }

  async invoke({ tok, args }: Parameters<Provider['invoke']>[0]): ReturnType<Provider['invoke']> {
    if (tok !== 'pulumi:pulumi:readStackOutputs') {
      throw new ProviderError(`unrecognized function name: '${tok}'`);
    }
    return { return: await this.#read(String(args['name'])), failures: [] };
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #read(name: string): Promise<Properties> {
    const outputs = await this.#lookup(name);
    const secretOutputNames = Object.keys(outputs)
      .filter((key) => containsSecret(outputs[key] ?? null))
      .sort();
    return { name, outputs, secretOutputNames };
  }
}
