/**
 * `npm run environments`: brings the environment accounts up to date, one stack an account, with the Pulumi CLI, or in the
 * sandbox where `PULUMI_ENGINE=sandbox`: on the sandbox engine, or with `SANDBOX_ENGINE=real` on the CLI.
 */
import { runEnvironments } from './environments/run.ts';

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

process.exitCode = await runEnvironments(process.argv.slice(2), {
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  signal: abortOnSignals(),
});
