/** Commands that start a service on this machine: the sandbox, and the demo that runs on one of its own. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { pickBy } from 'es-toolkit/object/pickBy';
import { interruptible } from '../../../sandbox/interruptible.ts';
import { runSandbox } from '../../../sandbox/run.ts';
import { examples } from '../command.ts';

const engine = () => new Option('--engine <engine>', 'what runs the stacks').choices(['auto', 'real', 'simulated']);

/** Developers of the libraries are warned, and people who try this out would be. */
function hideDeprecations(): void {
  process.noDeprecation = true;
}

interface SandboxOptions {
  engine?: string;
  port?: string;
  home?: string;
  console: boolean;
}

export function addSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('Start the service on this machine, with a simulated AWS, until Ctrl-C.')
    .addOption(engine())
    .option('--port <port>', 'on 127.0.0.1; 0: any; default: PORT, or 8080')
    .option('--home <folder>', 'all data; default: SANDBOX_HOME, or .sandbox')
    .option('--no-console', 'without building the web console')
    .addHelpText(
      'after',
      `\nThe environment variables of docs/sandbox.md apply.\n${examples('mlops sandbox', 'MULTI_ACCOUNT=Yes mlops sandbox --port 9000 --home /tmp/mine')}`,
    )
    .action(async ({ engine: choice, port, home, console: withConsole }: SandboxOptions) => {
      hideDeprecations();
      const given = { SANDBOX_ENGINE: choice, PORT: port, SANDBOX_HOME: home };
      await runSandbox(
        pickBy(given, (value) => value !== undefined),
        withConsole,
      );
    });
  program
    .command('demo')
    .description('Provision pipelines in a sandbox that exists only for the demonstration.')
    .option('--all', 'one pipeline of each of the other types as well')
    .option('--environments', 'one pipeline through dev, staging and prod instead, with approvals')
    .addOption(engine())
    .addHelpText('after', examples('mlops demo', 'mlops demo --environments'))
    .action(async (options: { all?: boolean; environments?: boolean; engine?: string }) => {
      hideDeprecations();
      await interruptible(async (signal) => {
        process.stdout.write('Starting the embedded default …\n');
        // Loading it takes longer than a person waits for a sign of life.
        const { demo } = await import('../../../scripts/demo.ts');
        signal.throwIfAborted();
        await demo(options, signal);
      });
    });
}
