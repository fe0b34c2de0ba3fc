/** The command of `npm run environments`: from its arguments to the table at its end. Called by ../environments.ts. */
import { pathToFileURL } from 'node:url';
import { createEngine as createCliEngine, preferInstalledCli } from '../../automation/engine/cli.ts';
import type { Engine, EngineModule } from '../../automation/engine/engine.ts';
import { SandboxConfigError } from '../../sandbox/config.ts';
import { readSandboxSettings } from '../../sandbox/read-settings.ts';
import { chooseEngine as chooseSandboxEngine, homeOfEngine } from '../../sandbox/engine-choice.ts';
import { runOnAccount } from './account-stack.ts';
import { UsageError, readArguments } from './arguments.ts';
import { rollOut } from './roll-out.ts';
import type { Target } from './settings.ts';
import { SettingsInvalid, readTargets } from './settings.ts';
import { serviceSettings, table } from './table.ts';

/** Where the command runs. */
interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly signal: AbortSignal;
}

/** @returns the exit code, as the usage describes it */
export async function runEnvironments(args: string[], surroundings: Surroundings): Promise<number> {
  try {
    return await run(args, surroundings);
  } catch (error) {
    surroundings.stderr(`${(error as Error).message}\n`);
    return [UsageError, SettingsInvalid, SandboxConfigError].some((kind) => error instanceof kind) ? 2 : 1;
  }
}

async function run(args: string[], { env, stdout, signal }: Surroundings): Promise<number> {
  const { action, environments, settings, parallel, keepGoing } = readArguments(args);
  const targets = await readTargets(settings, environments);
  const engine = await chooseEngine(env);
  const say = (text: string) => stdout(`${text}\n`);
  try {
    const report = ({ environment, accountId }: Target, line: string) => say(`[${environment} ${accountId}] ${line}`);
    const work = async (target: Target) => {
      const result = await runOnAccount(action, target, engine, { signal, onChange: report });
      report(target, `${result.outcome}: ${result.summary}`);
      return result;
    };
    const results = await rollOut(targets, work, { parallel, keepGoing, backwards: action === 'destroy', signal });
    say(`\n${table(results)}`);
    const lines = serviceSettings(results);
    if (lines.length > 0) say(`\nSettings of the service:\n${lines.join('\n')}`);
    return results.every(({ outcome }) => outcome === 'succeeded') ? 0 : 1;
  } finally {
    await engine.close();
  }
}

async function chooseEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  const { PULUMI_ENGINE: asked = 'cli' } = env;
  const path = await preferInstalledCli(env.PATH ?? '');
  // Pulumi's SDK looks for the CLI in the environment of this process.
  process.env.PATH = path;
  if (asked === 'sandbox') return await createSandboxEngine({ ...env, PATH: path });
  if (asked !== 'cli') throw new UsageError(`PULUMI_ENGINE is ${asked}: it must be cli or sandbox.`);
  return await createCliEngine({ kind: 'cli', module: '', options: {} });
}

async function createSandboxEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  const settings = readSandboxSettings(env);
  const choice = await chooseSandboxEngine(settings.engine, env.PATH ?? '');
  const home = await homeOfEngine(settings.home, choice.name);
  const { createEngine } = (await import(choice.module)) as EngineModule;
  const own = Object.entries(env).filter(([name]) => /^SANDBOX_|^AWS_REGION$/.test(name));
  return await createEngine({
    ...choice,
    backendUrl: pathToFileURL(home).href,
    options: { ...Object.fromEntries(own), SANDBOX_HOME: home, PULUMI_CONFIG_PASSPHRASE: 'sandbox' },
  });
}
