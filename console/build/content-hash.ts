/** The name of a build: a hash of everything that goes into it. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { CLIENT, CONSOLE, ROOT } from './folders.ts';

/** Not part of a build: types are erased, and the page about the folder is for people. */
const NO_INPUT = /(?:\.d\.ts|\.md|tsconfig\.json)$/;

/** @returns 16 hexadecimal digits */
export async function contentHash(): Promise<string> {
  const folders = [CLIENT, CONSOLE].map((folder) => readdir(folder, { recursive: true, withFileTypes: true }));
  const entries = (await Promise.all(folders)).flat();
  const files = entries
    .filter((entry) => entry.isFile() && !NO_INPUT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const file of [join(ROOT, 'package-lock.json'), ...files]) {
    hash.update(`${relative(ROOT, file)}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}
