/**
 * `npm run environments`: brings the environment accounts up to date, one stack an account, with the Pulumi CLI, or in the
 * sandbox where `PULUMI_ENGINE=sandbox`: on the sandbox engine, or with `SANDBOX_ENGINE=real` on the CLI.
 */
import { pathToFileURL } from 'node:url';
import { createEngine as createCliEngine, preferInstalledCli } from '../automation/engine/cli.ts';
import type { Engine, EngineModule } from '../automation/engine/engine.ts';
import { SandboxConfigError, readSandboxSettings } from '../sandbox/config.ts';
import { chooseEngine as chooseSandboxEngine, homeOfEngine } from '../sandbox/engine-choice.ts';
import { runOnAccount } from './environments/account-stack.ts';
import { UsageError, readArguments } from './environments/arguments.ts';
import { rollOut } from './environments/roll-out.ts';
import type { Target } from './environments/settings.ts';
import { SettingsInvalid, readTargets } from './environments/settings.ts';
import { serviceSettings, table } from './environments/table.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

async function chooseEngine(): Promise<Engine> {
  const { PULUMI_ENGINE: asked = 'cli' } = process.env;
  process.env.PATH = await preferInstalledCli(process.env.PATH ?? '');
  if (asked === 'sandbox') return await createSandboxEngine();
  if (asked !== 'cli') throw new UsageError(`PULUMI_ENGINE is ${asked}: it must be cli or sandbox.`);
  return await createCliEngine({ kind: 'cli', module: '', options: {} });
}

async function createSandboxEngine(): Promise<Engine> {
  const settings = readSandboxSettings(process.env);
  const choice = await chooseSandboxEngine(settings.engine, process.env.PATH ?? '');
  const home = await homeOfEngine(settings.home, choice.name);
  const { createEngine } = (await import(choice.module)) as EngineModule;
  const own = Object.entries(process.env).filter(([name]) => /^SANDBOX_|^AWS_REGION$/.test(name));
  return await createEngine({
    ...choice,
    backendUrl: pathToFileURL(home).href,
    options: { ...Object.fromEntries(own), SANDBOX_HOME: home, PULUMI_CONFIG_PASSPHRASE: 'sandbox' },
  });
}

/** The first signal cancels what runs, as Pulumi does; a second one does not wait for it. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}

async function main(): Promise<number> {
  const { action, environments, settings, parallel, keepGoing } = readArguments(process.argv.slice(2));
  const targets = await readTargets(settings, environments);
  const engine = await chooseEngine();
  try {
    const signal = abortOnSignals();
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

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = [UsageError, SettingsInvalid, SandboxConfigError].some((kind) => error instanceof kind) ? 2 : 1;
}
