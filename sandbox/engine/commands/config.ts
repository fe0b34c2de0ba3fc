import type { FlagSet } from '../args.ts';
import type { StackId } from '../backend.ts';
import { CliError } from '../cli-error.ts';
import { readHistory } from '../history.ts';
import type { Session } from '../session.ts';
import type { ConfigValue, PlainConfigValue, StackSettings } from '../stack-settings.ts';
import {
  fullKey,
  getConfigValue,
  hasSecure,
  plainConfig,
  plainText,
  removeConfigValue,
  setConfigValue,
} from '../stack-settings.ts';
import type { Command } from './command.ts';
import { printTable } from './stack.ts';

const SET: FlagSet = { path: 'boolean', secret: 'boolean', plaintext: 'boolean', type: 'string' };

/** Stack configuration. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_config/ */
export const configCommands: Record<string, Command> = {
  config: { flags: { json: 'boolean', 'show-secrets': 'boolean' }, run: listConfig },
  'config get': { flags: { json: 'boolean', path: 'boolean', open: 'boolean' }, run: getConfig },
  'config set': { flags: SET, run: setConfig },
  'config set-all': { flags: { path: 'boolean', secret: 'list', plaintext: 'list', json: 'string' }, run: setAll },
  'config rm': {
    flags: { path: 'boolean' },
    run: (session) => removeConfig(session, session.args.positional.slice(0, 1)),
  },
  'config rm-all': { flags: { path: 'boolean' }, run: (session) => removeConfig(session, session.args.positional) },
  'config refresh': { flags: { force: 'boolean' }, shorts: { f: 'force' }, run: refreshConfig },
};

function open(session: Session): { id: StackId; settings: StackSettings } {
  const id = session.stack();
  return { id, settings: session.settings(id) };
}

async function listConfig(session: Session): Promise<void> {
  const { id, settings } = open(session);
  const show = session.args.is('show-secrets');
  const values = show
    ? await plainConfig(settings.config, () => session.crypter(id, settings))
    : Object.fromEntries(Object.entries(settings.config).map(([key, value]) => [key, masked(value)]));
  if (session.args.is('json')) {
    session.printJson(Object.fromEntries(Object.entries(values).map(([key, value]) => [key, present(value, show)])));
  } else {
    const rows = Object.entries(values).map(([key, { value }]) => [key.replace(`${session.project.name}:`, ''), value]);
    printTable(session, [['KEY', 'VALUE'], ...rows]);
  }
}

function masked(value: ConfigValue): PlainConfigValue {
  const secret = hasSecure(value);
  return { ...plainText(secret ? '[secret]' : value), secret };
}

function present({ value, secret, structure }: PlainConfigValue, show: boolean): Record<string, unknown> {
  if (secret && !show) {
    return { secret };
  }
  // Programs get a structure as text; `config get` shows the structure itself.
  return { value, ...(structure !== undefined && { objectValue: structure }), secret };
}

async function getConfig(session: Session): Promise<void> {
  const { id, settings } = open(session);
  const name = session.args.positional[0] ?? '';
  const value = getConfigValue(settings.config, fullKey(session.project.name, name), session.args.is('path'));
  if (value === undefined) {
    throw new CliError(`configuration key '${name}' not found for stack '${id.stack}'`);
  }
  const { value: plain } = await plainConfig({ value }, () => session.crypter(id, settings));
  if (plain === undefined) {
    throw new CliError(`configuration key '${name}' not found for stack '${id.stack}'`);
  }
  if (session.args.is('json')) {
    session.printJson(present(plain, true));
  } else {
    session.print(plain.value);
  }
}

async function setConfig(session: Session): Promise<void> {
  const { id, settings } = open(session);
  const { args } = session;
  const [key, value] = args.positional;
  if (key === undefined || value === undefined) {
    throw new CliError('config set takes a key and a value');
  }
  const secret = args.is('secret');
  await store(session, id, settings, [{ key, value, secret }]);
}

async function setAll(session: Session): Promise<void> {
  const { id, settings } = open(session);
  const { args } = session;
  const json = args.value('json');
  const values =
    json === undefined
      ? args.sequence.filter(({ name }) => name === 'secret' || name === 'plaintext').map(pair)
      : pairs(json);
  await store(session, id, settings, values);
}

function pair({ name, value }: { name: string; value: string }): { key: string; value: string; secret: boolean } {
  const at = value.indexOf('=');
  if (at < 0) {
    throw new CliError(`config value must be in the form [--plaintext|--secret] key=value: ${value}`);
  }
  return { key: value.slice(0, at), value: value.slice(at + 1), secret: name === 'secret' };
}

function pairs(json: string): Array<{ key: string; value: string; secret: boolean }> {
  const values = JSON.parse(json) as Record<string, { value: string; secret?: boolean }>;
  return Object.entries(values).map(([key, { value, secret }]) => ({ key, value, secret: secret === true }));
}

async function store(
  session: Session,
  id: StackId,
  settings: StackSettings,
  values: Array<{ key: string; value: string; secret: boolean }>,
): Promise<void> {
  let { config } = settings;
  for (const { key, value, secret } of values) {
    const stored = secret ? { secure: (await session.crypter(id, settings)).encrypt(value) } : value;
    config = setConfigValue(config, fullKey(session.project.name, key), stored, session.args.is('path'));
  }
  settings.config = config;
  settings.save();
}

function removeConfig(session: Session, keys: string[]): void {
  const { settings } = open(session);
  if (keys.length === 0) {
    throw new CliError('name the configuration to remove');
  }
  settings.config = keys.reduce(
    (config, key) => removeConfigValue(config, fullKey(session.project.name, key), session.args.is('path')),
    settings.config,
  );
  settings.save();
}

function refreshConfig(session: Session): void {
  const { id, settings } = open(session);
  const [last] = readHistory(session.backend, id, 1);
  if (last === undefined) {
    throw new CliError(`no configuration found for stack '${id.stack}'`);
  }
  settings.config = last.config;
  settings.save();
  session.print(`refreshed configuration for stack '${id.stack}'`);
}
