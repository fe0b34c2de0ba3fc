/** The help of every command: its examples are commands that the program itself accepts. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { Commands } from '../../cli/mlops/command.ts';
import { createProgram } from '../../cli/mlops/program.ts';

const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };

/** A program whose commands only say that they were called. */
function recording(): { program: Command; called: string[] } {
  const program = createProgram(new Commands(streams), streams);
  const called: string[] = [];
  for (const command of program.commands) command.action(() => void called.push(command.name()));
  return { program, called };
}

/** The arguments of each `mlops` in a line for a shell, which may have variables, pipes and redirections around it. */
function callsIn(line: string): string[][] {
  return [...line.matchAll(/(?<=^|[\s(])mlops ((?:"[^"]*"|[^"|>)])*)/g)].map(([, args = '']) =>
    [...args.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''),
  );
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  return text;
}

describe('help of mlops', () => {
  const names = recording().program.commands.map((command) => command.name());

  it('reads examples as a shell does', () => {
    assert.deepEqual(callsIn('A=b mlops show x | mlops reject y --reason "too late" > z'), [
      ['show', 'x'],
      ['reject', 'y', '--reason', 'too late'],
    ]);
    assert.deepEqual(callsIn('eval "$(mlops completion bash)"'), [['completion', 'bash']]);
  });

  for (const name of names) {
    it(`has examples of ${name}, which the program parses, and explains every argument and flag`, () => {
      const command = recording().program.commands.find((one) => one.name() === name);
      assert.ok(command);
      const help = helpOf(command);
      const calls = [...help.matchAll(/^ {2}\$ (.*)$/gm)].flatMap(([, line = '']) => callsIn(line));
      const called = calls.flatMap((args) => {
        const { program, called: by } = recording();
        program.parse(args, { from: 'user' });
        return by;
      });
      assert.ok(called.includes(name), help);
      assert.equal(called.length, calls.length);
      for (const { description } of [...command.registeredArguments, ...command.options]) assert.ok(description, help);
      assert.match(command.description(), /^[A-Z].*\.$/);
    });
  }

  it('is there for every command, in a line each of a terminal with 80 columns', () => {
    assert.ok(names.length > 30, names.join());
    const { program } = recording();
    program.configureHelp({ ...program.configureHelp(), helpWidth: 80 });
    const lines = helpOf(program).split('\n');
    for (const name of names) assert.equal(lines.filter((line) => line.startsWith(`  ${name} `)).length, 1, name);
    const [first] = names
      .map((name) => lines.findIndex((line) => line.startsWith(`  ${name} `)))
      .toSorted((a, b) => a - b);
    const overview = lines.slice(first, lines.indexOf('Exit codes:'));
    // A command that is too long for its line is continued in the next one.
    assert.deepEqual(
      overview.filter((line) => line.length > 80 || /^ {10}/.test(line)),
      [],
    );
  });
});
