/** The two engines: the real CLI, where there is one, and the sandbox's. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { findInstalledCli, withFolderFirst } from '../../../../automation/engine/cli.ts';
import { BUILT_CLI_ROOT } from '../../../../sandbox/built-cli.ts';
import type { SandboxCommand } from '../../../../sandbox/engine/command.ts';
import { createSandboxCommand } from '../../../../sandbox/engine/command.ts';
import type { ProviderHost } from '../../../../sandbox/provider.ts';

/** The CLI as `LocalWorkspace` calls it: the SDK declares `command` and `version` only. */
export type Cli = SandboxCommand;

export interface Engine {
  readonly name: 'real' | 'simulated';
  readonly command: Cli;
}

/** On a busy machine the CLI takes a while to start. */
const FIRST_ANSWER_MS = 60_000;

/** Both find their provider through `PULUMI_DEBUG_PROVIDERS`; this host is never asked. */
const NO_PROVIDERS: ProviderHost = { load: (name) => Promise.reject(new Error(`no provider for ${name}`)) };

/** @returns the real CLI (on the PATH, else the built one, else the npm package's), or undefined where none answers */
export async function realEngine(): Promise<Engine | undefined> {
  const path = process.env['PATH'] ?? '';
  const folder = (await findInstalledCli(path)) ?? (await findInstalledCli(join(BUILT_CLI_ROOT, 'bin')));
  if (folder !== undefined) process.env['PATH'] = withFolderFirst(path, folder);
  try {
    execFileSync('pulumi', ['version'], { stdio: 'pipe', timeout: FIRST_ANSWER_MS });
    return { name: 'real', command: withoutLookups((await PulumiCommand.get()) as Cli) };
  } catch {
    return undefined;
  }
}

/** @param version what the simulated engine says it is: that of the real one, so that states can be compared */
export function simulatedEngine(version: string | undefined): Engine {
  return { name: 'simulated', command: withoutLookups(createSandboxCommand({ providers: NO_PROVIDERS, version })) };
}

/**
 * After each `up` the SDK asks for the outputs twice and for the history once. The files say it all, and each call of the
 * real CLI takes its time: these are answered here, unless a scenario runs them itself.
 */
function withoutLookups(command: Cli): Cli {
  const run: Cli['run'] = (args, ...rest) => {
    const [first, second] = args;
    const lookup = first === 'stack' && (second === 'output' || second === 'history') && !lookupsWanted;
    if (!lookup) return command.run(args, ...rest);
    return Promise.resolve({ stdout: second === 'output' ? '{}' : '[]', stderr: '', code: 0 });
  };
  return Object.assign(Object.create(command) as Cli, { run });
}

let lookupsWanted = false;

/** Lets what `work` does ask the CLI for outputs and history. */
export async function withLookups<T>(work: () => Promise<T>): Promise<T> {
  lookupsWanted = true;
  try {
    return await work();
  } finally {
    lookupsWanted = false;
  }
}
