'use strict';

// Files named on the command line are run alone; mocha would add them to the configured ones.
const named = process.argv.slice(2).some((argument) => argument.endsWith('.spec.ts'));

module.exports = {
  ...(named ? {} : { spec: ['tests/**/*.spec.ts'] }),
  require: ['tests/support/run-hooks.ts'],
  reporter: 'tests/support/reporter.js',
  timeout: 60_000,
  'forbid-only': true,
};
