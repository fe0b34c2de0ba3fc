/** Many accounts: environment after environment, the accounts of one side by side, with a bound. */
import type { AccountResult } from './account-stack.ts';
import type { Target } from './settings.ts';
import { ENVIRONMENTS } from './settings.ts';

export interface RollOutOptions {
  /** Accounts at once. */
  parallel: number;
  /** Go on with the other accounts when one fails. Otherwise what has begun is finished, and nothing more is begun. */
  keepGoing: boolean;
  /** From the last environment to the first, for taking away. */
  backwards: boolean;
  /** Aborted: nothing more is begun. What runs is up to the work. */
  signal: AbortSignal;
}

/**
 * @param work what is done with one account; never throws
 * @returns one result a target, in the order of the targets
 */
export async function rollOut(
  targets: readonly Target[],
  work: (target: Target) => Promise<AccountResult>,
  { parallel, keepGoing, backwards, signal }: RollOutOptions,
): Promise<AccountResult[]> {
  const results = new Map<Target, AccountResult>();
  const failed = () => [...results.values()].some(({ outcome }) => outcome === 'failed');
  for (const environment of backwards ? [...ENVIRONMENTS].reverse() : ENVIRONMENTS) {
    const waiting = targets.filter((target) => target.environment === environment);
    const next = () => (signal.aborted || (failed() && !keepGoing) ? undefined : waiting.shift());
    const worker = async () => {
      for (let target = next(); target; target = next()) results.set(target, await work(target));
    };
    await Promise.all(Array.from({ length: parallel }, worker));
  }
  return targets.map((target) => results.get(target) ?? notStarted(target));
}

function notStarted(target: Target): AccountResult {
  return { target, outcome: 'not started', summary: 'another account failed, or the run was ended', seconds: 0 };
}
