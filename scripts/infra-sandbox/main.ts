/**
 * The `pulumi` command of the sandbox: the sandbox engine with the sandbox AWS behind it, and all that `infra/` is made of.
 * With `SANDBOX_ENGINE=real` it is the real CLI, with the same attached.
 */
import { createSandboxAws } from '../../sandbox/aws/sandbox-aws.ts';
import { readSandboxSettings } from '../../sandbox/read-settings.ts';
import { runCommandLine } from '../../sandbox/engine/cli.ts';
import { messageOf } from '../../sandbox/engine/cli-error.ts';
import { SANDBOX_ENGINE_VERSION } from '../../sandbox/engine/command.ts';
import { INFRA_EXTENSION } from './extension.ts';
import { runRealCli } from './real-cli.ts';

/** A second signal does not wait for running operations to end. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        process.exit(130);
      }
      controller.abort();
    });
  }
  return controller.signal;
}

// An entry point hands the environment on; what is in it is read elsewhere.
const { env } = process;

try {
  const settings = readSandboxSettings(env);
  const { host } = createSandboxAws(settings.aws, INFRA_EXTENSION);
  const args = process.argv.slice(2);
  process.exitCode =
    settings.engine === 'real'
      ? await runRealCli(args, host, env)
      : await runCommandLine(
          args,
          {
            cwd: process.cwd(),
            env,
            stdout: (text) => process.stdout.write(text),
            stderr: (text) => process.stderr.write(text),
            signal: abortOnSignals(),
          },
          { providers: host, version: SANDBOX_ENGINE_VERSION },
        );
} catch (error) {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
