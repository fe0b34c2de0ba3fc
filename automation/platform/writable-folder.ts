/** Whether a folder takes new files: what a disk that is full or read-only refuses. Asked by `GET /readyz`. */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An empty file needs no space; one block does. */
const PROBE = Buffer.alloc(4_096);

/** @returns what the system said, such as `ENOSPC`; undefined where the folder can be written to */
export async function whyNotWritable(folder: string): Promise<string | undefined> {
  const probe = join(folder, `.writable-${randomUUID()}`);
  try {
    await writeFile(probe, PROBE);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
