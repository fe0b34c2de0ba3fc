/**
 * Announces jobs to the clock of the sandbox, which may be another process: a file is written in a folder that the clock
 * watches, so that it looks at nothing while no job runs.
 */
import { mkdirSync, watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folderOf = (directory: string) => join(directory, 'job-signal');

/** Call it once the job is stored. @param directory of the sandbox account */
export async function announceJob(directory: string): Promise<void> {
  const folder = folderOf(directory);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'last'), `${Date.now()}\n`);
}

/** @param listener may be called several times for one job @returns ends the watch, which does not keep the process alive */
export function onJob(directory: string, listener: () => void): () => void {
  const folder = folderOf(directory);
  mkdirSync(folder, { recursive: true });
  const watcher = watch(folder, { persistent: false }, listener);
  // The slow look remains.
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
}
