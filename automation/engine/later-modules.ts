/**
 * Import this before the Pulumi SDK, in a process that runs from sources: TypeScript and `@npmcli/arborist`, which the SDK needs
 * only to serialize JavaScript functions as Lambda functions, are then loaded on first use. With what they import themselves
 * they take more than half of the SDK's import time. In a bundle the plugin `laterModules` (stacks/bundle/plugins.ts) does the
 * same.
 * @see https://www.pulumi.com/docs/iac/concepts/functions/function-serialization/
 */
import { Module, createRequire } from 'node:module';

type Exports = Record<string | symbol, unknown>;

const require = createRequire(import.meta.resolve('@pulumi/pulumi'));

/** @param file of a CommonJS module of which others only read properties */
function loadLater(file: string): void {
  let loaded: Exports | undefined;
  const load = (): Exports => {
    if (require.cache[file] === standIn) Reflect.deleteProperty(require.cache, file);
    return (loaded ??= require(file) as Exports);
  };
  const standIn = new Module(file);
  standIn.filename = file;
  standIn.loaded = true;
  // The SDK's compiled code asks `__esModule` first, and copies all that a module exports unless it is true.
  standIn.exports = new Proxy({}, { get: (_, name) => name === '__esModule' || load()[name] });
  // Unless the SDK is there already.
  require.cache[file] ??= standIn;
}

// The SDK's own way to TypeScript: for everyone else it stays as it is.
loadLater(require.resolve('@pulumi/pulumi/typescript-shim'));
loadLater(require.resolve('@npmcli/arborist'));
