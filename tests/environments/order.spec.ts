/** In which order accounts are worked on, and how many at once. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AccountResult } from '../../cli/environments/account-stack.ts';
import { rollOut } from '../../cli/environments/roll-out.ts';
import type { EnvironmentName, Target } from '../../cli/environments/settings.ts';
import { until } from '../support/until.ts';

const target = (environment: EnvironmentName, accountId: string): Target => ({
  environment,
  accountId,
  region: 'us-east-1',
  stack: `${environment}.${accountId}`,
  config: {},
});
const TARGETS = [
  target('dev', 'd1'),
  target('dev', 'd2'),
  target('dev', 'd3'),
  target('staging', 's1'),
  target('prod', 'p1'),
];
const OPTIONS = { parallel: 2, keepGoing: false, backwards: false, signal: new AbortController().signal };

/** Accounts that wait until they are let go. */
class Work {
  readonly begun: string[] = [];
  readonly #gates = new Map<string, (outcome: AccountResult['outcome']) => void>();

  readonly run = async (one: Target): Promise<AccountResult> => {
    this.begun.push(one.accountId);
    const outcome = await new Promise<AccountResult['outcome']>((done) => this.#gates.set(one.accountId, done));
    return { target: one, outcome, summary: '', seconds: 0 };
  };

  /** Waits until exactly these have begun, then ends one of them. */
  async end(begun: string[], account: string, outcome: AccountResult['outcome'] = 'succeeded'): Promise<void> {
    await until(() => this.begun.length >= begun.length, `${begun.join(', ')} have begun`);
    assert.deepEqual(this.begun, begun);
    this.#gates.get(account)?.(outcome);
  }
}

const outcomes = (results: AccountResult[]) => results.map(({ target: of, outcome }) => `${of.accountId} ${outcome}`);

describe('accounts', () => {
  it('are worked on environment after environment, a few of each at once', async () => {
    const work = new Work();
    const rolledOut = rollOut(TARGETS, work.run, OPTIONS);
    await work.end(['d1', 'd2'], 'd2');
    await work.end(['d1', 'd2', 'd3'], 'd3');
    await work.end(['d1', 'd2', 'd3'], 'd1');
    await work.end(['d1', 'd2', 'd3', 's1'], 's1');
    await work.end(['d1', 'd2', 'd3', 's1', 'p1'], 'p1');
    assert.deepEqual(
      outcomes(await rolledOut),
      TARGETS.map(({ accountId }) => `${accountId} succeeded`),
    );
  });

  it('are taken away from the last environment to the first', async () => {
    const work = new Work();
    const rolledOut = rollOut(TARGETS, work.run, { ...OPTIONS, parallel: 5, backwards: true });
    await work.end(['p1'], 'p1');
    await work.end(['p1', 's1'], 's1');
    for (const account of ['d1', 'd2', 'd3']) await work.end(['p1', 's1', 'd1', 'd2', 'd3'], account);
    await rolledOut;
  });

  it('that have begun are finished when another one fails, and no more are begun', async () => {
    const work = new Work();
    const rolledOut = rollOut(TARGETS, work.run, OPTIONS);
    await work.end(['d1', 'd2'], 'd1', 'failed');
    await work.end(['d1', 'd2'], 'd2');
    assert.deepEqual(outcomes(await rolledOut), [
      'd1 failed',
      'd2 succeeded',
      'd3 not started',
      's1 not started',
      'p1 not started',
    ]);
  });

  it('are all worked on where failures are no reason to stop', async () => {
    const run = async (one: Target): Promise<AccountResult> => ({
      target: one,
      outcome: one.accountId === 'd1' ? 'failed' : 'succeeded',
      summary: '',
      seconds: 0,
    });
    assert.deepEqual(outcomes(await rollOut(TARGETS, run, { ...OPTIONS, keepGoing: true })), [
      'd1 failed',
      'd2 succeeded',
      'd3 succeeded',
      's1 succeeded',
      'p1 succeeded',
    ]);
  });

  it('are not begun any more when the run is ended', async () => {
    const controller = new AbortController();
    const work = new Work();
    const rolledOut = rollOut(TARGETS, work.run, { ...OPTIONS, signal: controller.signal });
    await work.end(['d1', 'd2'], 'd1');
    await until(() => work.begun.length === 3, 'the third one has begun');
    controller.abort();
    for (const account of ['d2', 'd3']) await work.end(['d1', 'd2', 'd3'], account);
    assert.deepEqual(outcomes(await rolledOut).slice(3), ['s1 not started', 'p1 not started']);
  });
});
