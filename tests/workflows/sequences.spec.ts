/**
 * Random sequences of requests, failures and crashes against what must always hold. The service is a process of its own on
 * a real database, and is killed with SIGKILL; its stacks are simulated (stack-simulation.ts).
 *
 * `SEQUENCES` how many (default 80), `SEQUENCES_SEED` to repeat a run. A failure names the sequence in its smallest form
 * and the seed and path to run that alone: `SEQUENCES_SEED=… SEQUENCES_PATH=…`. What happens between two requests of a
 * sequence is up to the machine, so a sequence may have to be run several times to fail again.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CrashingService } from './crashing-service.ts';
import { perform } from './sequence-acts.ts';
import { mustHold } from './sequence-invariants.ts';
import type { Step } from './sequence-steps.ts';
import { sequence } from './sequence-steps.ts';
import { Story } from './sequence-story.ts';

const COUNT = Number(process.env.SEQUENCES ?? 80);
const SEED = Number(process.env.SEQUENCES_SEED ?? process.env.TEST_SEED ?? 1);
const { SEQUENCES_PATH: PATH } = process.env;
/** Sequences at a time: most of each is waiting. */
const AT_ONCE = PATH ? 1 : 16;

describe('random sequences', function () {
  this.timeout(600_000);
  let service: CrashingService;

  before(async () => {
    service = await CrashingService.start();
  });

  after(async () => await service.stop());

  it('keep to what must hold', async () => {
    let number = 0;
    const performed: Partial<Record<Step['do'], number>> = {};
    const property = fc.asyncProperty(sequence, async (steps) => {
      const story = new Story(service, `story-${++number}`);
      await perform(story, { do: 'provision', variant: 0 });
      for (const one of steps) {
        await perform(story, one);
        performed[one.do] = (performed[one.do] ?? 0) + 1;
      }
      await mustHold(story, await story.settle());
    });
    const begun = performance.now();
    const share = Math.ceil(COUNT / AT_ONCE);
    const outcomes = await Promise.allSettled(
      Array.from({ length: AT_ONCE }, (_, index) =>
        fc.assert(property, { seed: SEED + index, numRuns: PATH ? 1 : share, ...(PATH ? { path: PATH } : {}) }),
      ),
    );
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    const steps = Object.entries(performed).map(([name, count]) => `${count} ${name}`);
    process.stdout.write(
      `      ${number} sequences in ${seconds} s, seed ${SEED}: ${steps.join(', ')}; ${service.restarts.length} restarts after SIGKILL (p50 ${median(service.restarts)} ms)\n`,
    );
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
    if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, tell(failures));
    assert.ok(number >= (PATH ? 1 : COUNT));
  });
});

function tell(failures: readonly Error[]): string {
  return failures
    .map(({ message, cause }) => `${message}\n${cause instanceof Error ? cause.message : ''}`)
    .join('\n\n');
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0);
}
