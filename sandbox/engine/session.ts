import { resolve } from 'node:path';
import type { ProviderHost } from '../provider.ts';
import type { ParsedArgs } from './args.ts';
import type { StackId } from './backend.ts';
import { Backend } from './backend.ts';
import { CliError } from './cli-error.ts';
import { Crypter, keyRounds, readPassphrase } from './secrets.ts';
import type { Project } from './stack-settings.ts';
import { readProject, StackSettings } from './stack-settings.ts';
import type { StackState } from './state.ts';
import { decodeDeployment } from './state.ts';

/** Where a command runs and whom it talks to. */
export interface Terminal {
  cwd: string;
  env: Record<string, string | undefined>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Aborted when the command is to end early (SIGINT). */
  signal?: AbortSignal;
}

export interface EngineSetup {
  providers: ProviderHost;
  /** Semantic version, without `v`. */
  version: string;
}

/** One command: its arguments, and what it can ask for. */
export class Session {
  readonly terminal: Terminal;
  readonly setup: EngineSetup;
  readonly args: ParsedArgs;
  readonly cwd: string;
  #backend?: Backend;
  #project?: Project;

  constructor(terminal: Terminal, setup: EngineSetup, args: ParsedArgs) {
    this.terminal = terminal;
    this.setup = setup;
    this.args = args;
    this.cwd = resolve(terminal.cwd, args.value('cwd') ?? '.');
  }

  print(text: string): void {
    this.terminal.stdout(`${text}\n`);
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, null, 2));
  }

  get backend(): Backend {
    this.#backend ??= Backend.open(this.terminal.env['PULUMI_BACKEND_URL']);
    return this.#backend;
  }

  get project(): Project {
    this.#project ??= readProject(this.cwd);
    return this.#project;
  }

  /** @param name as given on the command line: `stack`, `project/stack` or `organization/project/stack` */
  parseStack(name: string): StackId {
    const parts = name.split('/');
    const stack = parts.at(-1) ?? '';
    if (!/^[\w.-]+$/.test(stack) || parts.length > 3) {
      throw new CliError('a stack name may only contain alphanumeric, hyphens, underscores, or periods');
    }
    if (parts.length === 3 && parts[0] !== 'organization') {
      throw new CliError(`the organization name must be "organization" with this back end, not "${parts[0]}"`);
    }
    return { project: parts.at(-2) ?? this.project.name, stack };
  }

  /** @returns the stack that the command is about. @throws CliError if none is named or selected, or it is missing */
  stack(): StackId {
    const named = this.args.value('stack') ?? this.terminal.env['PULUMI_STACK'];
    const name = named ?? this.backend.selected(this.project.name, this.project.directory);
    if (name === undefined || name === '') {
      throw new CliError('no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one');
    }
    const id = this.parseStack(name);
    this.backend.mustExist(id);
    return id;
  }

  settings(id: StackId): StackSettings {
    return StackSettings.of(this.project, id.stack, this.args.value('config-file'));
  }

  /**
   * @returns what encrypts a stack's values. A stack keeps its salt from one work directory to the next, so that what
   * was encrypted before stays readable; settings that bring their own are followed.
   */
  async crypter(id: StackId, settings: StackSettings): Promise<Crypter> {
    const passphrase = readPassphrase(this.terminal.env);
    const salt = settings.salt ?? this.backend.read(id)?.secrets_providers?.state?.salt;
    const rounds = keyRounds(this.terminal.env);
    const crypter =
      salt === undefined ? await Crypter.create(passphrase, rounds) : await Crypter.open(salt, passphrase, rounds);
    if (settings.salt === undefined) {
      settings.salt = crypter.salt;
      settings.save();
    }
    return crypter;
  }

  /** @returns a stack's state with its secrets in the clear */
  async state(id: StackId): Promise<StackState | undefined> {
    const stored = this.backend.read(id);
    return stored && this.decode(stored);
  }

  async decode(stored: StackState): Promise<StackState> {
    const salt = stored.secrets_providers?.state?.salt;
    const { env } = this.terminal;
    const crypter = salt === undefined ? undefined : await Crypter.open(salt, readPassphrase(env), keyRounds(env));
    return decodeDeployment(stored, crypter);
  }
}
