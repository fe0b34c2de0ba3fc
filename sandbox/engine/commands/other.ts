import { resolve } from 'node:path';
import { userInfo } from 'node:os';
import type { FlagSet } from '../args.ts';
import { Backend } from '../backend.ts';
import type { Session } from '../session.ts';
import type { Command } from './command.ts';

const ANY_PLUGIN: FlagSet = {
  server: 'string',
  json: 'boolean',
  yes: 'boolean',
  all: 'boolean',
  reinstall: 'boolean',
  exact: 'boolean',
  file: 'string',
};
const INSTALL: FlagSet = {
  'no-plugins': 'boolean',
  'no-dependencies': 'boolean',
  reinstall: 'boolean',
  'use-language-version-tools': 'boolean',
  parallel: 'string',
};

/** Commands about the engine itself. */
export const otherCommands: Record<string, Command> = {
  version: { flags: {}, run: (session) => session.print(`v${session.setup.version}`) },
  about: { flags: { json: 'boolean' }, run: about },
  whoami: { flags: { json: 'boolean', verbose: 'boolean' }, run: whoami },
  login: { flags: { local: 'boolean', 'cloud-url': 'string' }, shorts: { l: 'local', c: 'cloud-url' }, run: login },
  logout: {
    flags: { all: 'boolean', local: 'boolean', 'cloud-url': 'string' },
    run: (session) => session.print('Logged out of everything'),
  },
  install: { flags: INSTALL, run: () => undefined },
  'plugin ls': { flags: ANY_PLUGIN, run: listPlugins },
  // Providers come with the sandbox: there is nothing to install or remove.
  'plugin install': { flags: ANY_PLUGIN, run: () => undefined },
  'plugin rm': { flags: ANY_PLUGIN, run: () => undefined },
};

function about(session: Session): void {
  const facts = {
    simulation: 'This is the sandbox engine, a simulation of the Pulumi CLI. Nothing it makes is real.',
    version: session.setup.version,
    node: process.version,
    os: process.platform,
    arch: process.arch,
    backend: session.terminal.env['PULUMI_BACKEND_URL'] ?? '',
  };
  if (session.args.is('json')) {
    session.printJson(facts);
    return;
  }
  Object.entries(facts).forEach(([key, value]) => session.print(`${key.padEnd(12)}${value}`));
}

function whoami(session: Session): void {
  const user = userInfo().username;
  if (session.args.is('json')) {
    session.printJson({ user, url: session.backend.url });
  } else {
    session.print(user);
  }
}

function login(session: Session): void {
  const { args, terminal, cwd } = session;
  const named = args.positional[0] ?? args.value('cloud-url') ?? terminal.env['PULUMI_BACKEND_URL'];
  const url = named === undefined && args.is('local') ? `file://${resolve(cwd)}` : named;
  const backend = Backend.open(url);
  session.print(`Logged in as ${userInfo().username} (${backend.url})`);
  session.print('The sandbox engine remembers no login: keep PULUMI_BACKEND_URL set to this URL.');
}

function listPlugins(session: Session): void {
  if (session.args.is('json')) {
    session.printJson([]);
  } else {
    session.print('NAME  KIND  VERSION  SIZE  INSTALLED  LAST USED\n\nTOTAL plugin cache size: 0 B');
  }
}
