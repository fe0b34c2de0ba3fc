/** The folder in which the child process of an operation works. A child that is killed leaves it to the service to remove. */
import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Called in the child. */
export async function makeWorkFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), prefixOf(process.pid)));
}

/**
 * Called in the service when a child has ended. Synchronous: a service that is stopping does not wait for it.
 * @param pid of the child
 */
export function removeWorkFolders(pid: number): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(prefixOf(pid)))) {
    // What the child started may still be writing.
    rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  }
}

function prefixOf(pid: number): string {
  return `mlops-stack-${pid}-`;
}
