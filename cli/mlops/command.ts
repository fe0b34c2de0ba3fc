/** The context of every command: client, output, arguments and flags. */
import type { Command } from 'commander';
import type { ApiClient } from './client.ts';
import type { ConnectionOptions } from './connection.ts';
import { connect } from './connection.ts';
import type { Format } from './output.ts';
import { Output } from './output.ts';

export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

export interface Call<Options> {
  readonly api: ApiClient;
  readonly output: Output;
  readonly options: Options;
  readonly stdin: NodeJS.ReadableStream;
  /** A line of progress or advice: standard error, so that standard output can be piped. */
  say(line: string): void;
}

/** @returns the exit code; default 0 */
type Act<Options> = (call: Call<Options>, ...args: string[]) => Promise<number | undefined>;

/** Adds commands to the program; what they return becomes the exit code. */
export class Commands {
  readonly #streams: Streams;
  exitCode = 0;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** The action of a command, as commander calls it: arguments, flags, the command. */
  action<Options = unknown>(act: Act<Options>): (...given: unknown[]) => Promise<void> {
    return async (...given) => {
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<ConnectionOptions & { output: Format }>();
      const { stdin, stdout, stderr } = this.#streams;
      const call: Call<Options> = {
        api: connect(options),
        output: new Output(options.output, stdout),
        options: options as Options,
        stdin,
        say: (line) => void stderr.write(`${line}\n`),
      };
      this.exitCode = (await act(call, ...(given.slice(0, -2) as string[]))) ?? 0;
    };
  }
}

/** What `addHelpText('after', …)` adds to the help of a command; a test parses each line with the program. */
export function examples(...lines: readonly [string, ...string[]]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}
