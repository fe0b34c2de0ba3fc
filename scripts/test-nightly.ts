/**
 * `npm run test:nightly`: all tests, with what takes too long for every change: every cell of the fault matrix, a thousand
 * random sequences, 50,000 random requests, and property tests with another seed each night. `TEST_SEED=<printed seed>` repeats a night;
 * arguments go to mocha: `npm run test:nightly -- tests/faults/matrix.spec.ts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { randomInt } from 'node:crypto';

const settings = {
  TEST_SEED: String(randomInt(1, 2 ** 31)),
  SEQUENCES: '1000',
  FAULT_MATRIX: 'all',
  FUZZ_REQUESTS: '50000',
  TEST_TIMEOUT_SCALE: '10',
  ...process.env,
};
process.stdout.write(`TEST_SEED=${settings.TEST_SEED}\n`);
const mocha = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const tests = spawn(process.execPath, [mocha, ...process.argv.slice(2)], { env: settings, stdio: 'inherit' });
const [code] = (await once(tests, 'exit')) as [number | null];
process.exitCode = code ?? 1;
