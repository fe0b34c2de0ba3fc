import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Backend, StackId } from './backend.ts';
import { entries } from './backend.ts';
import { CliError } from './cli-error.ts';

interface LockFile {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/**
 * Takes the stack's lock. Locks are never stolen, not even from dead processes: only `cancel` removes them.
 *
 * A lock is a directory with one file, put in place by one rename, which fails when another is there: so of two that
 * come at the same instant exactly one gets it.
 *
 * @returns gives the lock back
 * @throws CliError with the text by which the Automation API recognizes a `ConcurrentUpdateError`
 */
export function lockStack(backend: Backend, id: StackId): () => void {
  const directory = backend.lockDirectory(id);
  const content: LockFile = {
    pid: process.pid,
    username: userInfo().username,
    hostname: hostname(),
    timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
  };
  const name = `${randomUUID()}.json`;
  const prepared = join(dirname(directory), `.${randomUUID()}`);
  mkdirSync(prepared, { recursive: true });
  writeFileSync(join(prepared, name), JSON.stringify(content));
  for (;;) {
    try {
      renameSync(prepared, directory);
      break;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const taken = code === 'ENOTEMPTY' || code === 'EEXIST';
      const holders = entries(directory);
      // Locked, but no holder found: it was released between the rename and the read. Retry.
      if (!taken || holders.length > 0) {
        rmSync(prepared, { recursive: true, force: true });
        throw taken ? new CliError(lockedMessage(directory, holders), { cause: error }) : error;
      }
    }
  }
  return () => rmSync(directory, { recursive: true, force: true });
}

/** Removes whatever lock there is. */
export function cancelLock(backend: Backend, id: StackId): void {
  rmSync(backend.lockDirectory(id), { recursive: true, force: true });
}

function lockedMessage(directory: string, holders: string[]): string {
  const locks = holders.map((name) => {
    const file = join(directory, name);
    const url = `${pathToFileURL(file).href}?no_tmp_dir=true`;
    return `\n  ${url}: ${describeLock(file)}`;
  });
  const advice = 'Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.';
  return `the stack is currently locked by ${locks.length} lock(s). ${advice}${locks.join('')}`;
}

function describeLock(file: string): string {
  try {
    const lock = JSON.parse(readFileSync(file, 'utf8')) as LockFile;
    return `created by ${lock.username}@${lock.hostname} (pid ${lock.pid}) at ${lock.timestamp}`;
  } catch {
    // The holder may release it meanwhile.
    return 'created by an unknown process';
  }
}
