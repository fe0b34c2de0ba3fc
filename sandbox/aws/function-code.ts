/** The code of Lambda functions on disk, by its hash: the store of resources holds hashes only. */
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { Properties } from '../provider.ts';
import { assetHash, isAssetOrArchive, isObject, object, text } from './properties.ts';
import { isCode } from './files.ts';

/** Where the code of an archive is, or would be. @param directory of the sandbox's accounts */
export function codeDirectory(directory: string, archive: Properties): string {
  return join(directory, 'code', assetHash(archive));
}

/** Writes the members of an archive, unless they are there. Members behind a URI are left out: nothing is fetched. */
export async function keepCode(directory: string, inputs: Properties): Promise<void> {
  const code = inputs['code'];
  if (!isAssetOrArchive(code)) return;
  const members = Object.entries(object(code, 'assets')).filter(([, member]) => isObject(member));
  const target = codeDirectory(directory, code);
  if (members.length === 0 || (await exists(target))) return;
  const making = `${target}.${randomUUID()}`;
  for (const [name, member] of members) await writeMember(join(making, safe(name)), member as Properties);
  try {
    await rename(making, target);
  } catch (error) {
    // Another process has kept the same.
    if (!isCode(error, 'ENOTEMPTY') && !isCode(error, 'EEXIST')) throw error;
    await rm(making, { recursive: true, force: true });
  }
}

async function writeMember(file: string, member: Properties): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const path = text(member, 'path');
  if (path === '') await writeFile(file, text(member, 'text'));
  else await copyFile(path, file);
}

/** A member's name never leads out of its archive. */
function safe(name: string): string {
  return normalize(`/${name}`);
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
