import type {
  CheckFailure,
  DiffKind,
  DiffResult,
  Properties,
  Provider,
  ProviderFeatures,
  ProviderHost,
} from '../../../sandbox/provider.ts';
import { ProviderError } from '../../../sandbox/provider.ts';

/** One call that a provider got. */
export interface RecordedCall {
  method: string;
  /** Logical name of the resource, or the token of a function. */
  name: string;
  request: Record<string, unknown>;
}

export interface RecorderOptions {
  /** Properties whose change asks for replacement. Default: `namePrefix`, as in the transcripts. */
  replaceOn?: string[];
  deleteBeforeReplace?: boolean;
  /** Whether a diff tells each difference, as the providers of the classic clouds do. Default: only the properties' names. */
  detailed?: boolean;
  features?: Partial<ProviderFeatures>;
  /** Called before each create, update, delete and read: waits, or throws what the call shall fail with. */
  before?(call: RecordedCall): Promise<void> | void;
}

/** Answers every resource with an id and an ARN, and remembers what it was asked: the transcripts' own provider. */
export class RecorderHost implements ProviderHost {
  readonly calls: RecordedCall[] = [];
  readonly options: RecorderOptions;
  /** Ids of the resources that exist. */
  readonly existing = new Map<string, Properties>();
  #ids = 0;

  constructor(options: RecorderOptions = {}) {
    this.options = options;
  }

  load(packageName: string): Promise<Provider> {
    if (packageName === 'missing') {
      return Promise.reject(new Error(`no provider for '${packageName}': the recorder has 'aws'`));
    }
    return Promise.resolve(new RecorderProvider(this));
  }

  nextId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  /** `method name` of each call, without the provider's own life. */
  journal(): string[] {
    return this.calls.map(({ method, name }) => `${method} ${name}`);
  }

  async record(method: string, name: string, request: object): Promise<void> {
    const call = { method, name, request: structuredClone(request) as Record<string, unknown> };
    this.calls.push(call);
    await this.options.before?.(call);
  }
}

class RecorderProvider implements Provider {
  readonly #host: RecorderHost;

  constructor(host: RecorderHost) {
    this.#host = host;
  }

  async checkConfig(request: Parameters<Provider['checkConfig']>[0]): ReturnType<Provider['checkConfig']> {
    await this.#host.record('checkConfig', request.name, request);
    return { inputs: request.news, failures: [] };
  }

  async diffConfig(request: Parameters<Provider['diffConfig']>[0]): Promise<DiffResult> {
    await this.#host.record('diffConfig', request.name, request);
    return compare(request.oldInputs, request.news, []);
  }

  async configure(request: Parameters<Provider['configure']>[0]): Promise<ProviderFeatures> {
    await this.#host.record('configure', request.name, request);
    return {
      acceptSecrets: false,
      acceptResources: false,
      acceptOutputs: false,
      supportsPreview: true,
      ...this.#host.options.features,
    };
  }

  async check(request: Parameters<Provider['check']>[0]): ReturnType<Provider['check']> {
    await this.#host.record('check', request.name, request);
    const failures: CheckFailure[] =
      request.news['description'] === 'refused' ? [{ property: 'description', reason: 'must be something else' }] : [];
    return { inputs: request.news, failures };
  }

  async diff(request: Parameters<Provider['diff']>[0]): Promise<DiffResult> {
    await this.#host.record('diff', request.name, request);
    const { replaceOn = ['namePrefix'], deleteBeforeReplace, detailed } = this.#host.options;
    const { oldInputs, news } = request;
    const diff = compare(oldInputs, news, replaceOn);
    return {
      ...diff,
      ...(deleteBeforeReplace === true && { deleteBeforeReplace }),
      ...(detailed === true && { detailedDiff: details(diff, oldInputs, news) }),
    };
  }

  async create(request: Parameters<Provider['create']>[0]): ReturnType<Provider['create']> {
    await this.#host.record('create', request.name, request);
    if (request.properties['name'] === 'x-fail') {
      throw new ProviderError('recorder refuses to create x-fail');
    }
    const id = this.#host.nextId();
    const properties = { ...request.properties, arn: `arn:aws:rec:::${id}` };
    if (!request.preview) {
      this.#host.existing.set(id, properties);
    }
    if (request.properties['name'] === 'x-partial' && !request.preview) {
      throw new ProviderError('x-partial is not ready', {
        partial: { id, properties, reasons: ['it does not answer'] },
      });
    }
    return { id: request.preview ? '' : id, properties };
  }

  async read(request: Parameters<Provider['read']>[0]): ReturnType<Provider['read']> {
    await this.#host.record('read', request.name, request);
    const found = this.#host.existing.get(request.id);
    if (found === undefined) {
      return { id: '', properties: {}, inputs: {} };
    }
    const { arn: _arn, ...inputs } = found;
    return { id: request.id, properties: found, inputs };
  }

  async update(request: Parameters<Provider['update']>[0]): ReturnType<Provider['update']> {
    await this.#host.record('update', request.name, request);
    const properties = { ...request.news, arn: request.olds['arn'] ?? '' };
    if (!request.preview) {
      this.#host.existing.set(request.id, properties);
    }
    return { properties };
  }

  async delete(request: Parameters<Provider['delete']>[0]): Promise<void> {
    await this.#host.record('delete', request.name, request);
    this.#host.existing.delete(request.id);
  }

  async invoke(request: Parameters<Provider['invoke']>[0]): ReturnType<Provider['invoke']> {
    await this.#host.record('invoke', request.tok, request);
    const account = '111111111111';
    return {
      return: { accountId: account, arn: `arn:aws:iam::${account}:root`, id: account, userId: 'u' },
      failures: [],
    };
  }

  async cancel(): Promise<void> {
    await this.#host.record('cancel', '', {});
  }

  async close(): Promise<void> {
    await this.#host.record('close', '', {});
  }
}

function compare(olds: Properties, news: Properties, replaceOn: string[]): DiffResult {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  const diffs = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
  const replaces = diffs.filter((key) => replaceOn.includes(key));
  return { changes: diffs.length > 0 ? 'some' : 'none', diffs, replaces };
}

function details(
  { diffs = [], replaces = [] }: DiffResult,
  olds: Properties,
  news: Properties,
): DiffResult['detailedDiff'] {
  const kind = (key: string): DiffKind => (!(key in olds) ? 'add' : key in news ? 'update' : 'delete');
  const detail = (key: string) => ({
    kind: replaces.includes(key) ? (`${kind(key)}-replace` as DiffKind) : kind(key),
    inputDiff: true,
  });
  return Object.fromEntries(diffs.map((key) => [key, detail(key)]));
}
