'use strict';

/**
 * Preloaded into Pulumi programs of specs (`NODE_OPTIONS=--require …`): their starts are most of what an operation on a small
 * stack costs. The SDK's runner maps every stack trace to its sources, several for each resource, and loads a compiler and
 * npm's installer, which it needs to serialize functions only. Node runs our TypeScript at its own lines.
 */
const Module = require('node:module');
require('../../automation/engine/later-modules.ts');
require('./quiet-sdk.cjs');

const load = Module._load;

Module._load = function (request, ...rest) {
  return request === 'source-map-support/register' ? {} : load.call(this, request, ...rest);
};
