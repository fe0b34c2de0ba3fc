import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Properties, Property } from '../../provider.ts';
import type { FlagSet } from '../args.ts';
import type { StackId } from '../backend.ts';
import { CliError } from '../cli-error.ts';
import { presentHistory, readHistory } from '../history.ts';
import { lockStack } from '../locks.ts';
import { isSecret, mapProperty, reveal, sortKeys } from '../properties.ts';
import type { Session } from '../session.ts';
import type { StackState } from '../state.ts';
import { integrityProblem } from '../integrity.ts';
import { encryptDeployment, newManifest, revealDeployment } from '../state.ts';
import { parseUrn, STACK_TYPE } from '../urn.ts';
import type { Command } from './command.ts';

const LIST: FlagSet = { json: 'boolean', all: 'boolean', project: 'string', organization: 'string', tag: 'string' };

export const stackCommands: Record<string, Command> = {
  stack: { flags: { 'show-name': 'boolean', 'show-ids': 'boolean', 'show-urns': 'boolean' }, run: showStack },
  'stack init': {
    flags: { 'secrets-provider': 'string', 'no-select': 'boolean', 'copy-config-from': 'string', teams: 'list' },
    run: initStack,
  },
  'stack select': {
    flags: { create: 'boolean', 'secrets-provider': 'string' },
    shorts: { c: 'create' },
    run: selectStack,
  },
  'stack unselect': {
    flags: {},
    run: (session) => session.backend.select(undefined, session.project.name, session.project.directory),
  },
  'stack ls': { flags: LIST, shorts: { p: 'project', t: 'tag', o: 'organization' }, run: listStacks },
  'stack rm': {
    flags: { yes: 'boolean', force: 'boolean', 'preserve-config': 'boolean', 'remove-backups': 'boolean' },
    shorts: { f: 'force' },
    run: removeStack,
  },
  'stack rename': { flags: {}, run: renameStack },
  'stack output': { flags: { json: 'boolean', 'show-secrets': 'boolean', shell: 'boolean' }, run: showOutputs },
  'stack history': {
    flags: {
      json: 'boolean',
      'show-secrets': 'boolean',
      'page-size': 'string',
      page: 'string',
      'full-dates': 'boolean',
    },
    run: showHistory,
  },
  'stack export': { flags: { file: 'string', 'show-secrets': 'boolean' }, run: exportStack },
  'stack import': { flags: { file: 'string', force: 'boolean' }, shorts: { f: 'force' }, run: importStack },
  'stack tag get': { flags: {}, run: getTag },
  'stack tag set': { flags: {}, run: setTag },
  'stack tag rm': { flags: {}, run: removeTag },
  'stack tag ls': { flags: { json: 'boolean' }, run: listTags },
};

function showStack(session: Session): void {
  const id = session.stack();
  if (session.args.is('show-name')) {
    session.print(id.stack);
    return;
  }
  const resources = session.backend.read(id)?.resources ?? [];
  session.print(`Current stack is ${id.stack}:`);
  session.print(`    Managed by the sandbox engine at ${session.backend.url}`);
  session.print(`Current stack resources (${resources.length}):`);
  resources.forEach((state) => session.print(`    ${state.type}  ${state.urn.split('::').at(-1) ?? ''}`));
}

async function initStack(session: Session): Promise<void> {
  const name = session.args.positional[0] ?? session.args.value('stack');
  if (name === undefined) {
    throw new CliError('missing stack name');
  }
  const provider = session.args.value('secrets-provider') ?? 'passphrase';
  if (provider !== 'passphrase' && provider !== 'default') {
    throw new CliError(`the sandbox engine keeps secrets with a passphrase; '${provider}' is not available`);
  }
  const id = session.parseStack(name);
  if (session.backend.exists(id)) {
    throw new CliError(`stack 'organization/${id.project}/${id.stack}' already exists`);
  }
  const settings = session.settings(id);
  session.backend.write(id, undefined);
  try {
    const { salt } = await session.crypter(id, settings);
    const manifest = newManifest(session.setup.version);
    session.backend.write(id, {
      manifest,
      secrets_providers: { type: 'passphrase', state: { salt } },
      metadata: {},
    });
  } catch (error) {
    session.backend.remove(id);
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`could not create secrets manager for new stack: ${reason}`, { cause: error });
  }
  if (!session.args.is('no-select')) {
    session.backend.select(id, session.project.name, session.project.directory);
  }
  session.terminal.stderr(`Created stack '${id.stack}'\n`);
}

async function selectStack(session: Session): Promise<void> {
  const name = session.args.positional[0] ?? session.args.value('stack');
  if (name === undefined) {
    throw new CliError('missing stack name');
  }
  const id = session.parseStack(name);
  if (!session.backend.exists(id) && session.args.is('create')) {
    return initStack(session);
  }
  session.backend.mustExist(id);
  session.backend.select(id, session.project.name, session.project.directory);
}

function listStacks(session: Session): void {
  const { args, backend } = session;
  const all = args.is('all');
  const project = all ? undefined : (args.value('project') ?? session.project.name);
  const selected = all ? undefined : backend.selected(session.project.name, session.project.directory);
  const stacks = backend.list(project).map((id) => {
    const latest = backend.read(id);
    return {
      name: all ? `organization/${id.project}/${id.stack}` : id.stack,
      current: id.stack === selected,
      ...(latest && { lastUpdate: latest.manifest.time, resourceCount: latest.resources?.length ?? 0 }),
    };
  });
  if (args.is('json')) {
    session.printJson(stacks);
    return;
  }
  const rows = stacks.map((stack) => [
    `${stack.name}${stack.current ? '*' : ''}`,
    stack.lastUpdate ?? 'never',
    String(stack.resourceCount ?? 'n/a'),
  ]);
  printTable(session, [['NAME', 'LAST UPDATE', 'RESOURCE COUNT'], ...rows]);
}

function removeStack(session: Session): void {
  const { args, backend } = session;
  const name = args.positional[0];
  const id = name === undefined ? session.stack() : session.parseStack(name);
  backend.mustExist(id);
  if (!args.is('yes')) {
    throw new CliError('--yes must be passed in non-interactive mode');
  }
  const unlock = lockStack(backend, id);
  try {
    if ((backend.read(id)?.resources ?? []).length > 0 && !args.is('force')) {
      throw new CliError(
        `'${id.stack}' still has resources; removal rejected. Possible actions:\n` +
          `- Make sure that '${id.stack}' is the stack that you want to destroy\n` +
          '- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n' +
          '- Run `pulumi stack rm --force` to override this error',
      );
    }
    const settings = session.settings(id);
    backend.remove(id);
    if (!args.is('preserve-config')) {
      rmSync(settings.file, { force: true });
    }
    if (backend.selected(session.project.name, session.project.directory) === id.stack) {
      backend.select(undefined, session.project.name, session.project.directory);
    }
  } finally {
    unlock();
  }
  session.print(`Stack '${id.stack}' has been removed!`);
}

function renameStack(session: Session): void {
  const { backend } = session;
  const id = session.stack();
  const target = session.parseStack(session.args.positional[0] ?? '');
  if (backend.exists(target)) {
    throw new CliError(`stack '${target.stack}' already exists`);
  }
  const unlock = lockStack(backend, id);
  try {
    const state = backend.read(id);
    const settings = session.settings(id);
    backend.write(target, state && renameUrns(state, id, target));
    backend.writeTags(target, backend.readTags(id));
    backend.remove(id);
    const renamed = session.settings(target);
    renamed.config = settings.config;
    if (settings.salt !== undefined) {
      renamed.salt = settings.salt;
    }
    renamed.save();
    rmSync(settings.file, { force: true });
    backend.select(target, session.project.name, session.project.directory);
  } finally {
    unlock();
  }
  session.print(`Renamed ${id.stack} to ${target.stack}`);
}

function renameUrns(state: StackState, from: StackId, to: StackId): StackState {
  const root = (id: StackId): string =>
    `urn:pulumi:${id.stack}::${id.project}::${STACK_TYPE}::${id.project}-${id.stack}`;
  const text = JSON.stringify(state, (_, value: unknown) => {
    if (typeof value !== 'string') {
      return value;
    }
    const prefix = `urn:pulumi:${from.stack}::${from.project}::`;
    if (value === root(from)) {
      return root(to);
    }
    return value.startsWith(prefix) ? `urn:pulumi:${to.stack}::${to.project}::${value.slice(prefix.length)}` : value;
  });
  return JSON.parse(text) as StackState;
}

async function showOutputs(session: Session): Promise<void> {
  const { args } = session;
  const state = await session.state(session.stack());
  const root = state?.resources?.find((resource) => resource.type === STACK_TYPE && resource.delete !== true);
  const outputs = sortKeys(root?.outputs ?? {}) as Properties;
  const name = args.positional[0];
  if (name !== undefined) {
    const value = outputs[name];
    if (value === undefined) {
      throw new CliError(`current stack does not have output property '${name}'`);
    }
    const plain = presentOutput(value, true);
    session.print(args.is('json') || typeof plain !== 'string' ? JSON.stringify(plain) : plain);
    return;
  }
  const shown = Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, presentOutput(value, args.is('show-secrets'))]),
  );
  if (args.is('json')) {
    session.printJson(shown);
  } else if (args.is('shell')) {
    for (const [key, value] of Object.entries(shown)) {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      session.print(`${key}='${text.replaceAll("'", "'\\''")}'`);
    }
  } else {
    session.print(`Current stack outputs (${Object.keys(shown).length}):`);
    const rows = Object.entries(shown).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    printTable(session, [['OUTPUT', 'VALUE'], ...rows], '    ');
  }
}

/** A secret anywhere in a masked output hides the part that is secret. */
function presentOutput(value: Property, showSecrets: boolean): Property {
  return mapProperty(value, (part) => (isSecret(part) ? (showSecrets ? reveal(part) : '[secret]') : part));
}

async function showHistory(session: Session): Promise<void> {
  const { args } = session;
  const id = session.stack();
  const entries = readHistory(
    session.backend,
    id,
    Number(args.value('page-size') ?? 10),
    Number(args.value('page') ?? 1),
  );
  if (args.is('json')) {
    const crypter = args.is('show-secrets') ? await session.crypter(id, session.settings(id)) : undefined;
    session.printJson(entries.map((entry) => presentHistory(entry, crypter)));
    return;
  }
  if (entries.length === 0) {
    session.print('Stack has never been updated');
  }
  for (const entry of entries) {
    const changes = Object.entries(entry.resourceChanges).map(([kind, count]) => `${count} ${kind}`);
    session.print(`UpdateKind: ${entry.kind}\nStatus: ${entry.result}\nMessage: ${entry.message}`);
    session.print(`Updated ${new Date(entry.endTime * 1000).toISOString()}: ${changes.join(', ')}\n`);
  }
}

async function exportStack(session: Session): Promise<void> {
  const id = session.stack();
  const stored = session.backend.read(id);
  const deployment =
    stored && session.args.is('show-secrets') ? revealDeployment(await session.decode(stored)) : stored;
  const empty = { manifest: { time: '0001-01-01T00:00:00Z', magic: '', version: '' }, metadata: {} };
  const text = JSON.stringify({ version: 3, deployment: deployment ?? empty }, null, 4);
  const file = session.args.value('file');
  if (file === undefined) {
    session.print(text);
  } else {
    writeFileSync(resolve(session.cwd, file), `${text}\n`);
  }
}

function importProblems(id: StackId, { resources = [] }: StackState): string[] {
  const foreign = resources.flatMap(({ urn }) => {
    const { stack } = parseUrn(urn);
    return stack === id.stack ? [] : [`resource '${urn}' is from a different stack (${stack} != ${id.stack})`];
  });
  const problem = integrityProblem(resources);
  return [...foreign, ...(problem === undefined ? [] : [`state file contains errors: ${problem}`])];
}

async function importStack(session: Session): Promise<void> {
  const id = session.stack();
  const file = session.args.value('file');
  if (file === undefined) {
    throw new CliError('the sandbox engine reads a deployment from a file only: pass --file');
  }
  const { version, deployment } = JSON.parse(readFileSync(resolve(session.cwd, file), 'utf8')) as {
    version: number;
    deployment: StackState;
  };
  if (version !== 3) {
    throw new CliError(`cannot import a deployment of version ${version}; only version 3 is known`);
  }
  const problems = importProblems(id, deployment);
  if (problems.length > 0 && !session.args.is('force')) {
    problems.push('importing this file could be dangerous; rerun with --force to proceed anyway');
    throw new CliError(`${problems.length} errors occurred:\n${problems.map((each) => `\t* ${each}\n`).join('')}\n`);
  }
  problems.forEach((problem) => session.terminal.stderr(`warning: ${problem}\n`));
  for (const { type, resource } of deployment.pending_operations ?? []) {
    session.terminal.stderr(`warning: removing pending operation '${type}' on '${resource.urn}' from snapshot\n`);
  }
  const unlock = lockStack(session.backend, id);
  try {
    const plain = await session.decode(deployment);
    const crypter = await session.crypter(id, session.settings(id));
    const secretsProvider = { type: 'passphrase', state: { salt: crypter.salt } };
    session.backend.write(
      id,
      encryptDeployment({ ...plain, pending_operations: [], secrets_providers: secretsProvider }, crypter),
    );
  } finally {
    unlock();
  }
  session.print('Import complete.');
}

function getTag(session: Session): void {
  const id = session.stack();
  const name = session.args.positional[0] ?? '';
  const value = session.backend.readTags(id)[name];
  if (value === undefined) {
    throw new CliError(`stack tag '${name}' not found for stack '${id.stack}'`);
  }
  session.print(value);
}

function setTag(session: Session): void {
  const id = session.stack();
  const [name, value] = session.args.positional;
  if (name === undefined || value === undefined) {
    throw new CliError('stack tag set takes a name and a value');
  }
  session.backend.writeTags(id, { ...session.backend.readTags(id), [name]: value });
}

function removeTag(session: Session): void {
  const id = session.stack();
  const { [session.args.positional[0] ?? '']: _removed, ...others } = session.backend.readTags(id);
  session.backend.writeTags(id, others);
}

function listTags(session: Session): void {
  const tags = session.backend.readTags(session.stack());
  if (session.args.is('json')) {
    session.printJson(tags);
  } else {
    printTable(session, [['NAME', 'VALUE'], ...Object.entries(tags)]);
  }
}

export function printTable(session: Session, rows: string[][], indent = ''): void {
  const widths = rows.reduce<number[]>(
    (wide, row) => row.map((cell, index) => Math.max(wide[index] ?? 0, cell.length)),
    [],
  );
  for (const row of rows) {
    session.print(
      indent +
        row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd(),
    );
  }
}
