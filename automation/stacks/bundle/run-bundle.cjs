'use strict';

/**
 * Entry of a program in a bundle (cached-bundle.ts puts a copy there as `<program>.cjs`): runs `<program>.bundle.cjs` with the
 * functions that an earlier process has compiled. Node's own cache of compiled code holds what V8 compiles before a module
 * runs, and so none of the functions that are called later: compiling those again was a quarter of what an operation takes.
 */
const { accessSync, constants: access, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire, enableCompileCache, getCompileCacheDir, wrap } = require('node:module');
const { basename, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { cachedDataVersionTag } = require('node:v8');
const { Script, constants } = require('node:vm');

/** What the process had done, the best first: after an operation more is compiled than after a start. */
const STAGES = ['worked', 'started'];

const { filename: entry, path: folder } = module;
const file = entry.replace(/\.cjs$/, '.bundle.cjs');
// V8 takes only what the same version of it has compiled, with the same flags.
const compiled = join(cacheFolder(), [basename(folder), basename(file), cachedDataVersionTag()].join('-'));
const cacheOf = (name) => `${compiled}.${name}`;

let stage = STAGES.length;
const cachedData = readBest();
// A program may begin with `#!`, which only the start of a file may have.
const script = new Script(wrap(readFileSync(file, 'latin1').replace(/^#!.*/, '')), {
  // Stack traces name it.
  filename: pathToFileURL(file).href,
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
if (script.cachedDataRejected) stage = STAGES.length;

/** Beside the bundle, with which it is removed. Where that is read-only, as in the image: where Node keeps its own. */
function cacheFolder() {
  try {
    accessSync(folder, access.W_OK);
    return folder;
  } catch {
    enableCompileCache();
    return getCompileCacheDir() ?? folder;
  }
}

function readBest() {
  for (const [index, name] of STAGES.entries()) {
    try {
      const data = readFileSync(cacheOf(name));
      stage = index;
      return data;
    } catch {
      // The next best.
    }
  }
  return undefined;
}

/** For those that start later. Where it cannot be written, they compile as this one did. */
function keepCompiledCode(name) {
  const index = STAGES.indexOf(name);
  if (index >= stage) return;
  stage = index;
  try {
    const making = `${cacheOf(name)}.${process.pid}`;
    writeFileSync(making, script.createCachedData());
    renameSync(making, cacheOf(name));
  } catch {
    // As above.
  }
}

const bundle = { exports: {}, keepCompiledCode };
script.runInThisContext()(bundle.exports, createRequire(file), bundle, file, folder);
