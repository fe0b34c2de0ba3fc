/** Where the built web console is: `npm run console:build` writes it, `/console/` serves it. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One folder for each build, named after what it was built from, and {@link CURRENT}. */
export const CONSOLE_FOLDER = fileURLToPath(new URL('../../node_modules/.cache/console/', import.meta.url));

/** Names of finished builds. */
const BUILD = /^[0-9a-f]{16}$/;

/** A file with the name of the latest build: replaced in one step, so that no page is served from half a build. */
export const CURRENT = 'current';

/** @returns the folders of all builds that are still there: a page that was opened before an update loads parts of its own */
export async function allBuilds(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && BUILD.test(entry.name)).map(({ name }) => join(folder, name));
}

/** @returns the folder of the latest build; undefined if the console was never built */
export async function builtConsole(folder: string): Promise<string | undefined> {
  try {
    return join(folder, (await readFile(join(folder, CURRENT), 'utf8')).trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
