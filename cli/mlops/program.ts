/** The command line as a whole: flags that every command has, the commands, and how errors become lines and exit codes. */
import { Command, CommanderError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { Streams } from './command.ts';
import { Commands } from './command.ts';
import { addChanges } from './commands/changes.ts';
import { addCompletion } from './commands/completion.ts';
import { addConsole } from './commands/console.ts';
import { addDecisions } from './commands/decisions.ts';
import { addInvoke } from './commands/invoke.ts';
import { addJobs } from './commands/jobs.ts';
import { addLists } from './commands/lists.ts';
import { addModelCards, addPipelineCard } from './commands/model-cards.ts';
import { addReads } from './commands/reads.ts';
import { addRecords } from './commands/records.ts';
import { addSandbox } from './commands/sandbox.ts';
import { addTypes } from './commands/types.ts';
import { EXIT, errorLines, exitCodeOf } from './exit-codes.ts';
import { FORMATS } from './output.ts';
import { HELP, arrange } from './overview.ts';

const { version } = packageJson;

const EXIT_CODES = `
Exit codes:
  0  done                        4  not found
  1  the execution failed        5  refused: role, conflict, protection
  2  usage, or invalid request   6  the service cannot be reached
  3  waits for approval

Requests to https://….execute-api.… are signed with the credentials of the AWS CLI.

First steps:
  $ mlops sandbox
  $ mlops init
  $ mlops provision -f my-model.yaml --watch`;

/** @returns the exit code */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  const commands = new Commands(streams);
  const program = createProgram(commands, streams);
  try {
    await program.parseAsync(args, { from: 'user' });
    return commands.exitCode;
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    // Ctrl-C at a question.
    if ((error as Error).name === 'ExitPromptError') return EXIT.interrupted;
    streams.stderr.write(
      errorLines(error)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return exitCodeOf(error);
  }
}

/** @returns the program, which has not parsed anything yet */
export function createProgram(commands: Commands, { stdout, stderr }: Streams): Command {
  const program = new Command('mlops')
    .description(
      'Provisions, promotes and inspects machine-learning pipelines through the MLOps Workload Orchestrator.',
    )
    .version(version)
    .exitOverride()
    .configureHelp(HELP)
    .configureOutput({ writeOut: (text) => void stdout.write(text), writeErr: (text) => void stderr.write(text) })
    .showHelpAfterError('Run it with --help for its arguments, flags and examples.')
    .addOption(new Option('--url <url>', 'address of the service').env('MLOPS_URL').default('http://127.0.0.1:8080'))
    .addOption(new Option('--caller <name>', 'who calls, in a sandbox').env('MLOPS_CALLER'))
    .addOption(new Option('--profile <name>', 'AWS profile whose credentials sign'))
    .addOption(new Option('--region <region>', 'region to sign for, where the address does not contain it'))
    .addOption(new Option('-o, --output <format>', 'format of standard output').choices(FORMATS).default('table'))
    .addHelpText('after', EXIT_CODES);
  addSandbox(program);
  addConsole(program, commands);
  addCompletion(program, stdout);
  addTypes(program, commands);
  addLists(program, commands);
  addReads(program, commands);
  addChanges(program, commands);
  addDecisions(program, commands);
  addJobs(program, commands);
  addPipelineCard(program, commands);
  addInvoke(program, commands);
  addRecords(program, commands);
  addModelCards(program, commands);
  arrange(program);
  return program;
}
