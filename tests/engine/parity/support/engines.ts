/** The two engines: the real CLI, where there is one, and the sandbox's. */
import { execFileSync } from 'node:child_process';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { preferInstalledCli } from '../../../../automation/engine/cli.ts';
import type { SandboxCommand } from '../../../../sandbox/engine/command.ts';
import { createSandboxCommand } from '../../../../sandbox/engine/command.ts';
import type { ProviderHost } from '../../../../sandbox/provider.ts';

/** The CLI as `LocalWorkspace` calls it: the SDK declares `command` and `version` only. */
export type Cli = SandboxCommand;

export interface Engine {
  readonly name: 'real' | 'simulated';
  readonly command: Cli;
}

/** Both find their provider through `PULUMI_DEBUG_PROVIDERS`; this host is never asked. */
const NO_PROVIDERS: ProviderHost = { load: (name) => Promise.reject(new Error(`no provider for ${name}`)) };

/** @returns the real CLI, or undefined where there is none that answers */
export async function realEngine(): Promise<Engine | undefined> {
  const path = process.env['PATH'] ?? '';
  process.env['PATH'] = await preferInstalledCli(path);
  try {
    execFileSync('pulumi', ['version'], { stdio: 'pipe', timeout: 60_000 });
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
 * real CLI takes its time: these are answered here, unless a scenario asks for them by itself.
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
