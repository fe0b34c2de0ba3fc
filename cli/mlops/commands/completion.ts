/** Completion of commands and flags in a shell, generated from the commands themselves. */
import { Argument } from 'commander';
import type { Command } from 'commander';
import { examples } from '../command.ts';

const SHELLS = ['bash', 'zsh'] as const;

export function addCompletion(program: Command, stdout: NodeJS.WritableStream): void {
  program
    .command('completion')
    .description('Print a script that completes commands and flags.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', examples('eval "$(mlops completion bash)"'))
    .action((shell: (typeof SHELLS)[number]) => void stdout.write(script(program, shell)));
}

function script(program: Command, shell: (typeof SHELLS)[number]): string {
  const shared = flagsOf(program);
  const names = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
  const cases = program.commands.map(
    (command) =>
      `    ${[command.name(), ...command.aliases()].join('|')}) words="${[...flagsOf(command), ...shared].join(' ')}" ;;`,
  );
  return [
    // zsh completes through functions written for bash.
    ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_mlops() {',
    '  local words',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    `    *) words="${[...names, ...shared].join(' ')}" ;;`,
    '  esac',
    // Without a match bash completes file names, which is what --file needs.
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _mlops mlops',
    '',
  ].join('\n');
}

function flagsOf(command: Command): string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), '--help'];
}
