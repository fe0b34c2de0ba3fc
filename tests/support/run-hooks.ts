/** What a run of mocha has for all its specs, in whichever process they run. Required by .mocharc.cjs. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Context, RootHookObject, Runnable, Suite } from 'mocha';
import '../../automation/engine/later-modules.ts';
import { stopServer } from './database.ts';
import { beginSpec } from './spec-costs.ts';
import './quiet-sdk.cjs';
import { folderInMemory, temporaryFolder } from './temporary-folder.ts';
import { TIMEOUT_SCALE } from './until.ts';

/** Property tests try the same values every time, so that a red run is one's own change; `npm run test:nightly` tries others. */
const SEED = Number(process.env.TEST_SEED || 1);
fc.configureGlobal({ seed: SEED });

// Specs run on the simulated engine, whatever the machine has; SANDBOX_ENGINE=real takes a Pulumi CLI (npm run test:pulumi).
if (!process.env.PULUMI_ENGINE) process.env.SANDBOX_ENGINE ||= 'simulated';

// Every operation of the simulated engine derives the key of its stack, with the real CLI's million rounds a tenth of its CPU
// time. tests/engine/values.spec.ts reads what the CLI has encrypted.
if (process.env.SANDBOX_ENGINE !== 'real') process.env.SANDBOX_KEY_ROUNDS ??= '1000';

// A run starts some hundred processes that import Pulumi, its providers or the service: compiled once, for all of them.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);

// Most of those live for a second or two and keep what they make: the less often they collect garbage, the better. A seventh of
// the CPU time of a stack operation.
process.env.NODE_OPTIONS ??= '--max-semi-space-size=64';

// Services of specs are stopped or killed soon: processes that they keep ready would mostly be started for nothing. Specs
// that are about those set it themselves.
process.env.WARM_CHILDREN ??= '0';

// As in a sandbox: operations wait for requests, not for the other specs.
process.env.OPERATION_NICENESS ??= '10';

let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;

/** In mocha's own process, before it starts others: they inherit its environment. */
export async function mochaGlobalSetup(): Promise<void> {
  const memory = process.env.TMPDIR ? undefined : await folderInMemory();
  folder = await temporaryFolder(memory);
  process.env.TEST_RUN_FOLDER = folder.path;
  if (memory) process.env.TMPDIR = folder.path;
}

export async function mochaGlobalTeardown(): Promise<void> {
  if (!folder) return;
  await stopServer(folder.path);
  await folder.remove();
}

/**
 * A worker of `mocha --parallel` runs these once for each file; in a run of one process they run once in all, and the
 * reporter knows the files.
 */
export const mochaHooks: RootHookObject = {
  beforeAll(this: Context) {
    const root = this.test?.parent;
    if (!root) return;
    root.suites.forEach(scaleTimeouts);
    if (process.env.MOCHA_WORKER_ID) beginSpec(root.suites[0]?.file);
  },
  afterAll() {
    if (process.env.MOCHA_WORKER_ID) beginSpec(undefined);
  },
};

/** What a spec sets itself, or has from the configuration. */
function scaleTimeouts(suite: Suite): void {
  const hooks = HOOKS.flatMap((name) => (suite as Suite & Record<string, Runnable[] | undefined>)[name] ?? []);
  for (const runnable of [...hooks, ...suite.tests]) runnable.timeout(runnable.timeout() * TIMEOUT_SCALE);
  suite.suites.forEach(scaleTimeouts);
}

/** Where mocha keeps the hooks of a suite. */
const HOOKS = ['_beforeAll', '_beforeEach', '_afterEach', '_afterAll'];
