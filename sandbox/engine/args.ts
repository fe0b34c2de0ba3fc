import { CliError } from './cli-error.ts';

type FlagKind = 'boolean' | 'string' | 'list';

/** The flags of a command, without dashes. */
export type FlagSet = Record<string, FlagKind>;

/** A parsed command line. */
export interface ParsedArgs {
  positional: string[];
  /** Flags in the order they were given, so that `config set-all` can tell what belongs to `--secret`. */
  sequence: Array<{ name: string; value: string }>;
  has(name: string): boolean;
  /** A boolean flag: absent and `--flag=false` are false. */
  is(name: string): boolean;
  value(name: string): string | undefined;
  list(name: string): string[];
}

/** Flags that every command accepts; those for output and logging have no effect here. */
const GLOBAL_FLAGS: FlagSet = {
  'non-interactive': 'boolean',
  color: 'string',
  cwd: 'string',
  stack: 'string',
  help: 'boolean',
  emoji: 'boolean',
  logflow: 'boolean',
  logtostderr: 'boolean',
  verbose: 'string',
  tracing: 'string',
  'disable-integrity-checking': 'boolean',
  'config-file': 'string',
};

const SHORT_FLAGS: Record<string, string> = {
  s: 'stack',
  C: 'cwd',
  h: 'help',
  e: 'emoji',
  v: 'verbose',
  y: 'yes',
  m: 'message',
  j: 'json',
  p: 'parallel',
  f: 'skip-preview',
  r: 'refresh',
  t: 'target',
  a: 'all',
  i: 'show-ids',
  u: 'show-urns',
};

/**
 * Parses a command line like the CLI's flag library: `--flag=value`, `--flag value`, `--bool`, `-s value`, `--`.
 *
 * @param overrides what a short flag means in this command, where it differs (`-f` is `--file` for some)
 * @throws CliError naming the first unknown flag, or a flag without its value
 */
export function parseArgs(args: readonly string[], flags: FlagSet, overrides: Record<string, string> = {}): ParsedArgs {
  const known: FlagSet = { ...GLOBAL_FLAGS, ...flags };
  const positional: string[] = [];
  const sequence: Array<{ name: string; value: string }> = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      positional.push(...args.slice(index + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      continue;
    }
    const equals = arg.indexOf('=');
    const written = equals < 0 ? arg : arg.slice(0, equals);
    const name = flagName(written, overrides);
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) {
      throw new CliError(
        written.startsWith('--')
          ? `unknown flag: ${written}`
          : `unknown shorthand flag: '${written.slice(1, 2)}' in ${written}`,
      );
    }
    let value = equals < 0 ? undefined : arg.slice(equals + 1);
    if (value === undefined && kind === 'boolean') {
      value = 'true';
    } else if (value === undefined) {
      index += 1;
      value = args[index];
    }
    if (value === undefined) {
      throw new CliError(`flag needs an argument: ${written}`);
    }
    sequence.push({ name, value });
  }
  const values = (name: string): string[] => sequence.filter((flag) => flag.name === name).map((flag) => flag.value);
  return {
    positional,
    sequence,
    has: (name) => values(name).length > 0,
    is: (name) => values(name).at(-1) === 'true',
    value: (name) => values(name).at(-1),
    list: values,
  };
}

function flagName(written: string, overrides: Record<string, string>): string {
  if (written.startsWith('--')) {
    return written.slice(2);
  }
  const letter = written.slice(1);
  return overrides[letter] ?? SHORT_FLAGS[letter] ?? letter;
}

/** Flags whose value is optional: the history treats them as text. */
const OPTIONAL_VALUE = new Set(['refresh']);

/** What the history records of a command line: which flags were given, never their values. */
export function flagsForHistory(args: ParsedArgs, flags: FlagSet): Record<string, string> {
  const known: FlagSet = { ...GLOBAL_FLAGS, ...flags };
  return Object.fromEntries(
    args.sequence.map(({ name, value }) => [
      `pulumi.flag.${name}`,
      known[name] === 'boolean' && !OPTIONAL_VALUE.has(name) ? value : 'set',
    ]),
  );
}
