/** What a run of mocha has for all its specs, in whichever process they run. Required by .mocharc.cjs. */
import { temporaryFolder } from './temporary-folder.ts';
import { stopServer } from './database.ts';

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
