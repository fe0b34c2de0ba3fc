'use strict';

/**
 * What Pulumi's language host for Node.js requires (`main` of package.json), in JavaScript that any Node.js can read. It must be
 * CommonJS: the host loads it with ts-node in place, which cannot load ES modules in TypeScript. `import()` is Node's own.
 */
module.exports = async () => {
  if (!process.features.typescript) {
    throw new Error(
      `This package needs Node.js 22.18 or later, which runs TypeScript natively; this is ${process.version} (${process.execPath}).`,
    );
  }
  await import('./main.ts');
};
