'use strict';

/**
 * Preloaded where Pulumi programs of specs run. For each resource the SDK writes out some dozen stack traces as text, in case
 * that a promise never settles, and sends the engine four to five debug messages, with the whole answer in one: a fifth of the CPU time of all specs that
 * need no process. No spec reads them. Operations in children do without them too (automation/stacks/bundle/plugins.ts), and
 * encode strings in the same way.
 */
const Module = require('node:module');
const useNativeStrings = require('../../automation/stacks/bundle/native-strings.cjs');

const load = Module._load;
/** Each copy of the SDK has modules of its own. */
const changed = new WeakSet();

Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (/[\\/](debuggable|log)(\.js)?$/.test(request) && !changed.has(loaded)) {
    changed.add(loaded);
    if (loaded.debuggablePromise) loaded.debuggablePromise = withoutTrace(loaded.debuggablePromise);
    if (loaded.debug && loaded.hasErrors) loaded.debug = () => Promise.resolve();
  }
  if (request === 'google-protobuf' && !changed.has(loaded)) {
    changed.add(loaded);
    useNativeStrings(loaded);
    loaded.Message.prototype.toString = () => 'a message';
  }
  return loaded;
};

function withoutTrace(debuggablePromise) {
  return (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}
