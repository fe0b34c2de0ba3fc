/** `npm run bench -- overhead|burst|recover|promote`: performance figures, measured against a named baseline in one run. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { burst } from './bench/burst.ts';
import { overhead } from './bench/overhead.ts';
import { promote } from './bench/promote.ts';
import { recover } from './bench/recover.ts';

const BENCHMARKS: Record<string, (home: string) => Promise<void>> = { overhead, burst, recover, promote };

const benchmark = BENCHMARKS[process.argv[2] ?? ''];
if (benchmark) {
  const home = await mkdtemp(join(tmpdir(), 'mlops-bench-'));
  await chmod(home, 0o755);
  try {
    await benchmark(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
} else {
  console.error(`Which benchmark? npm run bench -- ${Object.keys(BENCHMARKS).join('|')}`);
  process.exitCode = 1;
}
