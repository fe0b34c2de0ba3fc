import Mocha from 'mocha';
import { beginSpec, readCosts } from './spec-costs.ts';

const { Spec } = Mocha.reporters;
const SLOWEST = Number(process.env.TEST_SLOWEST || 10);

/**
 * Mocha's own report, then the most expensive spec files of a run of several, and one plain last line that a script can
 * read: `N passed, N failed, N skipped`.
 */
export default class SummaryReporter extends Spec {
  constructor(runner, options) {
    super(runner, options);
    if (!runner.isParallelMode()) {
      runner.on('suite', ({ parent, file }) => parent?.root && beginSpec(file));
    }
    runner.once('end', () => {
      if (!runner.isParallelMode()) beginSpec(undefined);
      this.#printSlowest(readCosts());
      const { passes, failures, pending } = this.stats;
      process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`);
    });
  }

  #printSlowest(costs) {
    if (costs.length < 2) return;
    const total = costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    process.stdout.write(`The slowest of ${costs.length} spec files, of ${total.toFixed(0)} CPU-seconds in all:\n`);
    for (const { file, cpuSeconds, wallSeconds } of costs.slice(0, SLOWEST)) {
      process.stdout.write(
        `${cpuSeconds.toFixed(1).padStart(8)} CPU-s ${wallSeconds.toFixed(1).padStart(7)} s  ${file}\n`,
      );
    }
  }
}
