/** The size of an asset or archive. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Properties } from '../provider.ts';
import { isObject, object, text } from './properties.ts';

/**
 * @returns bytes: of the text, of the file or directory at the path, or of all members together. Content behind a URI
 *   counts as 0, since nothing is fetched.
 */
export async function contentSize(asset: Properties): Promise<number> {
  const path = text(asset, 'path');
  const own = path === '' ? Buffer.byteLength(text(asset, 'text')) : await sizeOnDisk(path);
  const members = Object.values(object(asset, 'assets')).filter(isObject);
  return (await Promise.all(members.map(contentSize))).reduce((sum, size) => sum + size, own);
}

async function sizeOnDisk(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return found?.size ?? 0;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOnDisk(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
