/** The folder in which the child process of an operation works. A child that is killed leaves it to the service to remove. */
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
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
  const prefix = prefixOf(pid);
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(prefix))) {
    // What the child started may still be writing.
    rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  }
}

/** A process id means something within its PID namespace only, and containers may share the folder for temporary files. */
function prefixOf(pid: number): string {
  return `mlops-stack-${pidNamespace()}-${pid}-`;
}

/** @see https://man7.org/linux/man-pages/man7/pid_namespaces.7.html */
function pidNamespace(): string {
  if (process.platform !== 'linux') return '0';
  // Such as `pid:[4026531836]`.
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
}
