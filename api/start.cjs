'use strict';

/**
 * Entry of `npm start`, in JavaScript that any Node.js can read: one that does not run TypeScript would stop at `main.ts`
 * with an error about a file extension.
 */
if (process.features.typescript) {
  void import('./main.ts');
} else {
  process.stderr.write(
    `The service needs Node.js 22.18 or later, which runs TypeScript natively; this is ${process.version} (${process.execPath}).\n`,
  );
  process.exitCode = 1;
}
