import { parseCommandLine } from './args.ts';
import { CliError, messageOf } from './cli-error.ts';
import type { Command } from './commands/command.ts';
import { configCommands } from './commands/config.ts';
import { operationCommands } from './commands/operation.ts';
import { otherCommands } from './commands/other.ts';
import { stackCommands } from './commands/stack.ts';
import { stateCommands } from './commands/state.ts';
import type { EngineSetup, Terminal } from './session.ts';
import { Session } from './session.ts';

const COMMANDS: Record<string, Command> = {
  ...stackCommands,
  ...configCommands,
  ...operationCommands,
  ...stateCommands,
  ...otherCommands,
};

/** Flags that may precede the command. */
const LEADING_WITH_VALUE = new Set(['--cwd', '-C', '--stack', '-s', '--color', '--verbose', '-v', '--tracing']);

/**
 * Runs one command line of the CLI.
 * @returns the exit code: 0, 1, or 6 for a stack that does not exist
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal, setup: EngineSetup): Promise<number> {
  try {
    const { name, rest } = findCommand(args);
    const command = COMMANDS[name];
    if (command === undefined) {
      throw new CliError(unknownCommand(name));
    }
    const parsed = parseCommandLine(rest, command.flags, command.shorts);
    if (parsed.is('help')) {
      terminal.stdout(`Usage:\n  pulumi ${name} [flags]\n\nFlags:\n`);
      Object.keys(command.flags).forEach((flag) => terminal.stdout(`      --${flag}\n`));
      return 0;
    }
    await command.run(new Session(terminal, setup, parsed));
    return 0;
  } catch (error) {
    if (!(error instanceof CliError && error.printed)) {
      terminal.stderr(`error: ${messageOf(error)}\n`);
    }
    return error instanceof CliError ? error.exitCode : 1;
  }
}

/** Splits a command line into the command's words and the rest, with flags before the command moved behind it. */
function findCommand(args: readonly string[]): { name: string; rest: string[] } {
  let start = 0;
  while (args[start]?.startsWith('-') === true) {
    start += LEADING_WITH_VALUE.has(args[start] ?? '') ? 2 : 1;
  }
  const leading = args.slice(0, start);
  const words = args.slice(start);
  if (words.length === 0 && leading.includes('--version')) {
    return { name: 'version', rest: [] };
  }
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const name = words.slice(0, length).join(' ');
    if (Object.hasOwn(COMMANDS, name)) {
      return { name, rest: [...leading, ...words.slice(length)] };
    }
  }
  return { name: words.slice(0, 1).join(' '), rest: [] };
}

function unknownCommand(name: string): string {
  const known = [...new Set(Object.keys(COMMANDS).map((command) => command.split(' ')[0]))].sort().join(', ');
  return name === ''
    ? `the sandbox engine takes one of these commands: ${known}`
    : `unknown command "${name}" for "pulumi"; the sandbox engine has: ${known}`;
}
