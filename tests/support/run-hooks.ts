/** What a run of mocha has for all its specs, in whichever process they run. Required by .mocharc.cjs. */
import type { Context, RootHookObject } from 'mocha';
import { stopServer } from './database.ts';
import { beginSpec } from './spec-costs.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Specs run on the simulated engine, whatever the machine has; SANDBOX_ENGINE=real takes a Pulumi CLI (npm run test:pulumi).
if (!process.env.PULUMI_ENGINE) process.env.SANDBOX_ENGINE ||= 'simulated';

let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;

/** In mocha's own process, before it starts others: they inherit its environment. */
export async function mochaGlobalSetup(): Promise<void> {
  folder = await temporaryFolder();
  process.env.TEST_RUN_FOLDER = folder.path;
}

export async function mochaGlobalTeardown(): Promise<void> {
  if (!folder) return;
  await stopServer(folder.path);
  await folder.remove();
}

/** A worker of `mocha --parallel` runs these once for each file; in a run of one process the reporter knows the files. */
export const mochaHooks: RootHookObject = process.env.MOCHA_WORKER_ID
  ? {
      beforeAll(this: Context) {
        beginSpec(this.test?.parent?.suites[0]?.file);
      },
      afterAll() {
        beginSpec(undefined);
      },
    }
  : {};
