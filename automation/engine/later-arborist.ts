/**
 * Import this before the Pulumi SDK, in a process that runs from sources: `@npmcli/arborist`, which the SDK loads only to
 * serialize JavaScript functions as Lambda functions, is then loaded on first use. With what it imports itself it takes a third
 * of the SDK's import time. In a bundle the plugin `laterModules` (stacks/bundle/plugins.ts) does the same.
 * @see https://www.pulumi.com/docs/iac/concepts/functions/function-serialization/
 */
import { Module, createRequire } from 'node:module';

const require = createRequire(import.meta.resolve('@pulumi/pulumi'));
const file = require.resolve('@npmcli/arborist');
let arborist: Record<string | symbol, unknown> | undefined;

function load(): Record<string | symbol, unknown> {
  if (require.cache[file] === standIn) Reflect.deleteProperty(require.cache, file);
  return (arborist ??= require(file) as Record<string | symbol, unknown>);
}

const standIn = new Module(file);
standIn.filename = file;
standIn.loaded = true;
// The SDK's compiled code asks `__esModule` first, and copies all that a module exports unless it is true.
standIn.exports = new Proxy({}, { get: (_, name) => name === '__esModule' || load()[name] });
// Unless the SDK is there already.
require.cache[file] ??= standIn;
