/** Paths that the build of the console works with. */
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const CONSOLE = fileURLToPath(new URL('../', import.meta.url));
/** What the console shares with the command line. */
export const CLIENT = fileURLToPath(new URL('../../client/', import.meta.url));
