/** The engine that a run of the tests is about: `SANDBOX_ENGINE`, which run-hooks.ts sets to `simulated` where it is not set. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Engine, EngineModule } from '../../automation/engine/engine.ts';
import type { ChosenEngine } from '../../sandbox/engine-choice.ts';
import { chooseEngine } from '../../sandbox/engine-choice.ts';
import { BUILT_CLI_ROOT } from '../../sandbox/built-cli.ts';
import { readSandboxSettings } from '../../sandbox/read-settings.ts';

/** @throws SandboxConfigError where the real one is asked for and there is none */
export async function engineUnderTest(): Promise<ChosenEngine> {
  return await chooseEngine(readSandboxSettings(process.env).engine, process.env.PATH ?? '');
}

/** Whether this run is on a real Pulumi CLI. */
export function isRealEngine(): boolean {
  return readSandboxSettings(process.env).engine === 'real';
}

/** The CLI that `npm run engine` built. */
export const BUILT_CLI = join(BUILT_CLI_ROOT, 'bin', 'pulumi');

/**
 * The engine of this run by itself, without a service; its state is in the folder.
 * @param options besides those of a sandbox without delays
 */
export async function startEngine(folder: string, options: Record<string, string> = {}): Promise<Engine> {
  const { module, kind, root } = await engineUnderTest();
  await import('../../automation/engine/inline-programs.ts');
  const { createEngine } = (await import(module)) as EngineModule;
  return await createEngine({
    kind,
    module,
    ...(root === undefined ? {} : { root }),
    backendUrl: pathToFileURL(folder).href,
    options: { SANDBOX_HOME: folder, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'x', ...options },
  });
}
