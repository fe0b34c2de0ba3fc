/**
 * Part of `npm run bundles [-- <folder>…]`: bundles the Lambda handlers of the built-in blueprints, and of custom ones in the given
 * folders, ahead of time. The image is built with it; elsewhere the first deployment does the same. Bundles are cached by
 * content, so a second run builds nothing.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleText } from './shared/lambda/lambda-bundle.ts';

/** The module that Lambda calls, by its name. */
const HANDLER = /^handler\.[jt]s$/;

function handlersIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && HANDLER.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const folders = [fileURLToPath(new URL('./', import.meta.url)), ...process.argv.slice(2)];
try {
  for (const handler of folders.flatMap(handlersIn)) {
    const bytes = Buffer.byteLength(bundleText(pathToFileURL(handler)));
    process.stdout.write(`${handler}: ${Math.ceil(bytes / 1024)} KiB\n`);
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
