import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { writeAtomically } from './backend.ts';
import { CliError } from './cli-error.ts';
import { parsePath } from './property-path.ts';
import type { Crypter } from './secrets.ts';

type ConfigScalar = string | number | boolean | null;
export type ConfigValue = ConfigScalar | { secure: string } | ConfigValue[] | { [key: string]: ConfigValue };
/** Configuration as the stack's settings file holds it: secrets are `{secure: ciphertext}`. */
export type StoredConfig = Record<string, ConfigValue>;

/** One configuration value, with secrets in the clear. Structures are JSON text, as programs get them. */
export interface PlainConfigValue {
  value: string;
  secret: boolean;
  /** The value itself, where it is a list or an object. */
  structure?: ConfigValue;
}

/** `Pulumi.yaml`, as far as the engine needs it. */
export interface Project {
  name: string;
  /** Where `Pulumi.yaml` lies. */
  directory: string;
  runtime: string;
  runtimeOptions: Record<string, unknown>;
  main?: string;
  /** Where the stack settings lie, relative to the project. */
  stackConfigDirectory?: string;
  config?: Record<string, unknown>;
  description?: string;
}

/** @throws CliError if there is no `Pulumi.yaml` in the directory or in one above it */
export function readProject(directory: string): Project {
  for (let current = directory; ; current = dirname(current)) {
    for (const name of ['Pulumi.yaml', 'Pulumi.yml', 'Pulumi.json']) {
      const file = join(current, name);
      if (existsSync(file)) {
        return parseProject(current, file);
      }
    }
    if (dirname(current) === current) {
      throw new CliError(
        `no Pulumi.yaml project file found (searching upwards from ${directory}). If you have not created a project yet, use \`pulumi new\` to do so`,
      );
    }
  }
}

function parseProject(directory: string, file: string): Project {
  const content = (parse(readFileSync(file, 'utf8')) ?? {}) as Record<string, unknown>;
  const { name, runtime, main, stackConfigDir, config, description } = content;
  if (typeof name !== 'string' || name === '') {
    throw new CliError(`failed to load Pulumi project located at "${file}": project is missing a 'name' attribute`);
  }
  const detailed = typeof runtime === 'object' && runtime !== null ? (runtime as Record<string, unknown>) : {};
  return {
    name,
    directory,
    runtime: typeof runtime === 'string' ? runtime : String(detailed['name'] ?? ''),
    runtimeOptions: (detailed['options'] ?? {}) as Record<string, unknown>,
    ...(typeof main === 'string' && { main }),
    ...(typeof stackConfigDir === 'string' && { stackConfigDirectory: stackConfigDir }),
    ...(typeof config === 'object' && config !== null && { config: config as Record<string, unknown> }),
    ...(typeof description === 'string' && { description }),
  };
}

/** The file `Pulumi.<stack>.yaml`. @see https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/ */
export class StackSettings {
  readonly file: string;
  #content: Record<string, unknown>;

  constructor(file: string) {
    this.file = file;
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    this.#content = (parse(text) ?? {}) as Record<string, unknown>;
  }

  /** @param configFile overrides where the settings lie (`--config-file`) */
  static of(project: Project, stack: string, configFile?: string): StackSettings {
    const base = join(project.directory, project.stackConfigDirectory ?? '', `Pulumi.${stack}`);
    const found = ['.yaml', '.yml', '.json'].map((extension) => base + extension).find((file) => existsSync(file));
    return new StackSettings(configFile ?? found ?? `${base}.yaml`);
  }

  get salt(): string | undefined {
    const salt = this.#content['encryptionsalt'];
    return typeof salt === 'string' && salt !== '' ? salt : undefined;
  }

  set salt(salt: string) {
    this.#content = { ...this.#content, encryptionsalt: salt };
  }

  get config(): StoredConfig {
    return (this.#content['config'] ?? {}) as StoredConfig;
  }

  set config(config: StoredConfig) {
    const sorted = Object.fromEntries(Object.entries(config).sort(([left], [right]) => (left < right ? -1 : 1)));
    this.#content = { ...this.#content, config: sorted };
    if (Object.keys(sorted).length === 0) {
      delete this.#content['config'];
    }
  }

  save(): void {
    const { encryptionsalt, config, ...others } = this.#content;
    const ordered = {
      ...others,
      ...(encryptionsalt !== undefined && { encryptionsalt }),
      ...(config !== undefined && { config }),
    };
    const text = this.file.endsWith('.json')
      ? JSON.stringify(ordered, null, 4)
      : stringify(ordered, { lineWidth: 0, singleQuote: true });
    writeAtomically(this.file, text);
  }
}

/** @returns `project:key` for a key without a namespace. */
export function fullKey(project: string, key: string): string {
  return key.includes(':') ? key : `${project}:${key}`;
}

export function isSecure(value: ConfigValue | undefined): value is { secure: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === 1 &&
    typeof value['secure'] === 'string'
  );
}

/** @returns whether any part is encrypted. */
export function hasSecure(value: ConfigValue): boolean {
  if (isSecure(value)) {
    return true;
  }
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((part: ConfigValue) => hasSecure(part))
  );
}

/** Decrypts all values of a stack. @param crypter asked for only when there is a secret */
export async function plainConfig(
  config: StoredConfig,
  crypter: () => Promise<Crypter>,
): Promise<Record<string, PlainConfigValue>> {
  const result: Record<string, PlainConfigValue> = {};
  for (const [key, value] of Object.entries(config)) {
    const secret = hasSecure(value);
    const plain = secret ? decryptAll(value, await crypter()) : value;
    result[key] = { ...plainText(plain), secret };
  }
  return result;
}

/** @returns a value as programs get it. */
export function plainText(value: ConfigValue): { value: string; structure?: ConfigValue } {
  if (typeof value === 'object' && value !== null) {
    return { value: JSON.stringify(value), structure: value };
  }
  return { value: String(value) };
}

function decryptAll(value: ConfigValue, crypter: Crypter): ConfigValue {
  if (isSecure(value)) {
    return crypter.decrypt(value.secure);
  }
  if (Array.isArray(value)) {
    return value.map((item) => decryptAll(item, crypter));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decryptAll(item, crypter)]));
  }
  return value;
}

/**
 * Sets one value, inside a structure when `path` is true: `names[0]`, `outer.inner`.
 * @throws CliError for a path that cannot be
 */
export function setConfigValue(config: StoredConfig, key: string, value: ConfigValue, path: boolean): StoredConfig {
  if (!path) {
    return { ...config, [key]: value };
  }
  const { root, rest } = splitKey(key);
  return { ...config, [root]: setIn(config[root], rest, typeof value === 'string' ? typed(value) : value) };
}

export function removeConfigValue(config: StoredConfig, key: string, path: boolean): StoredConfig {
  const { root, rest } = path ? splitKey(key) : { root: key, rest: [] };
  const { [root]: old, ...others } = config;
  return rest.length === 0 || old === undefined ? others : { ...others, [root]: removeIn(old, rest) };
}

/** @returns the value at a key, or inside a structure when `path` is true. */
export function getConfigValue(config: StoredConfig, key: string, path: boolean): ConfigValue | undefined {
  const { root, rest } = path ? splitKey(key) : { root: key, rest: [] };
  return rest.reduce<ConfigValue | undefined>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, ConfigValue>)[step] : undefined,
    config[root],
  );
}

function splitKey(key: string): { root: string; rest: Array<string | number> } {
  const colon = key.indexOf(':');
  const path = parsePath(key.slice(colon + 1));
  const [first, ...rest] = path ?? [];
  if (first === undefined) {
    throw new CliError(`invalid config key path: ${key}`);
  }
  return { root: `${key.slice(0, colon + 1)}${first}`, rest };
}

/** Inside structures the CLI stores numbers and booleans as what they are. */
function typed(value: string): ConfigValue {
  if (value === 'true' || value === 'false') {
    return value === 'true';
  }
  return /^-?(0|[1-9]\d*)$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function setIn(old: ConfigValue | undefined, path: Array<string | number>, value: ConfigValue): ConfigValue {
  const [key, ...rest] = path;
  if (key === undefined) {
    return value;
  }
  if (typeof key === 'number') {
    const items = Array.isArray(old) ? [...old] : [];
    if (key > items.length) {
      throw new CliError(`array index out of range: [${key}]`);
    }
    items[key] = setIn(items[key], rest, value);
    return items;
  }
  const entries = typeof old === 'object' && old !== null && !Array.isArray(old) ? (old as StoredConfig) : {};
  return { ...entries, [key]: setIn(entries[key], rest, value) };
}

function removeIn(old: ConfigValue, path: Array<string | number>): ConfigValue {
  const [key, ...rest] = path;
  if (key === undefined || typeof old !== 'object' || old === null) {
    return old;
  }
  if (Array.isArray(old)) {
    const index = Number(key);
    return rest.length === 0
      ? old.filter((_, position) => position !== index)
      : old.map((item, position) => (position === index ? removeIn(item, rest) : item));
  }
  const { [String(key)]: child, ...others } = old as StoredConfig;
  return rest.length === 0 || child === undefined ? others : { ...others, [key]: removeIn(child, rest) };
}
