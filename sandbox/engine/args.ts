import { parseArgs } from 'node:util';
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
export function parseCommandLine(
  args: readonly string[],
  flags: FlagSet,
  overrides: Record<string, string> = {},
): ParsedArgs {
  const known: FlagSet = { ...GLOBAL_FLAGS, ...flags };
  const names: Record<string, string | undefined> = { ...SHORT_FLAGS, ...overrides };
  const letters = new Map(Object.entries(names).map(([letter, name]) => [name, letter]));
  // Node's parser knows `-svalue` and `-s value`, but not `-s=value`.
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const spelled = args.map((arg, index) => {
    const name = index < end && /^-\w=/.test(arg) ? names[arg.charAt(1)] : undefined;
    return name === undefined ? arg : `--${name}${arg.slice(2)}`;
  });
  const options = Object.entries(known).map(([name, kind]) => {
    const short = letters.get(name);
    return [name, { type: kind === 'boolean' ? 'boolean' : 'string', ...(short && { short }) }] as const;
  });
  const { positionals, tokens } = parseArgs({
    args: spelled,
    options: Object.fromEntries(options),
    strict: false,
    tokens: true,
  });
  const sequence = tokens.flatMap((token) => {
    if (token.kind !== 'option') {
      return [];
    }
    const { name, rawName } = token;
    if (!Object.hasOwn(known, name)) {
      const isShort = !rawName.startsWith('--');
      throw new CliError(isShort ? `unknown shorthand flag: '${name}' in ${rawName}` : `unknown flag: ${rawName}`);
    }
    const value = token.value ?? (known[name] === 'boolean' ? 'true' : undefined);
    if (value === undefined) {
      throw new CliError(`flag needs an argument: ${rawName}`);
    }
    return [{ name, value }];
  });
  const values = (name: string): string[] => sequence.filter((flag) => flag.name === name).map((flag) => flag.value);
  return {
    positional: positionals,
    sequence,
    has: (name) => values(name).length > 0,
    is: (name) => values(name).at(-1) === 'true',
    value: (name) => values(name).at(-1),
    list: values,
  };
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
