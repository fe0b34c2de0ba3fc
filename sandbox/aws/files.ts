/** The files below the accounts: what is not there yet is empty, and what is replaced is never seen in parts. */
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Node's error code, such as `ENOENT`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function ifThere<T, Default>(reading: Promise<T>, otherwise: Default): Promise<T | Default> {
  return await reading.catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return otherwise;
    throw error;
  });
}

/** @returns undefined where there is no such file */
export async function readIfThere(file: string): Promise<Buffer | undefined> {
  return await ifThere(readFile(file), undefined);
}

/** The names in a folder. */
export async function entries(folder: string): Promise<string[]> {
  return await ifThere(readdir(folder), []);
}

/** Writes beside a file, since neither a link nor a rename crosses file systems. @returns the name, which no listing shows */
export async function writeBeside(file: string, content: string): Promise<string> {
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(temporary, content, { mode: 0o600 });
  return temporary;
}

export async function replaceFile(file: string, content: string): Promise<void> {
  await rename(await writeBeside(file, content), file);
}

/** One short write with O_APPEND: lines of several processes do not mix. */
export async function appendLine(file: string, value: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `${JSON.stringify(value)}\n`);
}

/** Oldest first. */
export async function readLines<T>(file: string): Promise<T[]> {
  const lines = (await readIfThere(file))?.toString('utf8').split('\n') ?? [];
  return lines.filter(Boolean).map((line) => JSON.parse(line) as T);
}
