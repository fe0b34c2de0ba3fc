'use strict';

const { globSync } = require('node:fs');

/**
 * The longest ones, which the workers share in this order: those that wait for half of their time beside those that do not, and
 * none of them at the end. `npm test` prints what they cost.
 */
const LONGEST_FIRST = [
  'tests/faults/matrix.spec.ts',
  'tests/faults/kill.spec.ts',
  'tests/custom-blueprints/authoring.spec.ts',
  'tests/infra/program.spec.ts',
  'tests/workflows/sequences.spec.ts',
  'tests/workflows/promotion.spec.ts',
  'tests/environments/roll-out.spec.ts',
  'tests/faults/one-writer.spec.ts',
  'tests/e2e/realtime.spec.ts',
  'tests/custom-blueprints/lifecycle.spec.ts',
  'tests/e2e/demo.spec.ts',
  'tests/aws/jobs.spec.ts',
  'tests/e2e/all-types.spec.ts',
  'tests/stacks/stack-runner.spec.ts',
  'tests/components/realtime-updates.spec.ts',
  'tests/stacks/deployed-conflicts.spec.ts',
  'tests/faults/takeover.spec.ts',
  'tests/cli/mlops.spec.ts',
  'tests/engine/commands.spec.ts',
  'tests/faults/lost-state.spec.ts',
  'tests/workflows/drift.spec.ts',
];

// More than the two cores that CI has: some specs wait for most of their time.
const WORKERS = 3;

// Files named on the command line are run alone, one after the other; mocha would add them to the configured ones.
const named = process.argv.slice(2).some((argument) => argument.endsWith('.spec.ts'));
const rank = (file) => (LONGEST_FIRST.indexOf(file) + LONGEST_FIRST.length + 1) % (LONGEST_FIRST.length + 1);
// Needs a browser: npm run test:console.
const all = globSync('tests/**/*.spec.ts', { exclude: ['tests/console/**'] }).sort(
  (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1),
);

module.exports = {
  ...(named ? {} : { spec: all, parallel: true, jobs: WORKERS }),
  require: ['tests/support/run-hooks.ts'],
  reporter: 'tests/support/reporter.js',
  // Multiplied by TEST_TIMEOUT_SCALE (tests/support/run-hooks.ts), as what specs set themselves.
  timeout: 60_000,
  'forbid-only': true,
};
