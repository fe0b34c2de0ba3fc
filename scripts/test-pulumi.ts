/**
 * `npm run test:pulumi [-- --all]`: the tests of pulumi-specs.ts on a real Pulumi CLI with the sandbox AWS attached over gRPC. Takes
 * the CLI on the PATH, else the one that `npm run engine` built, else that of the npm package. Without any it says so, skips
 * everything and exits with 0.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { findInstalledCli, withFolderFirst } from '../automation/engine/cli.ts';
import { BUILT_CLI_ROOT } from '../sandbox/built-cli.ts';
import { FURTHER_SPECS, REPRESENTATIVE_SPECS } from './pulumi-specs.ts';

const { values: options } = parseArgs({ options: { all: { type: 'boolean' } } });
const SPECS = options.all ? [...REPRESENTATIVE_SPECS, ...FURTHER_SPECS] : REPRESENTATIVE_SPECS;
/** The npm package fetches the CLI on first use: on a machine that can, this takes a while. */
const FIRST_USE_MS = 180_000;

const path = process.env.PATH ?? '';
const built = join(BUILT_CLI_ROOT, 'bin');
const folder = (await findInstalledCli(path)) ?? (await findInstalledCli(built));
const PATH = folder === undefined ? path : withFolderFirst(path, folder);
const version = await promisify(execFile)('pulumi', ['version'], {
  env: { ...process.env, PATH, PULUMI_SKIP_UPDATE_CHECK: 'true' },
  timeout: FIRST_USE_MS,
}).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

if (version) {
  process.stdout.write(`Pulumi CLI ${version} (${folder ?? 'npm package'}), with the sandbox AWS attached\n`);
  const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
  const tests = spawn(process.execPath, [mocha, '--timeout', '300000', ...SPECS], {
    env: { ...process.env, PATH, SANDBOX_ENGINE: 'real' },
    stdio: 'inherit',
  });
  const [code] = (await once(tests, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} else {
  process.stdout.write(`
SKIPPED: nothing was tested on a real Pulumi CLI. There is none on the PATH, "npm run engine" has built none (it needs Go),
and the npm package could not fetch one.

0 passed, 0 failed, ${SPECS.length} skipped
`);
}
