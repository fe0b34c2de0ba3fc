/** Runs a command of a real Pulumi CLI with the sandbox's providers of everything that `infra/` is made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CLI_VARIABLES, preferInstalledCli, withFolderFirst } from '../../automation/engine/cli.ts';
import { attachSandbox } from '../../sandbox/attach.ts';
import { chooseEngine } from '../../sandbox/engine-choice.ts';
import type { ProviderHost } from '../../sandbox/provider.ts';

const PACKAGES = ['aws', 'awsx', 'random'];

/**
 * @param args of the command
 * @returns its exit code
 * @throws SandboxConfigError where there is no CLI
 */
export async function runRealCli(
  args: readonly string[],
  host: ProviderHost,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<number> {
  const { root } = await chooseEngine('real', env.PATH ?? '');
  const installed = await preferInstalledCli(env.PATH ?? '');
  const path = root === undefined ? installed : withFolderFirst(installed, join(root, 'bin'));
  const attached = await attachSandbox(host, Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])), path);
  try {
    const command = spawn('pulumi', args, {
      stdio: 'inherit',
      env: { ...env, ...CLI_VARIABLES, ...attached.envVars, PATH: path },
    });
    // The terminal's own signals reach the CLI anyway; others have to be passed on. The providers are there until its end.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => command.kill(signal));
    const [code] = (await once(command, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    await attached.close();
  }
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  return (require(`@pulumi/${name}/package.json`) as { version: string }).version;
}
