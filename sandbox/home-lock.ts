/** One sandbox per home: a file names the process that has it; a file left by a dead process is taken over. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAlive, processStart } from '../automation/platform/process-identity.ts';

/** Another process runs on this home. */
export class HomeInUse extends Error {
  readonly code = 'HOME_IN_USE';

  constructor(home: string, pid: number) {
    super(
      `A sandbox already runs on ${home} (process ${pid}). Stop it first, or give this one another home: SANDBOX_HOME=<folder> npm run sandbox`,
    );
    this.name = 'HomeInUse';
  }
}

/**
 * @returns a function that releases the home
 * @throws HomeInUse
 */
export async function lockHome(home: string, file: string): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started: await processStart(process.pid) });
  for (;;) {
    try {
      await writeFile(file, mine, { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(await readFile(file, 'utf8').catch(() => ''));
    if (owner && (await isAlive(owner.pid, owner.started))) throw new HomeInUse(home, owner.pid);
    await rm(file, { force: true });
  }
}

/** A file left incomplete by a killed process names no holder. */
function readOwner(text: string): { pid: number; started: string } | undefined {
  try {
    return JSON.parse(text) as { pid: number; started: string };
  } catch {
    return undefined;
  }
}
