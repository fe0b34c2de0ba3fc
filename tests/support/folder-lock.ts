/** Work that the workers of a run must not do at the same time. A folder, which only one process can make, is the lock. */
import { mkdir, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { until } from './until.ts';

/**
 * @param lock path of the folder
 * @param what is waited for, in the words of an assertion
 * @param longestMs to wait for the other workers
 */
export async function withFolderLock<T>(
  lock: string,
  what: string,
  longestMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(lock), { recursive: true });
  await until(() => makeFolder(lock), what, longestMs);
  try {
    return await work();
  } finally {
    await rmdir(lock);
  }
}

/** @returns whether it was not there yet */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
