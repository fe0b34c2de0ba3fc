/** Many accounts: environment after environment, the accounts of one side by side, with a bound. */
import type { AccountResult, Action, Pulumi } from './account-stack.ts';
import { runOnAccount } from './account-stack.ts';
import type { Target } from './settings.ts';
import { ENVIRONMENTS } from './settings.ts';

export interface RollOutOptions {
  /** Accounts at once. */
  parallel: number;
  /** Go on with the other accounts when one fails. Otherwise what has begun is finished, and nothing more is begun. */
  keepGoing: boolean;
  /** Aborted: what runs is cancelled, and nothing more is begun. */
  signal: AbortSignal;
  /** Told of every change of a resource, and of every account that is done. */
  report: (target: Target, line: string) => void;
}

/** @returns one result a target, in their order; taking away goes from the last environment to the first */
export async function rollOut(
  action: Action,
  targets: readonly Target[],
  pulumi: Pulumi,
  { parallel, keepGoing, signal, report }: RollOutOptions,
): Promise<AccountResult[]> {
  const results = new Map<Target, AccountResult>();
  const mayBegin = () =>
    !signal.aborted && (keepGoing || [...results.values()].every(({ outcome }) => outcome !== 'failed'));
  const order = action === 'destroy' ? [...ENVIRONMENTS].reverse() : ENVIRONMENTS;
  for (const environment of order) {
    const waiting = targets.filter((target) => target.environment === environment);
    const work = async () => {
      for (let target = waiting.shift(); target && mayBegin(); target = waiting.shift()) {
        const result = await runOnAccount(action, target, pulumi, { signal, onChange: report });
        results.set(target, result);
        report(target, `${result.outcome}: ${result.summary}`);
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, work));
  }
  return targets.map((target) => results.get(target) ?? notStarted(target));
}

function notStarted(target: Target): AccountResult {
  return { target, outcome: 'not started', summary: 'another account failed, or the run was ended', seconds: 0 };
}
