'use strict';

/**
 * Preloaded where Pulumi programs of specs run. The SDK writes the stack trace of every promise that it makes out as text, some
 * dozen for each resource, to print those that never settle: a fifth of the CPU time of all specs that need no process. No
 * spec reads them.
 */
const Module = require('node:module');

const load = Module._load;

Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (/[\\/]debuggable(\.js)?$/.test(request) && loaded.debuggablePromise && !wrapped.has(loaded)) {
    wrapped.add(loaded);
    loaded.debuggablePromise = withoutTrace(loaded.debuggablePromise);
  }
  return loaded;
};

/** Each copy of the SDK has a module of its own. */
const wrapped = new WeakSet();

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
