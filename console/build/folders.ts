/** Paths that the build of the console works with. */
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const CONSOLE = fileURLToPath(new URL('../', import.meta.url));
/** Types of the API, generated from its OpenAPI document. */
export const API_TYPES = fileURLToPath(new URL('../src/api/schema.d.ts', import.meta.url));
