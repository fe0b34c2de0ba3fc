/** Part of `npm run bundles`: builds the bundle of the child process for the production engine ahead of time. */
import { fileURLToPath } from 'node:url';
import { CLI_ENGINE } from '../../config/config.ts';
import { childBundle } from './child-bundle.ts';

try {
  process.stdout.write(`${fileURLToPath(await childBundle(CLI_ENGINE.module))}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
