import { chmod, mkdtemp, readFile, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder that others may enter too: PostgreSQL may run as another account. */
export async function temporaryFolder(parent = tmpdir()): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(parent, 'mlops-test-'));
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Where Linux has a file system in memory, as POSIX wants for shared memory. */
const MEMORY = '/dev/shm';
/** A run needs less than half of that at a time. */
const NEEDED_BYTES = 4e9;

/**
 * A run writes and renames small files all the time, each of which a disk takes milliseconds for.
 * @returns undefined where there is none that is large enough (Docker's default is 64 MB), or that programs may run from
 */
export async function folderInMemory(): Promise<string | undefined> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const [, , type, options = ''] =
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, at]) => at === MEMORY) ?? [];
  if (type !== 'tmpfs' || options.split(',').some((one) => one === 'noexec' || one === 'ro')) return undefined;
  const { bavail, bsize } = await statfs(MEMORY);
  return bavail * bsize >= NEEDED_BYTES ? MEMORY : undefined;
}
