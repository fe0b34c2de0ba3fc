/**
 * `npm run test:pulumi`: the end-to-end and fault tests on the real Pulumi CLI with the sandbox AWS attached over gRPC.
 * Without a CLI it says so, skips everything and exits with 0.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { preferInstalledCli } from '../automation/engine/cli.ts';

const SPECS = ['tests/e2e/realtime.spec.ts', 'tests/faults/kill.spec.ts'];
/** The npm package fetches the CLI on first use: on a machine that can, this takes a while. */
const FIRST_USE_MS = 180_000;

const PATH = await preferInstalledCli(process.env.PATH ?? '');
const version = await promisify(execFile)('pulumi', ['version'], {
  env: { ...process.env, PATH, PULUMI_SKIP_UPDATE_CHECK: 'true' },
  timeout: FIRST_USE_MS,
}).then(
  ({ stdout }) => stdout.trim(),
  () => undefined,
);

if (version) {
  process.stdout.write(`Pulumi CLI ${version}, with the sandbox AWS attached\n`);
  const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
  const tests = spawn(process.execPath, [mocha, '--timeout', '300000', ...SPECS], {
    env: { ...process.env, PATH, PULUMI_ENGINE: 'cli', SANDBOX_AWS: '1' },
    stdio: 'inherit',
  });
  const [code] = (await once(tests, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} else {
  process.stdout.write(
    'There is no Pulumi CLI on the PATH, and the npm package could not fetch one: nothing was run.\n',
  );
  process.stdout.write(`0 passed, 0 failed, ${SPECS.length} skipped\n`);
}
