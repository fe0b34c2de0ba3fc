/** `random` as a Pulumi provider: a value that is made once and kept in the state. */
import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { DiffResult, Properties, Property, Provider } from '../../../sandbox/provider.ts';
import { ProviderError, UNKNOWN } from '../../../sandbox/provider.ts';

const PASSWORD = 'random:index/randomPassword:RandomPassword';
const STRING = 'random:index/randomString:RandomString';
const SETS = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  numeric: '0123456789',
  special: '!@#$%&*()-_=+[]{}<>:?',
} as const;

export function createRandomProvider(): Provider {
  return {
    checkConfig: ({ news }) => Promise.resolve({ inputs: news, failures: [] }),
    diffConfig: () => Promise.resolve({ changes: 'none' }),
    configure: () =>
      Promise.resolve({ acceptSecrets: false, acceptResources: false, acceptOutputs: false, supportsPreview: true }),
    async check({ type, news }) {
      requireType(type);
      const length = news['length'];
      const failures =
        typeof length === 'number' && length >= 1 ? [] : [{ property: 'length', reason: 'must be at least 1' }];
      return { inputs: news, failures };
    },
    diff: ({ oldInputs, news }) => Promise.resolve(diff(oldInputs, news)),
    async create({ type, properties, preview }) {
      requireType(type);
      const inputs = withDefaults(properties);
      const outputs = type === PASSWORD ? ['result', 'bcryptHash'] : ['result'];
      if (preview) {
        return { id: '', properties: { ...inputs, ...Object.fromEntries(outputs.map((key) => [key, UNKNOWN])) } };
      }
      const result = characters(inputs);
      return type === PASSWORD
        ? { id: 'none', properties: { ...inputs, result, bcryptHash: `$2a$10$${hash(result)}` } }
        : { id: result, properties: { ...inputs, result } };
    },
    read: ({ id, properties, inputs }) => Promise.resolve({ id, properties, inputs }),
    update: ({ news, olds }) => Promise.resolve({ properties: { ...olds, ...news } }),
    delete: () => Promise.resolve(),
    invoke: ({ tok }) => Promise.reject(new ProviderError(`The sandbox does not simulate ${tok}.`)),
    cancel: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function requireType(type: string): void {
  if (type === PASSWORD || type === STRING) return;
  throw new ProviderError(`The sandbox does not simulate ${type}. It simulates: ${PASSWORD}, ${STRING}.`);
}

/** Every change makes another one. */
function diff(before: Properties, news: Properties): DiffResult {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(news)])];
  const replaces = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(news[key])).sort();
  return { changes: replaces.length > 0 ? 'some' : 'none', diffs: replaces, replaces };
}

function withDefaults(inputs: Properties): Properties {
  const yes = Object.fromEntries(Object.keys(SETS).map((set) => [set, true as Property]));
  const none = Object.fromEntries(['minLower', 'minNumeric', 'minSpecial', 'minUpper'].map((key) => [key, 0]));
  return { ...yes, number: true, ...none, ...inputs };
}

function characters(inputs: Properties): string {
  const special = typeof inputs['overrideSpecial'] === 'string' ? inputs['overrideSpecial'] : SETS.special;
  const sets = { ...SETS, special };
  const alphabet = (Object.keys(sets) as (keyof typeof sets)[])
    .filter((set) => inputs[set] !== false)
    .map((set) => sets[set])
    .join('');
  return Array.from({ length: Number(inputs['length']) }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** In the shape of a bcrypt hash, which nothing here checks a password against. */
function hash(result: string): string {
  return createHash('sha256')
    .update(randomBytes(16))
    .update(result)
    .digest('base64')
    .replace(/[+=]/g, '.')
    .padEnd(53, '.');
}
