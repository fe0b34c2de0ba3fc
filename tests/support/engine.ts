/** The engine that a run of the tests is about: `SANDBOX_ENGINE`, which run-hooks.ts sets to `simulated` where it is not set. */
import { join } from 'node:path';
import type { ChosenEngine } from '../../sandbox/engine-choice.ts';
import { chooseEngine } from '../../sandbox/engine-choice.ts';
import { BUILT_CLI_ROOT } from '../../sandbox/built-cli.ts';
import { readSandboxSettings } from '../../sandbox/config.ts';

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
