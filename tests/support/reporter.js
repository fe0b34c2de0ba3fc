import Mocha from 'mocha';

const { Spec } = Mocha.reporters;

/**
 * Mocha's own report, then one plain last line that a script can read: `N passed, N failed, N skipped`.
 */
export default class SummaryReporter extends Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`);
    });
  }
}
