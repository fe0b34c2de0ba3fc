/** The command line of `npm run environments`. */
import { parseArgs } from 'node:util';
import type { Action } from './account-stack.ts';
import type { EnvironmentName } from './settings.ts';
import { ENVIRONMENTS } from './settings.ts';

export const USAGE = `Usage: npm run environments -- preview|up|destroy|status [dev staging prod] [options]

  --settings <file>   which accounts there are; default: environments.json
  --parallel <n>      accounts of one environment at once, 1–20; default: 4
  --continue          go on with the other accounts when one fails
  --yes               needed by destroy

Exit code: 0 when every account succeeded, 1 when one did not, 2 for a command line or settings that cannot be used.`;

const ACTIONS: readonly string[] = ['preview', 'up', 'destroy', 'status'] satisfies Action[];

export interface Arguments {
  action: Action;
  environments: EnvironmentName[];
  settings: string;
  parallel: number;
  keepGoing: boolean;
}

/** The command line is not one of ours; the message says why. */
export class UsageError extends Error {
  constructor(problem: string) {
    super(`${problem}\n\n${USAGE}`);
    this.name = 'UsageError';
  }
}

/** @throws UsageError */
export function readArguments(args: string[]): Arguments {
  const { values, positionals } = parse(args);
  const [action = '', ...environments] = positionals;
  if (!ACTIONS.includes(action)) throw new UsageError(action ? `${action} is not an action.` : 'No action was given.');
  const unknown = environments.filter((name) => !(ENVIRONMENTS as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new UsageError(`${unknown.join(', ')}: the environments are ${ENVIRONMENTS.join(', ')}.`);
  const parallel = Number(values.parallel);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 20) {
    throw new UsageError('--parallel must be a number from 1 to 20.');
  }
  if (action === 'destroy' && !values.yes) {
    throw new UsageError('destroy takes the way into the accounts away: say --yes if you mean it.');
  }
  return {
    action: action as Action,
    environments: environments as EnvironmentName[],
    settings: values.settings,
    parallel,
    keepGoing: values.continue,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        settings: { type: 'string', default: 'environments.json' },
        parallel: { type: 'string', default: '4' },
        continue: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
